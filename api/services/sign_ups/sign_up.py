"""Sign up for a community: what is typed into its page, before anybody has confirmed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.accounts.mailed_links import LinkDesk
from api.services.communities.create_community import check_place
from api.services.sign_ups.publish_community import is_slug
from api.services.sign_ups.sealed_details import (
    SignUpDetails,
    index_email,
    index_meter,
    index_network,
    seal_details,
)
from api.services.sign_ups.sign_up_mails import LinkKind, mail_link
from api.services.sign_ups.space_mails import CONFIRMED_WITHIN, find_moment, tell_moment
from models.keyring import Keyring
from models.regulation.dated_figures import Figure
from models.regulation.distance_limits import distance_limit_on
from models.repositories.public_pages import find_last_notice, find_published, group_plants
from models.repositories.sign_ups import (
    count_unconfirmed,
    find_crowding,
    find_waiting,
    remove_sign_up,
)
from models.tables import PublicPage, SelfConsumptionInstallation, SignUp
from models.values.calendar import LAW_CLOCK, local_day
from models.values.cups import Cups
from models.values.email_address import check_email
from models.values.errors import (
    CommunityError,
    ConflictError,
    ErrorCode,
    InvalidArgumentError,
    NotFoundError,
)
from models.values.language import Language
from models.values.names import check_name
from models.values.nif import Nif
from models.values.power import to_watts
from models.values.tariff import Tariff, check_contracted_power
from planner.places import Place, measure_distance

_MOST_UNCONFIRMED = 500
"""Of a community: beyond that somebody floods it."""

_MOST_CONSUMPTION_KWH = 100_000_000
_LONGEST_PHONE = 30
_PHONE_SIGNS = frozenset("0123456789 +-./()")


class UnknownPageError(NotFoundError):
    """No community is published under a name.

    Attributes
    ----------
    slug : str
        The name.
    """

    def __init__(self, slug: str) -> None:
        super().__init__("there is no such community")
        self.slug = slug


class ClosedSignUpError(ConflictError):
    """A community takes nobody at present."""

    def __init__(self) -> None:
        super().__init__("nobody can sign up for this community at present")


class StaleNoticeError(ConflictError):
    """The privacy notice has changed since it was read.

    Attributes
    ----------
    version : int
        The present one.
    """

    def __init__(self, version: int) -> None:
        super().__init__(f"the privacy notice has changed: read version {version} and agree to it")
        self.version = version


class TooFarFromPlantError(CommunityError):
    """A meter is too far from every plant of a community.

    Attributes
    ----------
    distance_m : int
        To the nearest one [m].
    limit_m : int
        What it must be strictly below [m].
    source : str
        The law that says so.
    """

    code = ErrorCode.TOO_FAR

    def __init__(self, distance_m: float, limit: Figure) -> None:
        self.distance_m = int(distance_m)
        self.limit_m = int(limit.value)
        self.source = limit.source
        super().__init__(
            f"the supply point is {self.distance_m} m from the nearest plant, and must be less than"
            f" {self.limit_m} m away ({limit.source})"
        )


class UnfitSignUpError(InvalidArgumentError):
    """Something that was typed in makes no sense.

    Attributes
    ----------
    field : str
        What.
    """

    def __init__(self, field: str) -> None:
        super().__init__(f"the {field} makes no sense: correct it, or leave it out")
        self.field = field


@dataclass(frozen=True, slots=True)
class SignUpWish:
    """What somebody typed into the page of a community.

    Attributes
    ----------
    slug : str
        Name of the page.
    name, tax_number, email : str
        Who signs up.
    cups : Cups
        Supply point.
    tariff : Tariff
        Its access tariff.
    contracted_kw : float
        Its contracted power [kW].
    language : Language
        In which they are written to.
    notice_version : int
        Version of the privacy notice to which they agreed.
    phone : str or None
        Telephone.
    place : tuple of float or None
        Latitude and longitude of the meter [degrees].
    yearly_kwh : float or None
        What they declare to consume in a year [kWh].

    Raises
    ------
    InvalidNameError, InvalidIdentifierError, UnfitEmailError, UnfitSignUpError, PlaceError
        If something has another form.
    InvalidDataError, ExcessivePowerError
        If the power is none, or more than the tariff is for.
    """

    slug: str
    name: str
    tax_number: str
    email: str
    cups: Cups
    tariff: Tariff
    contracted_kw: float
    language: Language
    notice_version: int
    phone: str | None = None
    place: tuple[float, float] | None = None
    yearly_kwh: float | None = None

    def __post_init__(self) -> None:
        check_name("person's", self.name)
        Nif(self.tax_number)
        check_email(self.email)
        check_contracted_power(self.tariff, to_watts(self.contracted_kw))
        if self.place is not None:
            check_place(*self.place)
        if self.phone is not None and not _is_phone(self.phone):
            raise UnfitSignUpError("telephone")
        if self.yearly_kwh is not None and not 0 <= self.yearly_kwh <= _MOST_CONSUMPTION_KWH:
            raise UnfitSignUpError("yearly consumption")

    @property
    def details(self) -> SignUpDetails:
        """Give what rests sealed."""
        lat, lon = self.place or (None, None)
        return SignUpDetails(
            self.name, self.tax_number, self.email, self.phone, str(self.cups), lat, lon
        )


def sign_up(
    session: Session, *, wish: SignUpWish, network: str, desk: LinkDesk, now: datetime
) -> None:
    """Keep a sign-up for a while, and write to its address for it to be confirmed.

    Whether the meter or the address is known already is not told: the answer is the same. Where
    more wait to be confirmed than people make, the oldest of the network goes that has most.

    Parameters
    ----------
    session : Session
        Open writing transaction that reaches everything.
    wish : SignUpWish
        What was typed in.
    network : str
        From which it comes; a digest of it is kept until the sign-up is confirmed.
    desk : LinkDesk
        Where links are written.
    now : datetime
        The present instant.

    Raises
    ------
    UnknownPageError
        If no community is published under that name.
    ClosedSignUpError
        If it takes nobody.
    StaleNoticeError
        If another privacy notice was agreed to.
    TooFarFromPlantError
        If the meter is too far from every plant.

    Notes
    -----
    RD 244/2019, article 3.g: the distance is to the consumption meter. Regulation (EU) 2016/679,
    article 7(1): the version that was agreed to is kept, and when.
    """
    found = find_published(session, slug=wish.slug) if is_slug(wish.slug) else None
    if found is None:
        raise UnknownPageError(wish.slug)
    page, community = found
    notice_id = _check_notice(session, page, wish.notice_version)
    plants = group_plants(session, community_ids=[community.id])[community.id]
    distance_m = _check_distance(wish.place, plants, now)
    owner: dict[str, Any] = {"promoter_id": page.promoter_id, "community_id": community.id}
    sender: dict[str, Any] = {
        "email_index": index_email(desk.keyring, wish.email),
        "network_index": index_network(desk.keyring, network),
    }
    leaves_at = _take_turn(session, owner, sender, now)
    row = _make_row(
        wish,
        desk.keyring,
        **owner,
        **sender,
        notice_id=notice_id,
        distance_m=distance_m,
        created_at=now,
        expires_at=leaves_at + CONFIRMED_WITHIN,
    )
    mail_link(
        session,
        sign_up=row,
        recipient=wish.email,
        kind=LinkKind.CONFIRMATION,
        community=community.name,
        desk=desk,
        now=now,
        due_at=leaves_at,
    )
    session.add(row)
    session.flush()


def _take_turn(
    session: Session, owner: dict[str, Any], sender: dict[str, Any], now: datetime
) -> datetime:
    """Make room for a sign-up, and tell when its e-mail goes.

    One whose e-mail still waits is replaced by the next one of the same address and network.
    """
    waiting = find_waiting(session, **owner, **sender, expires_after=now + CONFIRMED_WITHIN)
    if waiting is not None:
        remove_sign_up(session, sign_up_id=waiting.id)
        return tell_moment(waiting)
    if count_unconfirmed(session, **owner) >= _MOST_UNCONFIRMED:
        remove_sign_up(session, sign_up_id=find_crowding(session, **owner))
    return find_moment(session, **sender, now=now)


def _make_row(wish: SignUpWish, keyring: Keyring, **columns: Any) -> SignUp:
    """Write down what was typed in: who it is, sealed."""
    key = uuid4()
    return SignUp(
        id=key,
        sealed_details=seal_details(keyring, wish.details, sign_up_id=key),
        meter_index=index_meter(keyring, wish.cups),
        tariff=wish.tariff,
        contracted_power_w=to_watts(wish.contracted_kw),
        yearly_consumption_wh=None if wish.yearly_kwh is None else round(wish.yearly_kwh * 1_000),
        language=wish.language,
        **columns,
    )


def _check_notice(session: Session, page: PublicPage, version: int) -> UUID:
    """Make sure that people can sign up, and agreed to what is said now."""
    notice = find_last_notice(session, promoter_id=page.promoter_id, community_id=page.community_id)
    if notice is None or not page.is_open:
        raise ClosedSignUpError
    if notice.version != version:
        raise StaleNoticeError(notice.version)
    return notice.id


def _check_distance(
    place: tuple[float, float] | None, plants: Iterable[SelfConsumptionInstallation], now: datetime
) -> int | None:
    """Measure the way to the nearest plant [m]; None where an end of it is not known."""
    known = [
        Place(plant.lat, plant.lon)
        for plant in plants
        if plant.lat is not None and plant.lon is not None
    ]
    if place is None or not known:
        return None
    nearest_m = min(measure_distance(Place(*place), each) for each in known)
    limit = distance_limit_on(local_day(now, LAW_CLOCK))
    if nearest_m >= limit.value:
        raise TooFarFromPlantError(nearest_m, limit)
    return int(nearest_m)


def _is_phone(text: str) -> bool:
    return bool(text.strip()) and len(text) <= _LONGEST_PHONE and _PHONE_SIGNS.issuperset(text)
