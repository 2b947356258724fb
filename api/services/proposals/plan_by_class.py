"""Plan coefficients that differ by class of hours, beside the constant ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_plan import BilledPlan, bill_plan
from api.services.proposals.retail_year import RetailYear
from loaders.records import CommunityYear, MemberRecord
from models.values.errors import CommunityError, InvalidArgumentError
from planner.billing.simulator import Settlement, simulate_year
from planner.classes.choose import ClassChoice, choose_by_class
from planner.classes.floors import YearlyFloors
from planner.classes.step_classes import Classes, classify_steps, expand_to_file_hours
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    PaybackLimit,
    list_restrictions,
)
from planner.coefficients.region import enclose_region
from planner.goal import Goal, YearCurves

_OF_ONE_HOUR = CoefficientRange | FixedCoefficient | ChangeLimit
_WORDS = {
    Floor: "a floor in euros or of some members",
    Group: "groups",
    ChangeLimit: "the change in total",
    Blocks: "blocks",
    ContributionLimit: "contribution",
    PaybackLimit: "payback",
}


class ClassLimitsError(InvalidArgumentError):
    """A limit has no meaning for coefficients that differ by class of hours.

    Attributes
    ----------
    kinds : tuple of str
        What was asked for.
    """

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__(
            f"classes of hours cannot keep: {', '.join(kinds)}; they keep least, greatest and "
            "fixed coefficients, the change of each member, and one floor in kWh for all"
        )
        self.kinds = tuple(kinds)


@dataclass(frozen=True, slots=True, eq=False)
class ClassPlan:
    """Coefficients by class of hours, and the year under them.

    Attributes
    ----------
    kind : Classes
        What the hours of a class have in common.
    choice : ClassChoice
        Coefficients, bound and gap.
    settled : Settlement
        The year under them; arrays of shape (n_members, 12).
    billed : BilledPlan
        Everybody's yearly bills under them, or why there are none.
    """

    kind: Classes
    choice: ClassChoice
    settled: Settlement
    billed: BilledPlan

    def expand_to(self, file_year: int) -> NDArray[np.int64]:
        """Write the coefficients out for a file's hours, shape (n_members, 8760) [millionths]."""
        return expand_to_file_hours(self.choice.millionths, self.kind, file_year)


def plan_by_class(
    *,
    community: CommunityYear,
    curves: YearCurves,
    goal: Goal,
    request: PlanRequest,
    members: Sequence[MemberRecord],
    retail: RetailYear | CommunityError,
) -> ClassPlan:
    """Choose coefficients for every class of hours, settle the year under them, and bill it.

    Parameters
    ----------
    community : CommunityYear
        What is planned.
    curves : YearCurves
        The year of those who share.
    goal : Goal
        What to make as large as possible.
    request : PlanRequest
        With a kind of classes.
    members : sequence of MemberRecord
        Those who share.
    retail : RetailYear or CommunityError
        Their contracts and law, or why they cannot be stated.

    Returns
    -------
    ClassPlan
        Limits of each member hold in every class, a floor over the whole year.

    Raises
    ------
    ClassLimitsError
        If a limit has no meaning by class.
    UnsuitedGoalError
        If the goal raises the worst-off member.
    InfeasibleFloorsError, InfeasibleBoundsError
        If no coefficients by class keep the limits.
    UnprovenError
        If a linear program ends without a certified gap.
    CommunityError
        If a bill cannot be made and bills are needed; see ``bill_plan``.
    """
    year, kind = curves.year, request.classes or Classes.HOURLY
    limits = request.list_limits(members, community.installations[0].pv_kw)
    floors = _find_floors(curves, limits)
    region = enclose_region(
        year.n_members,
        list_restrictions(curves, [limit for limit in limits if isinstance(limit, _OF_ONE_HOUR)]),
    )
    classes = classify_steps(kind, community.year, community.timezone, community.step)
    choice = choose_by_class(year, classes, goal, region.lower, region.upper, floors)
    beta = choice.by_step(classes)
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
    billed = bill_plan(retail=retail, year=year, proposed=beta, request=request)
    return ClassPlan(kind, choice, settled, billed)


def _find_floors(curves: YearCurves, limits: Iterable[Limit]) -> YearlyFloors | None:
    """Find the one floor, and refuse what has no meaning by class."""
    foreign, floors = [], []
    for limit in limits:
        if isinstance(limit, Floor) and limit.members is None and not limit.in_euros:
            floors.append(limit)
        elif not isinstance(limit, _OF_ONE_HOUR) or (
            isinstance(limit, ChangeLimit) and limit.total is not None
        ):
            foreign.append(_WORDS[type(limit)])
    if foreign or len(floors) > 1:
        raise ClassLimitsError(foreign or ["several floors"])
    if not floors:
        return None
    return YearlyFloors(floors[0].share, curves.year.round_by(floors[0].reference))
