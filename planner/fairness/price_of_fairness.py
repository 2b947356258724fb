"""The price of fairness: what is lost as members are promised more of what a rule gives them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.choose import Choice, choose_within
from planner.coefficients.feasibility import has_coefficients
from planner.coefficients.problem import Millionths, find_floors
from planner.coefficients.region import Region, enclose_region
from planner.coefficients.rules import Rule
from planner.fairness.indices import measure_gini, measure_jain
from planner.goal import MAX_MIN, Goal, GoalError, YearCurves, sum_value

_ENERGY = Goal()

_NO_GAIN = 1e-9
"""Share of the reference's value below which a gain is rounding noise."""


class TooFewPointsError(InvalidArgumentError):
    """A curve needs both of its ends.

    Attributes
    ----------
    n_points : int
        What was asked for.
    """

    def __init__(self, n_points: int) -> None:
        super().__init__(f"a curve of {n_points} points has no two ends; ask for at least 2")
        self.n_points = n_points


class MissingReferenceError(InvalidArgumentError):
    """The year does not hold what a rule shares by.

    Attributes
    ----------
    rule : Rule
        The reference that was asked for.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(f"there is no {rule} to refer to; choose another rule, or add its column")
        self.rule = rule


@dataclass(frozen=True, slots=True, eq=False)
class FairnessPoint:
    """The best coefficients under one floor.

    Attributes
    ----------
    floor : float
        Least share of what the reference gives that every member keeps, 0 to 1.
    millionths : ndarray of int64, shape (n_members,)
        Coefficients; they sum to 1,000,000.
    value, upper_bound : float
        What they bring, from the data, and what no coefficients above the floor pass [unit of the
        goal].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    price : float
        What one more unit of coefficient would be worth [unit of the goal].
    gain_kept : float
        Share of what the best coefficients without a floor bring above the reference; 1 where
        they bring no more than it.
    gini, jain : float or None
        Evenness of the members' savings; None without prices, or where savings sum to no more
        than zero.
    least_ratio : float
        Self-consumed energy of the worst-off member over what the reference gives it; members to
        whom it gives none are left aside, and without any other the ratio is 1.
    """

    floor: float
    millionths: Millionths
    value: float
    upper_bound: float
    gap: float
    price: float
    gain_kept: float
    gini: float | None
    jain: float | None
    least_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class FairnessCurve:
    """What every floor costs.

    Attributes
    ----------
    reference : Rule
        Rule that floors are measured against.
    reference_value : float
        What its coefficients, rounded to millionths, bring [unit of the goal].
    points : tuple of FairnessPoint
        From no floor upwards, as far as floors are feasible.
    infeasible_floors : tuple of float
        Floors that the other limits leave no room for.
    """

    reference: Rule
    reference_value: float
    points: tuple[FairnessPoint, ...]
    infeasible_floors: tuple[float, ...]


def trace_price_of_fairness(
    curves: YearCurves,
    goal: Goal = _ENERGY,
    reference: Rule = Rule.CONSUMPTION,
    n_points: int = 21,
    region: Region | None = None,
) -> FairnessCurve:
    """Choose the best coefficients for floors from nothing to all that a reference gives.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    goal : Goal
        What to make as large as possible; not one of ``MAX_MIN``.
    reference : Rule
        Rule whose coefficients, rounded to millionths, the floors are measured against [kWh].
    n_points : int
        Floors, evenly spaced from 0 to 1; at least 2.
    region : Region, optional
        Further limits that every point keeps; none if left out.

    Returns
    -------
    FairnessCurve
        At every point what ``choose_within`` chooses, with its bound.

    Raises
    ------
    TooFewPointsError
        If there are fewer than two points.
    MissingReferenceError
        If the year lacks what the reference shares by.
    GoalError
        If the goal raises the worst-off member: it has no sum to lose.
    MissingPricesError
        If savings count and the year has no prices.
    UnprovenError
        If limits that tie members together take a linear program without a certified gap.

    Notes
    -----
    A higher floor leaves less to share freely, so the price of the sum never falls along the
    curve: each point's search begins at the price of the last, unless groups have prices too.
    """
    if n_points < 2:
        raise TooFewPointsError(n_points)
    if goal.objective in MAX_MIN:
        raise GoalError(f"the objective {goal.objective} is no sum; a floor has no price there")
    if reference not in curves.year.rules():
        raise MissingReferenceError(reference)
    trace = _Trace(curves, goal, reference, region or enclose_region(curves.year.n_members, ()))
    points = tuple(trace.follow(np.linspace(0.0, 1.0, n_points).tolist()))
    return FairnessCurve(
        reference=reference,
        reference_value=trace.reference_value,
        points=points,
        infeasible_floors=tuple(trace.infeasible),
    )


class _Trace:
    """One walk along the curve: what stays, and the price that the last point found."""

    def __init__(self, curves: YearCurves, goal: Goal, reference: Rule, region: Region) -> None:
        year = curves.year
        self.curves = curves
        self.goal = goal
        self.region = region
        self.reference = year.round_by(reference)
        settled = self._settle(self.reference)
        self.reference_value = sum_value(settled, goal)
        self.reference_kwh = settled.self_consumed_kwh.sum(axis=1)
        self.best_value = -math.inf
        self.price = -math.inf
        self.infeasible: list[float] = []

    def follow(self, floors: list[float]) -> Iterator[FairnessPoint]:
        """Choose under each floor in turn, and note those that leave nothing to choose."""
        for floor in floors:
            needs = find_floors(self.curves.energy, self.reference, floor)
            region = replace(self.region, lower=np.maximum(self.region.lower, needs))
            if has_coefficients(region):
                yield self._measure(floor, self._choose(region))
            else:
                self.infeasible.append(floor)

    def _choose(self, region: Region) -> Choice:
        """Choose from the price of the last point on, where only the sum has a price."""
        least = -math.inf if region.couples_members else self.price
        choice = choose_within(self.curves, self.goal, region, least_price=least)
        self.price = choice.price or 0.0
        return choice

    def _measure(self, floor: float, choice: Choice) -> FairnessPoint:
        """Settle the year under the coefficients and compare it with the reference."""
        settled = self._settle(choice.millionths)
        self.best_value = max(self.best_value, choice.value)
        gain = self.best_value - self.reference_value
        noise = _NO_GAIN * abs(self.reference_value)
        saved = None if settled.savings_eur is None else settled.savings_eur.sum(axis=1)
        return FairnessPoint(
            floor=floor,
            millionths=choice.millionths,
            value=choice.value,
            upper_bound=choice.upper_bound,
            gap=choice.gap,
            price=self.price,
            gain_kept=(choice.value - self.reference_value) / gain if gain > noise else 1.0,
            gini=None if saved is None else measure_gini(saved),
            jain=None if saved is None else measure_jain(saved),
            least_ratio=self._compare_worst(settled),
        )

    def _compare_worst(self, settled: Settlement) -> float:
        """Find the least share of the reference's energy that a member keeps."""
        served = self.reference_kwh > 0
        if not served.any():
            return 1.0
        kept = settled.self_consumed_kwh.sum(axis=1)[served] / self.reference_kwh[served]
        return float(kept.min())

    def _settle(self, millionths: Millionths) -> Settlement:
        """Settle the year under coefficients on the grid."""
        year = self.curves.year
        return simulate_year(
            millionths / MILLIONTHS,
            year.generation_kwh,
            year.consumption_kwh,
            year.month_starts,
            year.prices,
        )
