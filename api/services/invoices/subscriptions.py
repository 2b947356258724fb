"""Let supply points pay by plans, each day by one."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.payment_plans import UnknownPlanError
from models.repositories.invoices import find_last_billed_day
from models.repositories.members import map_members
from models.repositories.payment_plans import get_plan, get_subscription, group_subscriptions
from models.repositories.supply_points import map_supply_points, map_supply_points_by_cups
from models.tables import PlanSubscription
from models.values.errors import ConflictError, NotFoundError
from models.values.period import Period


class SubscriptionOverlapError(ConflictError):
    """A supply point would pay by two plans on the same day.

    Attributes
    ----------
    cups : str
        The supply point.
    standing : Period
        Days of the subscription that is there.
    """

    def __init__(self, cups: str, standing: Period) -> None:
        until = f"until {standing.end}" if standing.end else "with no end"
        super().__init__(f"{cups} pays by a plan from {standing.start} {until}: end that one first")
        self.cups = cups
        self.standing = standing


class UnknownSubscriptionError(NotFoundError):
    """The promoter has no such subscription."""

    def __init__(self, subscription_id: UUID | None) -> None:
        super().__init__("there is no such subscription")
        self.subscription_id = subscription_id


class NoSubscriptionError(NotFoundError):
    """A supply point pays by no plan.

    Attributes
    ----------
    cups : str
        The supply point.
    before : date
        Day before which a plan was looked for.
    """

    def __init__(self, cups: str, before: date) -> None:
        super().__init__(f"{cups} pays by no plan before {before}")
        self.cups = cups
        self.before = before


class BilledDaysError(ConflictError):
    """Days that an invoice charged would no longer be paid for.

    Attributes
    ----------
    billed_until : date
        First day after those.
    """

    def __init__(self, billed_until: date) -> None:
        super().__init__(
            f"days before {billed_until} are billed: end the subscription on that day or later, or "
            "rectify the invoices"
        )
        self.billed_until = billed_until


def subscribe_point(
    session: Session,
    *,
    promoter_id: UUID,
    plan_id: UUID,
    cups: str,
    valid_from: date,
    valid_until: date | None = None,
) -> PlanSubscription:
    """Let a supply point pay by a plan.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    plan_id : UUID
        The plan.
    cups : str
        The supply point, of a member of the plan's community.
    valid_from : date
        First day.
    valid_until : date, optional
        First day after those; open when None.

    Returns
    -------
    PlanSubscription
        The stored subscription.

    Raises
    ------
    UnknownPlanError
        If the promoter has no such plan.
    UnknownCupsError
        If the plan's community has no such supply point.
    SubscriptionOverlapError
        If it pays by a plan on one of the days already.
    InvalidDataError
        If the days end before they begin.
    """
    days = Period(valid_from, valid_until)
    plan = get_plan(session, promoter_id=promoter_id, plan_id=plan_id)
    if plan is None:
        raise UnknownPlanError(plan_id)
    point = map_supply_points_by_cups(session, promoter_id=promoter_id, cups=[cups]).get(cups)
    if point is None:
        raise UnknownCupsError([cups])
    members = map_members(session, promoter_id=promoter_id, member_ids=[point.member_id])
    if members[point.member_id].community_id != plan.community_id:
        raise UnknownCupsError([cups])
    _check_days(session, promoter_id, point.id, cups, days)
    subscription = PlanSubscription(
        promoter_id=promoter_id,
        plan_id=plan_id,
        supply_point_id=point.id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(subscription)
    session.flush()
    return subscription


def end_subscription(
    session: Session, *, promoter_id: UUID, subscription_id: UUID, valid_until: date
) -> PlanSubscription:
    """End a subscription on a day after those that were billed.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    subscription_id : UUID
        The subscription.
    valid_until : date
        First day on which it no longer holds.

    Returns
    -------
    PlanSubscription
        As it stands now; what is left of an entry fee falls due with its last month.

    Raises
    ------
    UnknownSubscriptionError
        If the promoter has no such subscription.
    BilledDaysError
        If an invoice charged later days.
    SubscriptionOverlapError
        If the supply point pays by another plan before that day.
    InvalidDataError
        If it would end before it begins.
    """
    subscription = get_subscription(
        session, promoter_id=promoter_id, subscription_id=subscription_id
    )
    if subscription is None:
        raise UnknownSubscriptionError(subscription_id)
    days = Period(subscription.valid_from, valid_until)
    billed_until = find_last_billed_day(
        session, promoter_id=promoter_id, subscription_id=subscription_id
    )
    if billed_until is not None and valid_until < billed_until:
        raise BilledDaysError(billed_until)
    key = subscription.supply_point_id
    cups = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=[key])[key].cups
    _check_days(session, promoter_id, key, cups, days, subscription)
    subscription.valid_until = valid_until
    session.flush()
    return subscription


def find_subscription(
    session: Session, *, promoter_id: UUID, cups: str, before: date
) -> PlanSubscription:
    """Find the last subscription of a supply point that began before a day.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    cups : str
        The supply point.
    before : date
        The day.

    Returns
    -------
    PlanSubscription
        The subscription.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    NoSubscriptionError
        If it paid by no plan before that day.
    """
    point = map_supply_points_by_cups(session, promoter_id=promoter_id, cups=[cups]).get(cups)
    if point is None:
        raise UnknownCupsError([cups])
    found = group_subscriptions(
        session,
        promoter_id=promoter_id,
        supply_point_ids=[point.id],
        since=date.min,
        until=before,
    )[point.id]
    if not found:
        raise NoSubscriptionError(cups, before)
    return found[-1]


def _check_days(
    session: Session,
    promoter_id: UUID,
    point_id: UUID,
    cups: str,
    days: Period,
    itself: PlanSubscription | None = None,
) -> None:
    """Let no other subscription of a supply point share a day."""
    found = group_subscriptions(
        session,
        promoter_id=promoter_id,
        supply_point_ids=[point_id],
        since=days.start,
        until=days.end or date.max,
    )[point_id]
    if others := [row for row in found if itself is None or row.id != itself.id]:
        raise SubscriptionOverlapError(cups, Period(others[0].valid_from, others[0].valid_until))
