"""From a year of meter data to coefficients: build the problem, solve it, round it, prove it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.blocks import take_at_blocks
from planner.coefficients.certificate import measure_gap
from planner.coefficients.disjoint_groups import (
    has_disjoint_groups,
    round_by_groups,
    solve_by_groups,
)
from planner.coefficients.exact import solve_exactly
from planner.coefficients.exchanges import choose_by_exchanges, share_in_parts
from planner.coefficients.feasibility import enclose_limits, has_coefficients
from planner.coefficients.integer_program import round_by_integer_program
from planner.coefficients.limits import Limit, LimitError
from planner.coefficients.linear_program import solve_by_linear_program
from planner.coefficients.max_min import choose_for_worst_off
from planner.coefficients.multipliers import Multipliers
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares
from planner.coefficients.region import Region
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.coefficients.solution import ContinuousSolution
from planner.curves import ValueCurve, cover_concavely, is_concave
from planner.goal import MAX_MIN, Goal, YearCurves, find_convex_steps, measure_value
from planner.sharing_year import SharingYear

_ENERGY = Goal()
_FLAT = ValueCurve(np.array([0.0, 1.0]), np.zeros(1), np.zeros(2))


class Method(StrEnum):
    """How the optimum is found where members are tied by the sum and disjoint groups only."""

    EXACT = "exact"
    LINEAR_PROGRAM = "linear-program"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Coefficients on the grid, and the proof of how good they are.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members,)
        Coefficients; they sum to 1,000,000.
    value, upper_bound : float
        What they bring, from the data and not from the curves, and what no feasible coefficients
        pass [unit of the goal].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    multipliers : Multipliers or None
        Dual prices that prove the bound; None where the worst-off member is raised first.
    prices : ndarray, shape (n_members,)
        Price that each member faces in that proof: of the sum and of its groups [unit of the goal
        per unit of coefficient].
    worth : ndarray, shape (n_members,)
        What the next unit of coefficient would bring each member [unit of the goal].
    solver, method : str
        What solved it, and how.
    is_optimum : bool
        Whether nothing on the grid is better but for the gap; False where savings are not
        concave, and a search found the coefficients.
    region : Region
        The limits that were kept.
    convex_steps : ndarray of int
        Under savings, the intervals with generation in which surplus earns more than energy
        costs; savings may then not be concave, and the gap stay wide.
    levels : ndarray, shape (n_members,), or None
        Where the worst-off member is raised first, what each reaches [unit of the goal].
    """

    millionths: Millionths
    value: float
    upper_bound: float
    gap: float
    multipliers: Multipliers | None
    prices: Shares
    worth: Shares
    solver: str
    method: str
    is_optimum: bool
    region: Region
    convex_steps: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    levels: Shares | None = None

    @property
    def price(self) -> float | None:
        """What one more unit of coefficient would be worth to all together, if that is a sum."""
        return None if self.multipliers is None else self.multipliers.total


def choose_coefficients(
    year: SharingYear,
    goal: Goal = _ENERGY,
    limits: Iterable[Limit] = (),
    method: Method = Method.EXACT,
) -> Choice:
    """Choose the constant coefficients that bring the community most.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    goal : Goal
        What to make as large as possible.
    limits : iterable of Limit
        What the coefficients must keep.
    method : Method
        How to find the optimum; groups that share members and a change in total always take the
        linear program.

    Returns
    -------
    Choice
        The best coefficients on the grid of millionths, or in blocks, within the limits.

    Raises
    ------
    MissingPricesError
        If savings are asked for without prices.
    InfeasibleLimitsError
        If no coefficients keep the limits and sum to one.
    LimitError
        If a limit cannot mean what it says, or lacks data.
    EmptyRegionError
        If whole blocks keep overlapping groups, but no millionths near them do.
    UnprovenError
        If the linear program ends without a certified gap, or the integer one without an answer.
    """
    curves = YearCurves(year)
    return choose_within(curves, goal, enclose_limits(curves, limits), method)


def choose_within(
    curves: YearCurves,
    goal: Goal,
    region: Region,
    method: Method = Method.EXACT,
    *,
    least_price: float = -math.inf,
) -> Choice:
    """Choose the best coefficients in a region that is known not to be empty.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared; its curves are built once for many choices.
    goal : Goal
        What to make as large as possible.
    region : Region
        As ``enclose_limits`` gives it.
    method : Method
        How to find the optimum.
    least_price : float
        What the price of the sum is known not to fall below, as in a region that lies within
        another; the search begins there.

    Returns
    -------
    Choice
        The best coefficients on the grid of millionths, or in blocks.

    Raises
    ------
    MissingPricesError
        If savings are asked for without prices.
    LimitError
        If the worst-off member is to be raised in whole blocks.
    EmptyRegionError
        If whole blocks keep overlapping groups, but no millionths near them do.
    UnprovenError
        If the linear program ends without a certified gap, or the integer one without an answer.
    """
    if goal.objective in MAX_MIN:
        return _raise_worst_off(curves, goal, region)
    worth = curves.serve(goal)
    problem = _state_problem(curves.year, worth, region)
    solution = _solve(problem, method, least_price)
    covers = zip(worth, problem.curves, strict=True)
    concave = all(cover is curve or is_concave(curve) for curve, cover in covers)
    if concave:
        parts, how = _round(problem, solution), solution.method
    else:
        parts = choose_by_exchanges(
            problem, worth, _list_starts(problem, curves.year, worth, solution)
        )
        how = f"{solution.method}, on least concave majorants; then parts and exchanges"
    millionths = _write_in_millionths(problem, region, solution, parts)
    value = measure_value(curves.year, goal, millionths / MILLIONTHS)
    upper_bound = max(solution.upper_bound, value)
    return Choice(
        millionths=millionths,
        value=value,
        upper_bound=upper_bound,
        gap=measure_gap(upper_bound, value),
        multipliers=solution.multipliers,
        prices=solution.multipliers.price_members(problem),
        worth=_measure_worth(worth, millionths),
        solver=solution.solver,
        method=how,
        is_optimum=concave,
        region=region,
        convex_steps=find_convex_steps(curves.year, goal),
    )


def _raise_worst_off(curves: YearCurves, goal: Goal, region: Region) -> Choice:
    """Fill the lowest levels first, asking the region where it ties members together."""
    if region.blocks is not None:
        raise LimitError("whole_blocks", f"the objective {goal.objective} has no plan in blocks")

    def leaves_room(lower: Millionths) -> bool:
        """Tell whether the least coefficients can be had."""
        return has_coefficients(replace(region, lower=lower))

    asked = leaves_room if region.couples_members else None
    found = choose_for_worst_off(curves, goal.objective, region.lower, region.upper, asked)
    return Choice(
        millionths=found.millionths,
        value=found.value,
        upper_bound=found.upper_bound,
        gap=found.gap,
        multipliers=None,
        prices=found.prices,
        worth=found.prices,
        solver="reparto",
        method=found.method,
        is_optimum=found.is_optimum,
        region=region,
        convex_steps=found.convex_steps,
        levels=found.levels,
    )


def _state_problem(
    year: SharingYear, worth: tuple[ValueCurve, ...], region: Region
) -> CoefficientProblem:
    """Put concave curves and limits together, both on the grid of the blocks if there are any."""
    cut = region.cut_to_blocks()
    if region.blocks is not None:
        worth = tuple(take_at_blocks(curve, region.blocks) for curve in worth)
    return CoefficientProblem(
        curves=tuple(cover_concavely(curve) for curve in worth),
        lower=cut.lower,
        upper=cut.upper,
        target=year.share_by(Rule.CONSUMPTION),
        precedence=year.precedence,
        grid=cut.grid,
        groups=cut.groups,
        change=cut.change,
        intervals=cut.intervals,
    )


def _solve(problem: CoefficientProblem, method: Method, least_price: float) -> ContinuousSolution:
    """Find the optimum between grid points: exactly where that is possible and asked for."""
    if method is Method.LINEAR_PROGRAM or not has_disjoint_groups(problem):
        return solve_by_linear_program(problem)
    return solve_by_groups(problem) if problem.groups else solve_exactly(problem, least_price)


def _round(problem: CoefficientProblem, solution: ContinuousSolution) -> Millionths:
    """Find the best coefficients on the problem's grid [parts of the grid]."""
    if not has_disjoint_groups(problem):
        return round_by_integer_program(problem, solution.beta)
    if problem.groups:
        return round_by_groups(problem)
    return round_with_least_loss(problem, solution.price)


def _write_in_millionths(
    problem: CoefficientProblem, region: Region, solution: ContinuousSolution, parts: Millionths
) -> Millionths:
    """Round whole blocks to the nearest millionths that keep the limits, whatever these bring."""
    if region.blocks is None:
        return parts
    beta = parts / problem.grid
    written = replace(
        problem,
        curves=(_FLAT,) * parts.size,
        lower=parts * MILLIONTHS // problem.grid,
        upper=-(-parts * MILLIONTHS // problem.grid),
        target=beta,
        grid=MILLIONTHS,
        groups=region.groups,
        change=region.change,
    )
    return _round(written, replace(solution, beta=beta, multipliers=Multipliers(0.0)))


def _measure_worth(worth: tuple[ValueCurve, ...], millionths: Millionths) -> Shares:
    """Read what the next unit of coefficient brings each member: the slope to its right."""
    shares = (millionths / MILLIONTHS).tolist()
    slopes = [curve.slope_at(share) for curve, share in zip(worth, shares, strict=True)]
    return np.array(slopes)


def _list_starts(
    problem: CoefficientProblem,
    year: SharingYear,
    curves: tuple[ValueCurve, ...],
    solution: ContinuousSolution,
) -> Iterator[Millionths]:
    """List coefficients to climb from: best in coarse parts, best of the majorants, the rules."""
    region = problem.region
    if not region.couples_members:
        yield share_in_parts(problem, curves)
    yield _round(problem, solution)
    if problem.grid == MILLIONTHS:
        rounded = (round_by_largest_remainder(b, year.precedence) for b in year.rules().values())
        yield from (parts for parts in rounded if region.holds(parts))
