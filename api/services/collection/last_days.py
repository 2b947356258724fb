"""What has to be done with a supply point before its member leaves or hands it on."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from models.repositories.invoices import list_billed_periods
from models.repositories.payment_plans import group_all_subscriptions, group_plan_terms
from models.tables import PlanSubscription, SupplyPoint
from models.values.errors import ConflictError


class UnbilledDaysError(ConflictError):
    """Days of a supply point are not billed yet.

    Attributes
    ----------
    cups : str
        The supply point.
    since : date
        The first of them.
    """

    def __init__(self, cups: str, since: date, until: date) -> None:
        super().__init__(
            f"{cups} is billed up to {since} only: bill its days before {until} first, and end its "
            "subscription there if it pays no more"
        )
        self.cups = cups
        self.since = since


class BilledAheadError(ConflictError):
    """Days of a supply point after its last one are billed.

    Attributes
    ----------
    cups : str
        The supply point.
    billed_until : date
        First day after them.
    """

    def __init__(self, cups: str, billed_until: date) -> None:
        super().__init__(
            f"{cups} is billed up to {billed_until} already: name that day, or cancel its invoices"
        )
        self.cups = cups
        self.billed_until = billed_until


def check_billed(
    session: Session, *, promoter_id: UUID, point: SupplyPoint, until: date
) -> list[PlanSubscription]:
    """Make sure that all days of a supply point before one are billed, and none from it on.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    point : SupplyPoint
        The supply point.
    until : date
        First day that may not be.

    Returns
    -------
    list of PlanSubscription
        By which plans it ever paid, in the order of their days.

    Raises
    ------
    UnbilledDaysError
        If a day under a plan with prices is not.
    BilledAheadError
        If a later day is.
    """
    held = group_all_subscriptions(session, promoter_id=promoter_id, supply_point_ids=[point.id])
    subscriptions = held[point.id]
    terms = group_plan_terms(
        session, promoter_id=promoter_id, plan_ids={row.plan_id for row in subscriptions}
    )
    billed = list_billed_periods(
        session,
        promoter_id=promoter_id,
        supply_point_ids=[point.id],
        since=date.min,
        until=date.max,
    )
    if billed and (last := max(row.valid_until for row in billed)) > until:
        raise BilledAheadError(point.cups, last)
    reached = {(row.subscription_id, row.valid_from): row.valid_until for row in billed}
    for subscription in subscriptions:
        if not terms.get(subscription.plan_id):
            continue
        day, end = subscription.valid_from, min(subscription.valid_until or until, until)
        while day < end and (subscription.id, day) in reached:
            day = reached[subscription.id, day]
        if day < end:
            raise UnbilledDaysError(point.cups, day, until)
    return subscriptions
