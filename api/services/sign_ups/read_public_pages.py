"""Read what everybody may know of communities: sums, and nothing of anybody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.policies import FEWEST_TOGETHER
from api.services.sign_ups.publish_community import is_slug
from models.regulation.dated_figures import Figure
from models.regulation.distance_limits import distance_limit_on
from models.regulation.emission_factors import emission_factor_on
from models.repositories import public_pages
from models.repositories.public_pages import PageOfCommunity, SharersCount
from models.tables import Community, PrivacyNotice, PublicPage
from models.values.calendar import LAW_CLOCK, local_day
from models.values.period import Period, add_months
from models.values.power import to_kw

_MOST_MONTHS = 12
_DAYS_BACK = 400
_WH_PER_KWH = 1_000
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class PublicMonth:
    """What the plants of a community did in a local month.

    Attributes
    ----------
    month : date
        Its first local day.
    generation_wh : int
        Net generation [Wh].
    avoided_kg : Decimal or None
        CO2 that its members' self-consumption avoided [kg]; None where too few shared to be told.
    """

    month: date
    generation_wh: int
    avoided_kg: Decimal | None


@dataclass(frozen=True, slots=True)
class PublicCommunity:
    """What everybody may know of a community.

    Attributes
    ----------
    page : PublicPage
        What its promoter tells.
    name : str
        Its name.
    plants_kw : tuple of float
        Inverter power of each of its plants [kW].
    since : date or None
        First day on which somebody of today's members shared; None while nobody does.
    n_members : int or None
        How many share; None where they are fewer than five.
    months : tuple of PublicMonth
        The last twelve that were shared out, the earliest first.
    distance_limit : Figure
        How near a meter must be to a plant [m]: strictly below.
    notice : PrivacyNotice or None
        What people read before they sign up.
    """

    page: PublicPage
    name: str
    plants_kw: tuple[float, ...]
    since: date | None
    n_members: int | None
    months: tuple[PublicMonth, ...]
    distance_limit: Figure
    notice: PrivacyNotice | None

    @property
    def is_open(self) -> bool:
        """Whether people can sign up now."""
        return self.page.is_open and self.notice is not None


def find_public_community(session: Session, *, slug: str, now: datetime) -> PublicCommunity | None:
    """Read what is told of the community of a page.

    Parameters
    ----------
    session : Session
        Open transaction that reaches everything.
    slug : str
        Name of the page.
    now : datetime
        The present instant.

    Returns
    -------
    PublicCommunity or None
        None where there is no such page, whether it was taken back or never there.

    Raises
    ------
    UnknownFigureError
        If the law's distance of the day is not known.
    """
    found = public_pages.find_published(session, slug=slug) if is_slug(slug) else None
    return None if found is None else _describe(session, [found], now)[0]


def list_public_communities(
    session: Session, *, first: int, after: tuple[str, UUID] | None, now: datetime
) -> list[PublicCommunity]:
    """Read what is told of the first published communities after a place.

    Parameters
    ----------
    session : Session
        Open transaction that reaches everything.
    first : int
        How many at most.
    after : tuple of str and UUID, optional
        Name and id of the page before; from the start without one.
    now : datetime
        The present instant.

    Returns
    -------
    list of PublicCommunity
        By the names of their pages.

    Raises
    ------
    UnknownFigureError
        If the law's distance of the day is not known.
    """
    return _describe(session, public_pages.list_published(session, first=first, after=after), now)


def count_public_communities(session: Session) -> int:
    """Count the published communities.

    Parameters
    ----------
    session : Session
        Open transaction.

    Returns
    -------
    int
        How many the public sees.
    """
    return public_pages.count_published(session)


def _describe(
    session: Session, found: Sequence[PageOfCommunity], now: datetime
) -> list[PublicCommunity]:
    keys = [community.id for _, community in found]
    since = now - timedelta(days=_DAYS_BACK)
    plants = public_pages.group_plants(session, community_ids=keys)
    sharers = public_pages.count_sharers(session, community_ids=keys)
    generated = public_pages.group_generation(session, community_ids=keys, since=since)
    memberships = public_pages.group_memberships(session, community_ids=keys)
    used = public_pages.sum_self_consumed(
        session, community_ids=keys, since=since, fewest=FEWEST_TOGETHER
    )
    notices = public_pages.map_last_notices(session, community_ids=keys)
    limit = distance_limit_on(local_day(now, LAW_CLOCK))
    return [
        PublicCommunity(
            page=page,
            name=community.name,
            plants_kw=tuple(to_kw(plant.inverter_power_w) for plant in plants[community.id]),
            since=sharers[community.id].since if community.id in sharers else None,
            n_members=_count_members(sharers.get(community.id)),
            months=_list_months(
                community,
                generated.get(community.id, {}),
                used.get(community.id, {}),
                {plant.id: memberships[plant.id] for plant in plants[community.id]},
            ),
            distance_limit=limit,
            notice=notices.get(community.id),
        )
        for page, community in found
    ]


def _count_members(sharers: SharersCount | None) -> int | None:
    is_told = sharers is not None and sharers.n_members >= FEWEST_TOGETHER
    return sharers.n_members if sharers is not None and is_told else None


def _list_months(
    community: Community,
    generated: Mapping[datetime, Mapping[UUID, int]],
    used: Mapping[datetime, int],
    memberships: Mapping[UUID, Collection[Period]],
) -> tuple[PublicMonth, ...]:
    starts = sorted(generated)[-_MOST_MONTHS:]
    return tuple(
        _show_month(community, start, generated[start], used.get(start), memberships)
        for start in starts
    )


def _show_month(
    community: Community,
    start: datetime,
    generation_wh: Mapping[UUID, int],
    used_micro_wh: int | None,
    memberships: Mapping[UUID, Collection[Period]],
) -> PublicMonth:
    """Reckon a month: self-consumed energy times the factor of the zone (docs/formulation.md).

    Of a month that some plant has not shared out yet nothing is told: benefits count it, and tell
    less this sum what the members of that plant alone used.
    """
    month = local_day(start.astimezone(UTC), community.timezone)
    whole = Period(month, add_months(month, 1))
    shares_in = {key for key, spans in memberships.items() if any(map(whole.overlaps, spans))}
    avoided_kg = None
    if used_micro_wh is not None and shares_in <= generation_wh.keys():
        factor = emission_factor_on(month, community.zone)
        avoided_kg = Decimal(used_micro_wh) / (_MICRO * _WH_PER_KWH) * factor.value
    return PublicMonth(month, sum(generation_wh.values()), avoided_kg)
