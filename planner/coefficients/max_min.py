"""Max-min coefficients of a year: raise the worst-off member first, then the next, and so on.

A member's level is its self-sufficiency, which is self-consumed energy over its own consumption,
or its saving in euros, which favours nobody for being small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.billing.simulator import simulate_year
from planner.coefficients.certificate import measure_gap
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares, check_bounds
from planner.coefficients.rules import Rule
from planner.coefficients.water_filling import Feasibility, find_common_level, raise_lowest_first
from planner.curves import ValueCurve, cover_concavely, is_concave
from planner.goal import (
    MAX_MIN,
    Goal,
    GoalError,
    MissingPricesError,
    Objective,
    YearCurves,
    find_convex_steps,
)
from planner.sharing_year import SharingYear

Values = NDArray[np.float64]

_NOTHING = 1e-9
"""Consumption of a year up to a micro-watt-hour is none [kWh]."""


@dataclass(frozen=True, slots=True, eq=False)
class MaxMinChoice:
    """Max-min coefficients of a year, settled and proven.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members,)
        Coefficients; they sum to 1,000,000.
    levels : ndarray, shape (n_members,)
        What each member reaches, from the data: share of its consumption, or saving [EUR]; NaN
        for the self-sufficiency of a member without consumption.
    value : float
        Level of the worst-off member that is not at its own best, from the data; once all are,
        the greatest best.
    upper_bound : float
        No coefficients within the limits give every member more than this, or its own best.
    gap : float
        ``(upper_bound - value) / upper_bound``: what the grid costs.
    prices : ndarray, shape (n_members,)
        Level that each member would gain by one more unit of coefficient.
    method : str
        How it was found.
    is_optimum : bool
        Whether nothing on the grid is lexicographically better; False where savings are not
        concave.
    convex_steps : ndarray of int
        Under savings, the intervals with generation in which surplus earns more than energy costs.
    """

    millionths: Millionths
    levels: Values
    value: float
    upper_bound: float
    gap: float
    prices: Values
    method: str
    is_optimum: bool
    convex_steps: NDArray[np.intp]


def choose_for_worst_off(
    curves: YearCurves,
    objective: Objective,
    lower: Millionths | None = None,
    upper: Millionths | None = None,
    is_feasible: Feasibility | None = None,
) -> MaxMinChoice:
    """Choose the constant coefficients that raise the worst-off member first.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    objective : Objective
        ``LEAST_SELF_SUFFICIENCY`` or ``LEAST_SAVINGS``.
    lower, upper : ndarray of int64, shape (n_members,), optional
        Limits [millionths]; from nothing to everything if left out.
    is_feasible : callable, optional
        For limits that tie members together, see ``raise_lowest_first``.

    Returns
    -------
    MaxMinChoice
        The lexicographic optimum on the grid; of several, the one nearest to sharing by
        consumption.

    Raises
    ------
    GoalError
        If the objective is a sum.
    MissingPricesError
        If savings count and the year has no prices.
    InfeasibleBoundsError
        If no coefficients keep the limits of single members and sum to one.

    Examples
    --------
    >>> year = SharingYear(np.array([8.0]), np.array([[2.0], [6.0], [0.0]]), np.ones(3),
    ...     np.arange(3), np.array([0]))
    >>> choice = choose_for_worst_off(YearCurves(year), Objective.LEAST_SELF_SUFFICIENCY)
    >>> choice.millionths.tolist(), choice.value
    ([250000, 750000, 0], 1.0)
    """
    year = curves.year
    levels = build_level_curves(curves, objective)
    problem = CoefficientProblem(
        curves=tuple(cover_concavely(curve) for curve in levels),
        lower=np.zeros(year.n_members, dtype=np.int64) if lower is None else lower,
        upper=np.full(year.n_members, MILLIONTHS) if upper is None else upper,
        target=year.share_by(Rule.CONSUMPTION),
        precedence=year.precedence,
    )
    check_bounds(problem.lower, problem.upper, problem.grid)
    filled = raise_lowest_first(problem, is_feasible)
    reached = measure_levels(year, objective, filled.parts / MILLIONTHS)
    value = find_common_level(np.nan_to_num(reached), filled.best)
    upper_bound = max(filled.upper_bound, value)
    return MaxMinChoice(
        millionths=filled.parts,
        levels=reached,
        value=value,
        upper_bound=upper_bound,
        gap=measure_gap(upper_bound, value),
        prices=filled.prices,
        method="exact: water-filling over the members' curves, lowest level first",
        is_optimum=all(is_concave(curve) for curve in levels),
        convex_steps=find_convex_steps(year, Goal(objective)),
    )


def build_level_curves(curves: YearCurves, objective: Objective) -> tuple[ValueCurve, ...]:
    """Build each member's level as a function of its coefficient.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    objective : Objective
        One of ``MAX_MIN``.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Share of its own consumption [1], or absolute saving [EUR]. The self-sufficiency of a
        member without consumption is 0/0; its curve is zero, so that it is at its best at once.

    Raises
    ------
    GoalError
        If the objective is a sum.
    MissingPricesError
        If savings count and the year has no prices.
    """
    if objective not in MAX_MIN:
        raise GoalError(f"the objective {objective} is a sum: it raises nobody first")
    if objective is Objective.LEAST_SAVINGS:
        return curves.savings
    consumed = curves.year.consumption_kwh.sum(axis=1).tolist()
    return tuple(
        curve.scale(1 / own) if own > _NOTHING else curve
        for curve, own in zip(curves.energy, consumed, strict=True)
    )


def measure_levels(year: SharingYear, objective: Objective, beta: Shares) -> Values:
    """Settle the year under coefficients and measure what each member reaches.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.
    objective : Objective
        One of ``MAX_MIN``.
    beta : ndarray, shape (n_members,)
        Coefficients [1].

    Returns
    -------
    ndarray, shape (n_members,)
        Share of its own consumption [1], NaN without any; or saving [EUR].

    Raises
    ------
    MissingPricesError
        If savings count and the year has no prices.
    """
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
    if objective is Objective.LEAST_SAVINGS:
        if settled.savings_eur is None:
            raise MissingPricesError
        saved: Values = settled.savings_eur.sum(axis=1)
        return saved
    consumed = settled.consumption_kwh.sum(axis=1)
    used = settled.self_consumed_kwh.sum(axis=1)
    shares: Values = np.full_like(used, np.nan)
    np.divide(used, consumed, out=shares, where=consumed > _NOTHING)
    return shares
