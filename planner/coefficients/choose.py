"""From a year of meter data to coefficients: build the problem, solve it, round it, prove it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.certificate import measure_gap
from planner.coefficients.exact import solve_exactly
from planner.coefficients.exchanges import choose_by_exchanges, share_in_parts
from planner.coefficients.linear_program import solve_by_linear_program
from planner.coefficients.problem import CoefficientProblem, Millionths, find_floors
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.curves import ValueCurve, build_energy_curves, cover_concavely, is_concave
from planner.goal import Goal, build_value_curves, find_convex_steps, measure_value
from planner.sharing_year import SharingYear

_HALF_A_MILLIONTH = 0.5e-6
_ENERGY = Goal()


class Method(StrEnum):
    """How the optimum is found; both give the same coefficients."""

    EXACT = "exact"
    LINEAR_PROGRAM = "linear-program"


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


def choose_coefficients(
    year: SharingYear,
    goal: Goal = _ENERGY,
    limits: Limits | None = None,
    method: Method = Method.EXACT,
) -> Choice:
    """Choose the constant coefficients that bring the community most.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    goal : Goal
        What to make as large as possible.
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
    curves = build_value_curves(year, goal)
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
    value = measure_value(year, goal, millionths / MILLIONTHS)
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
        convex_steps=find_convex_steps(year, goal),
    )


def _build_problem(
    year: SharingYear,
    limits: Limits,
    energy_curves: tuple[ValueCurve, ...],
    curves: tuple[ValueCurve, ...],
) -> CoefficientProblem:
    """Turn limits into bounds on the grid, and the curves into concave ones."""
    lower = np.full(year.n_members, limits.lower, dtype=np.int64)
    if limits.floor_share is not None:
        reference = round_by_largest_remainder(year.share_by(limits.reference), year.precedence)
        lower = np.maximum(lower, find_floors(energy_curves, reference, limits.floor_share))
    return CoefficientProblem(
        curves=tuple(cover_concavely(curve) for curve in curves),
        lower=lower,
        upper=np.full(year.n_members, limits.upper, dtype=np.int64),
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
