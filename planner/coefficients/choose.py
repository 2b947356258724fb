"""From a year of meter data to coefficients: build the problem, solve it, round it, prove it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.billing.simulator import simulate_year
from planner.coefficients.certificate import measure_gap
from planner.coefficients.exact import solve_exactly
from planner.coefficients.exchanges import choose_by_exchanges, share_in_parts
from planner.coefficients.linear_program import solve_by_linear_program
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares, find_floors
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.rules import (
    Rule,
    round_by_largest_remainder,
    share_equally,
    share_in_proportion,
)
from planner.curves import (
    ValueCurve,
    build_energy_curves,
    build_saving_curves,
    cover_concavely,
    is_concave,
)

Values = NDArray[np.float64]

_HALF_A_MILLIONTH = 0.5e-6


class Objective(StrEnum):
    """What the coefficients should make as large as they can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"


class Method(StrEnum):
    """How the optimum is found; both give the same coefficients."""

    EXACT = "exact"
    LINEAR_PROGRAM = "linear-program"


@dataclass(frozen=True, slots=True, eq=False)
class SharingYear:
    """What the planner knows of those who share.

    Attributes
    ----------
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    contracted_power_kw : ndarray, shape (n_members,)
        Contracted power [kW].
    precedence : ndarray of int, shape (n_members,)
        Order of the members' CUPS, which settles the last ties.
    month_starts : ndarray of int, shape (n_months,)
        First interval of each local month.
    current_beta : ndarray, shape (n_members,), or None
        Coefficients in force [1].
    prices : tuple of two ndarrays of shape (n_steps,), or None
        Price of energy and of surplus [EUR/kWh].
    """

    generation_kwh: Values
    consumption_kwh: Values
    contracted_power_kw: Values
    precedence: NDArray[np.intp]
    month_starts: NDArray[np.intp]
    current_beta: Shares | None = None
    prices: tuple[Values, Values] | None = None

    def share_by(self, rule: Rule) -> Shares:
        """Give the unrounded coefficients of a rule, shape (n_members,)."""
        return self.rules()[rule]

    def rules(self) -> dict[Rule, Shares]:
        """Give the unrounded coefficients of every rule that the data allows."""
        rules = {
            Rule.EQUAL: share_equally(self.consumption_kwh.shape[0]),
            Rule.CONTRACTED_POWER: share_in_proportion(self.contracted_power_kw),
            Rule.CONSUMPTION: share_in_proportion(self.consumption_kwh.sum(axis=1)),
        }
        return rules if self.current_beta is None else rules | {Rule.CURRENT: self.current_beta}


@dataclass(frozen=True, slots=True)
class Limits:
    """What every member's coefficient must keep.

    Attributes
    ----------
    floor_share : float or None
        Least share of the reference's self-consumed energy, 0 to 1.
    reference : Rule
        Rule that the floor is measured against.
    lower, upper : int
        Least and greatest coefficient, already on the grid [millionths].
    """

    floor_share: float | None = None
    reference: Rule = Rule.CONSUMPTION
    lower: int = 0
    upper: int = MILLIONTHS


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Coefficients on the grid, and the proof of how good they are.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members,)
        Coefficients; they sum to 1,000,000.
    value, upper_bound : float
        What they bring, from the data and not from the curves, and what no feasible coefficients
        pass [kWh or EUR, by the objective].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    price : float
        What one more unit of coefficient would be worth [kWh or EUR].
    solver, method : str
        What solved it, and how.
    is_optimum : bool
        Whether nothing on the grid is better; False where savings are not concave, and a search
        found the coefficients.
    convex_steps : ndarray of int
        Under savings, the intervals with generation in which surplus earns more than energy
        costs; savings may then not be concave, and the gap stay wide.
    """

    millionths: Millionths
    value: float
    upper_bound: float
    gap: float
    price: float
    solver: str
    method: str
    is_optimum: bool
    convex_steps: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))


class MissingPricesError(InvalidArgumentError):
    """Savings were asked for, but there are no prices."""

    def __init__(self) -> None:
        super().__init__("savings need prices, and there are none; add a prices file")


def choose_coefficients(
    year: SharingYear,
    objective: Objective = Objective.SELF_CONSUMPTION,
    limits: Limits | None = None,
    method: Method = Method.EXACT,
) -> Choice:
    """Choose the constant coefficients that bring the community most.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    objective : Objective
        Self-consumed energy, or savings with the monthly compensation cap.
    limits : Limits, optional
        Floors and bounds; none if left out.
    method : Method
        How to find the optimum.

    Returns
    -------
    Choice
        The best coefficients on the grid of millionths within the limits.

    Raises
    ------
    MissingPricesError
        If savings are asked for without prices.
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    UnprovenError
        If the linear program ends without a certified gap.
    """
    energy_curves = build_energy_curves(year.consumption_kwh, year.generation_kwh)
    curves = _value_curves(year, objective, energy_curves)
    problem = _build_problem(year, limits or Limits(), energy_curves, curves)
    solve = solve_exactly if method is Method.EXACT else solve_by_linear_program
    solution = solve(problem)
    concave = all(is_concave(curve) for curve in curves)
    if concave:
        millionths, how = round_with_least_loss(problem, solution.price), solution.method
    else:
        starts = _list_starts(problem, year, curves, solution.price)
        millionths = choose_by_exchanges(problem, curves, starts)
        how = f"{solution.method}, on least concave majorants; then parts and exchanges"
    value = _measure_value(year, objective, millionths)
    upper_bound = max(solution.upper_bound, value)
    return Choice(
        millionths=millionths,
        value=value,
        upper_bound=upper_bound,
        gap=measure_gap(upper_bound, value),
        price=solution.price,
        solver=solution.solver,
        method=how,
        is_optimum=concave,
        convex_steps=_find_convex_steps(year, objective),
    )


def _build_problem(
    year: SharingYear,
    limits: Limits,
    energy_curves: tuple[ValueCurve, ...],
    curves: tuple[ValueCurve, ...],
) -> CoefficientProblem:
    """Turn limits into bounds on the grid, and the curves into concave ones."""
    lower = np.full(len(energy_curves), limits.lower, dtype=np.int64)
    if limits.floor_share is not None:
        reference = round_by_largest_remainder(year.share_by(limits.reference), year.precedence)
        lower = np.maximum(lower, find_floors(energy_curves, reference, limits.floor_share))
    return CoefficientProblem(
        curves=tuple(cover_concavely(curve) for curve in curves),
        lower=lower,
        upper=np.full(len(energy_curves), limits.upper, dtype=np.int64),
        target=year.share_by(Rule.CONSUMPTION),
        precedence=year.precedence,
    )


def _list_starts(
    problem: CoefficientProblem, year: SharingYear, curves: tuple[ValueCurve, ...], price: float
) -> Iterator[Millionths]:
    """List coefficients to climb from: best in coarse parts, best of the majorants, the rules."""
    yield share_in_parts(problem, curves)
    yield round_with_least_loss(problem, price)
    for beta in year.rules().values():
        if abs(beta.sum() - 1) < _HALF_A_MILLIONTH:
            rounded = round_by_largest_remainder(beta, year.precedence)
            if (problem.lower <= rounded).all() and (rounded <= problem.upper).all():
                yield rounded


def _value_curves(
    year: SharingYear, objective: Objective, energy_curves: tuple[ValueCurve, ...]
) -> tuple[ValueCurve, ...]:
    """Pick the curves of the objective."""
    if objective is Objective.SELF_CONSUMPTION:
        return energy_curves
    if year.prices is None:
        raise MissingPricesError
    return build_saving_curves(
        year.consumption_kwh, year.generation_kwh, *year.prices, year.month_starts
    )


def _measure_value(year: SharingYear, objective: Objective, millionths: Millionths) -> float:
    """Settle the year under the coefficients and sum what the objective counts."""
    settled = simulate_year(
        millionths / MILLIONTHS,
        year.generation_kwh,
        year.consumption_kwh,
        year.month_starts,
        year.prices,
    )
    if objective is Objective.SAVINGS and settled.savings_eur is not None:
        return float(settled.savings_eur.sum())
    return float(settled.self_consumed_kwh.sum())


def _find_convex_steps(year: SharingYear, objective: Objective) -> NDArray[np.intp]:
    """List the intervals in which using energy is worth less than spilling it."""
    if objective is Objective.SELF_CONSUMPTION or year.prices is None:
        return np.empty(0, dtype=np.intp)
    energy_price, surplus_price = year.prices
    return np.flatnonzero((surplus_price > energy_price) & (year.generation_kwh > 0))
