"""Settle with a member whose supply point leaves: everything billed, money set against debt."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.apply_prepayments import apply_prepayments
from api.services.collection.last_days import check_billed
from api.services.collection.open_items import open_items
from api.services.collection.record_payment import hold_issuer
from api.services.collection.settlement import ALL_DAYS
from api.services.communities.find_points import find_points
from api.services.invoices.entry_fees import find_charged_parts, list_rest
from models.repositories.debts import list_settlements
from models.repositories.ledger import list_prepayments
from models.repositories.payment_plans import group_plan_terms, map_plans
from models.repositories.supply_points import map_supply_points
from models.tables import FinalSettlement, PlanSubscription, SupplyPoint
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import ConflictError


class StillSubscribedError(ConflictError):
    """A supply point pays by a plan after the day on which it is said to have left.

    Attributes
    ----------
    cups : str
        The supply point.
    left_on : date
        That day.
    """

    def __init__(self, cups: str, left_on: date) -> None:
        super().__init__(f"{cups} pays by a plan after {left_on}: end its subscription there first")
        self.cups = cups
        self.left_on = left_on


class UnchargedFeeError(ConflictError):
    """Parts of an entry fee fell due when a subscription ended, and are not charged yet.

    Attributes
    ----------
    cups : str
        The supply point.
    n_parts : int
        How many.
    """

    def __init__(self, cups: str, n_parts: int) -> None:
        super().__init__(
            f"{n_parts} parts of an entry fee of {cups} are not charged: bill a month after its "
            "subscription ended first"
        )
        self.cups = cups
        self.n_parts = n_parts


class DaysToComeError(ConflictError):
    """A supply point is said to have left on a day that has not come.

    Attributes
    ----------
    left_on : date
        That day.
    """

    def __init__(self, left_on: date) -> None:
        super().__init__(f"{left_on} has not come: settle when it has")
        self.left_on = left_on


def settle_member(
    session: Session, *, promoter_id: UUID, cups: str, left_on: date, now: datetime
) -> list[FinalSettlement]:
    """Settle with the member of a supply point that left.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    cups : str
        The supply point; its subscription has ended, and its last days are billed.
    left_on : date
        First local day on which it took part no more.
    now : datetime
        The present instant.

    Returns
    -------
    list of FinalSettlement
        One for each issuer that it paid: what is left of the member's money was set against what
        it owes, instalments to come included; either a debt or money to refund is left. The same
        again gives what was stored.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    DaysToComeError
        If the day has not come.
    StillSubscribedError
        If it still pays by a plan.
    UnchargedFeeError
        If what its end left of an entry fee is not charged.
    UnbilledDaysError, BilledAheadError
        If one of its days is not billed, or a later one is.
    """
    (point_id,) = find_points(session, promoter_id=promoter_id, cups=[cups])
    known = list_settlements(
        session, promoter_id=promoter_id, supply_point_id=point_id, left_on=left_on
    )
    if known:
        return known
    if left_on > local_day(now, LAW_CLOCK):
        raise DaysToComeError(left_on)
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=[point_id])
    point = points[point_id]
    subscriptions = check_billed(session, promoter_id=promoter_id, point=point, until=left_on)
    if any(row.valid_until is None or row.valid_until > left_on for row in subscriptions):
        raise StillSubscribedError(cups, left_on)
    _check_fees(session, point, subscriptions)
    plans = map_plans(
        session, promoter_id=promoter_id, plan_ids={row.plan_id for row in subscriptions}
    )
    issuers = dict.fromkeys(plans[row.plan_id].issuer_id for row in subscriptions)
    return [_settle(session, point, issuer_id, left_on, now) for issuer_id in issuers]


def _check_fees(
    session: Session, point: SupplyPoint, subscriptions: Sequence[PlanSubscription]
) -> None:
    """Make sure that nothing of an entry fee is left to charge."""
    owner = point.promoter_id
    terms = group_plan_terms(
        session, promoter_id=owner, plan_ids={row.plan_id for row in subscriptions}
    )
    charged = find_charged_parts(session, promoter_id=owner, supply_point_ids=[point.id])
    rest = [part for row in subscriptions for part in list_rest(row, terms[row.plan_id], date.max)]
    if n_parts := sum(part.key not in charged for part in rest):
        raise UnchargedFeeError(point.cups, n_parts)


def _settle(
    session: Session, point: SupplyPoint, issuer_id: UUID, left_on: date, now: datetime
) -> FinalSettlement:
    """Set money against debt in one issuer's books, and note what is left."""
    owner, member_ids = point.promoter_id, [point.member_id]
    hold_issuer(session, promoter_id=owner, issuer_id=issuer_id)
    apply_prepayments(
        session, promoter_id=owner, issuer_id=issuer_id, now=now, member_ids=member_ids
    )
    owed = open_items(session, owner, on=ALL_DAYS, issuer_id=issuer_id, member_ids=member_ids)
    left = list_prepayments(session, promoter_id=owner, issuer_id=issuer_id, member_ids=member_ids)
    settlement = FinalSettlement(
        promoter_id=owner,
        issuer_id=issuer_id,
        supply_point_id=point.id,
        member_id=point.member_id,
        left_on=left_on,
        owed_cents=sum(item.open_cents for item in owed),
        prepaid_cents=sum(cents for _, cents in left),
        settled_at=now,
    )
    session.add(settlement)
    session.flush()
    return settlement
