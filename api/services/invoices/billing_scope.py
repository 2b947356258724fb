"""Gather who pays for what in a billing period, in a fixed number of queries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.energy.find_shares import find_applied_shares
from api.services.invoices.entry_fees import FeeKey, FeePart, find_charged_parts, list_rest
from models.repositories.debts import group_holder_changes
from models.repositories.installations import group_installations
from models.repositories.members import map_members
from models.repositories.payment_plans import (
    group_plan_terms,
    group_subscriptions,
    map_issuers,
    map_payers,
    map_plans,
)
from models.repositories.supply_points import list_community_supply_points, map_supply_points
from models.tables import (
    Community,
    HolderChange,
    InvoiceIssuer,
    Member,
    Payer,
    PaymentPlan,
    PlanSubscription,
    PlanTerm,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.errors import InvalidArgumentError
from models.values.period import Period, add_months
from planner.dated_shares import Share

_MOST_MONTHS = 12


class BillingPeriodError(InvalidArgumentError):
    """A period that is not billed: one of other than 1 to 12 whole months.

    Attributes
    ----------
    period : Period
        What was offered.
    """

    def __init__(self, period: Period) -> None:
        super().__init__(
            f"{period.start} to {period.end} is not 1 to {_MOST_MONTHS} whole months: begin and "
            "end on the first day of a month"
        )
        self.period = period


@dataclass(frozen=True, slots=True)
class Holder:
    """A member, and the days on which a supply point was its own.

    Attributes
    ----------
    member_id : UUID
        Whose it was.
    days : Period
        From the first one of a month to that of another, because holders change on those.
    """

    member_id: UUID
    days: Period


@dataclass(frozen=True, slots=True, eq=False)
class BillingScope:
    """A community's plants, supply points and plans in a billing period.

    Attributes
    ----------
    community : Community
        Whose members are billed.
    period : Period
        Whole months, closed.
    plants : mapping of UUID to SelfConsumptionInstallation
        Its plants, by CAU.
    points : mapping of UUID to SupplyPoint
        Supply points that share or pay, by CUPS.
    holders : mapping of UUID to sequence of Holder
        Whose they ever were, by supply point and day.
    members : mapping of UUID to Member
        Those holders.
    payers : mapping of UUID to Payer
        Who pays, by member.
    subscriptions : mapping of UUID to sequence of PlanSubscription
        By supply point and day; of those that ended before, the ones with a fee left to charge.
    plans : mapping of UUID to PaymentPlan
        Those subscribed to.
    terms : mapping of UUID to sequence of PlanTerm
        By plan, position and day.
    issuers : mapping of UUID to InvoiceIssuer
        Of the plans.
    shares : mapping of UUID to mapping of UUID to sequence of Share
        What the distributor applied, by plant and supply point.
    charged : frozenset of FeeKey
        Parts of entry fees that other invoices charged.
    """

    community: Community
    period: Period
    plants: Mapping[UUID, SelfConsumptionInstallation]
    points: Mapping[UUID, SupplyPoint]
    holders: Mapping[UUID, Sequence[Holder]]
    members: Mapping[UUID, Member]
    payers: Mapping[UUID, Payer]
    subscriptions: Mapping[UUID, Sequence[PlanSubscription]]
    plans: Mapping[UUID, PaymentPlan]
    terms: Mapping[UUID, Sequence[PlanTerm]]
    issuers: Mapping[UUID, InvoiceIssuer]
    shares: Mapping[UUID, Mapping[UUID, Sequence[Share]]]
    charged: frozenset[FeeKey]

    def list_rest(self, row: PlanSubscription) -> list[FeePart]:
        """List the parts of a fee that the end of a subscription leaves, and no invoice charged."""
        rest = list_rest(row, self.terms[row.plan_id], end_of(self.period))
        return [part for part in rest if part.key not in self.charged]

    def list_charged_days(
        self, point_id: UUID, holder: Holder
    ) -> list[tuple[PlanSubscription, Period]]:
        """List the days of the period that a holder pays, each with the subscription."""
        within = cut(holder.days, self.period)
        if within is None:
            return []
        rows = self.subscriptions[point_id]
        return [(row, days) for row in rows if (days := cut(days_of(row), within))]

    def list_left(self, point_id: UUID, holder: Holder) -> list[PlanSubscription]:
        """List the subscriptions that ended under a holder with a part of a fee to charge."""
        return [
            row
            for row in self.subscriptions[point_id]
            if row.valid_until is not None
            and holder.days.contains(row.valid_until - timedelta(days=1))
            and self.list_rest(row)
        ]

    @property
    def months(self) -> list[date]:
        """First days of its months."""
        return list(list_months(self.period))


def list_months(days: Period) -> Iterator[date]:
    """List the first days of the months that closed days touch.

    Parameters
    ----------
    days : Period
        Closed.

    Returns
    -------
    iterator of date
        In order.
    """
    month = days.start.replace(day=1)
    while month < end_of(days):
        yield month
        month = add_months(month, 1)


def end_of(days: Period) -> date:
    """Give the first day after closed days.

    Parameters
    ----------
    days : Period
        The days.

    Returns
    -------
    date
        The day after the last one.

    Raises
    ------
    BillingPeriodError
        If they have no end.
    """
    if days.end is None:
        raise BillingPeriodError(days)
    return days.end


def cut(days: Period, within: Period) -> Period | None:
    """Cut days to those within others.

    Parameters
    ----------
    days, within : Period
        Both may be open.

    Returns
    -------
    Period or None
        The days that both share; None when they share none.
    """
    if not days.overlaps(within):
        return None
    ends = [end for end in (days.end, within.end) if end is not None]
    return Period(max(days.start, within.start), min(ends, default=None))


def days_of(row: PlanSubscription | PlanTerm) -> Period:
    """Give the days on which a row holds.

    Parameters
    ----------
    row : PlanSubscription or PlanTerm
        Of either.

    Returns
    -------
    Period
        Open where the row is.
    """
    return Period(row.valid_from, row.valid_until)


def gather_scope(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    period: Period,
    anew: Collection[UUID] = (),
) -> BillingScope:
    """Read who pays for what in a billing period.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The tenant's community.
    period : Period
        1 to 12 whole months.
    anew : collection of UUID
        Invoices that are drafted anew: what they charged of entry fees is to be charged.

    Returns
    -------
    BillingScope
        Supply points that neither share nor pay in the period are left out.

    Raises
    ------
    BillingPeriodError
        If it is another period.
    UnknownCommunityError
        If the promoter has no such community.
    """
    _check_period(period)
    community = require_community(session, promoter_id=promoter_id, community_id=community_id)
    plants = _read_plants(session, community)
    applied = find_applied_shares(
        session, promoter_id=promoter_id, installation_ids=plants, within=period
    )
    shares = {key: found.shares for key, found in applied.items()}
    sharing = {key for held in shares.values() for key in held}
    points = _read_points(session, community, sharing)
    paid = _read_paid(session, promoter_id, points, period, anew)
    active = {
        key: point for key, point in points.items() if paid.subscriptions[key] or key in sharing
    }
    changes = group_holder_changes(session, promoter_id=promoter_id, supply_point_ids=active)
    holders = {key: _list_holders(point, changes[key]) for key, point in active.items()}
    member_ids = {holder.member_id for held in holders.values() for holder in held}
    return BillingScope(
        community=community,
        period=period,
        plants=plants,
        points=active,
        holders=holders,
        members=map_members(session, promoter_id=promoter_id, member_ids=member_ids),
        payers=map_payers(session, promoter_id=promoter_id, member_ids=member_ids),
        shares=shares,
        **paid._asdict(),
    )


class _Paid(NamedTuple):
    """By which plans supply points pay, and what is charged of their entry fees."""

    subscriptions: Mapping[UUID, Sequence[PlanSubscription]]
    plans: Mapping[UUID, PaymentPlan]
    terms: Mapping[UUID, Sequence[PlanTerm]]
    issuers: Mapping[UUID, InvoiceIssuer]
    charged: frozenset[FeeKey]


def _read_paid(
    session: Session,
    promoter_id: UUID,
    points: Collection[UUID],
    period: Period,
    anew: Collection[UUID],
) -> _Paid:
    """Read the subscriptions of supply points, and the plans, terms and issuers of these."""
    ever = group_subscriptions(
        session,
        promoter_id=promoter_id,
        supply_point_ids=points,
        since=date.min,
        until=end_of(period),
    )
    plan_ids = {row.plan_id for held in ever.values() for row in held}
    terms = group_plan_terms(session, promoter_id=promoter_id, plan_ids=plan_ids)
    charged = find_charged_parts(
        session, promoter_id=promoter_id, supply_point_ids=points, besides=anew
    )
    plans = map_plans(session, promoter_id=promoter_id, plan_ids=plan_ids)
    issuer_ids = {plan.issuer_id for plan in plans.values()}
    issuers = map_issuers(session, promoter_id=promoter_id, issuer_ids=issuer_ids)
    return _Paid(_keep_charged(ever, terms, charged, period), plans, terms, issuers, charged)


def _read_plants(session: Session, community: Community) -> dict[UUID, SelfConsumptionInstallation]:
    """Read the community's plants, by CAU."""
    rows = group_installations(
        session, promoter_id=community.promoter_id, community_ids=[community.id]
    )
    return {row.id: row for row in sorted(rows[community.id], key=lambda row: row.cau)}


def _read_points(
    session: Session, community: Community, sharing: Collection[UUID]
) -> dict[UUID, SupplyPoint]:
    """Read the community's supply points and those that share in its plants, by CUPS."""
    owner = community.promoter_id
    own = list_community_supply_points(session, promoter_id=owner, community_id=community.id)
    found = {row.id: row for row in own}
    others = set(sharing) - found.keys()
    found |= map_supply_points(session, promoter_id=owner, supply_point_ids=others)
    return dict(sorted(found.items(), key=lambda item: item[1].cups))


def _list_holders(point: SupplyPoint, changes: Sequence[HolderChange]) -> list[Holder]:
    """Tell whose a supply point was, from today's member back, change by change."""
    members = [*(change.from_member_id for change in changes), point.member_id]
    borders = [date.min, *(change.changed_on for change in changes)]
    ends = [*borders[1:], None]
    return [
        Holder(member_id, Period(start, end))
        for member_id, start, end in zip(members, borders, ends, strict=True)
    ]


def _keep_charged(
    ever: Mapping[UUID, Sequence[PlanSubscription]],
    terms: Mapping[UUID, Sequence[PlanTerm]],
    charged: frozenset[FeeKey],
    period: Period,
) -> dict[UUID, list[PlanSubscription]]:
    """Leave out the subscriptions that ended before a period with nothing left to charge."""

    def is_charged(row: PlanSubscription) -> bool:
        rest = list_rest(row, terms[row.plan_id], period.start)
        return days_of(row).overlaps(period) or any(part.key not in charged for part in rest)

    return {key: [row for row in held if is_charged(row)] for key, held in ever.items()}


def _check_period(period: Period) -> None:
    end = period.end
    is_whole = end is not None and period.start.day == end.day == 1
    if not is_whole or (end is not None and end > add_months(period.start, _MOST_MONTHS)):
        raise BillingPeriodError(period)
