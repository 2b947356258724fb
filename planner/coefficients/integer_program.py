"""The best coefficients on the grid where groups or a change in total tie members together.

A small integer program: around the continuous optimum each member has a few steps of the grid to
choose from, each with its exact gain; on a coarse grid of blocks it has them all.
"""

import numpy as np
import pulp
from numpy.typing import NDArray

from models.values.errors import InfeasibleError
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares
from planner.coefficients.region import Region
from planner.coefficients.rows import Columns, add_change, add_groups, add_sum

_REACHES = (2, 16, 128)
_MOST_STEPS = 30_000
_SECONDS = 60
_TOP = 1e6
"""What the greatest gain of a step counts for, well above the solver's tolerances."""

_DRAW = 1e-1
"""What a step nearer to the wish counts for: a ten millionth of the greatest gain, for ties."""

_FIRST = 1e-2
"""Parts by which the wish of the first passes that of the last, for ties even then."""


class EmptyRegionError(InfeasibleError):
    """No coefficients on the grid keep the limits."""

    def __init__(self) -> None:
        super().__init__("no coefficients that sum to 1 keep the limits; relax one of them")


def round_by_integer_program(problem: CoefficientProblem, near: Shares) -> Millionths:
    """Find the best coefficients on the grid, near continuous ones, that keep every limit.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.
    near : ndarray, shape (n_members,)
        The continuous optimum, which settles ties; what even that leaves open goes by precedence
        [1].

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Best of those within a few steps of ``near``, of all where the grid is coarse; any where
        the limits leave none so near [parts of the grid].

    Raises
    ------
    EmptyRegionError
        If no coefficients on the grid keep the limits.
    UnprovenError
        If the solver finds none in time, and does not show that there are none.
    """
    order = np.argsort(problem.precedence)
    parts = np.empty_like(problem.lower)
    parts[order] = _search_windows(problem.list_in(order), near[order])
    return parts


def _search_windows(problem: CoefficientProblem, near: Shares) -> Millionths:
    """Solve the program within few steps, and within more where these hold no solution."""
    whole = problem.grid * len(problem.curves) <= _MOST_STEPS
    for reach in (problem.grid,) if whole else _REACHES:
        lower = np.floor(near * problem.grid).astype(np.int64) - reach
        upper = np.ceil(near * problem.grid).astype(np.int64) + reach
        limits = problem.lower, problem.upper
        found = _solve(problem, near, np.clip(lower, *limits), np.clip(upper, *limits))
        if found is not None:
            return _order_twins(problem, found)
    anywhere = find_on_grid(problem.region)
    if anywhere is None:
        raise EmptyRegionError
    return anywhere


def find_on_grid(region: Region) -> Millionths | None:
    """Find any coefficients on the grid that keep every limit.

    Parameters
    ----------
    region : Region
        Limits.

    Returns
    -------
    ndarray of int64, shape (n_members,) or None
        None if there are none [parts of the grid].

    Raises
    ------
    UnprovenError
        If the solver finds none in time, and does not show that there are none.
    """
    program = pulp.LpProblem("feasibility", pulp.LpMaximize)
    columns = _add_columns(program, region.lower, region.upper)
    program.setObjective(pulp.LpAffineExpression())
    return _solve_rows(program, region, columns)


def _solve(
    problem: CoefficientProblem, near: Shares, lower: Millionths, upper: Millionths
) -> Millionths | None:
    """Choose steps between two sets of coefficients by their gains; the first listed go first."""
    program = pulp.LpProblem("rounding", pulp.LpMaximize)
    columns = _add_columns(program, lower, upper)
    gains = _measure_gains(problem, lower, upper)
    top = max((float(np.abs(own).max()) for own in gains if own.size), default=0.0) or 1.0
    value: list[tuple[pulp.LpVariable, float]] = []
    wished = near * problem.grid - lower - np.linspace(0, _FIRST, near.size)
    for member, own in enumerate(gains):
        wish = wished[member] - np.arange(own.size) - 0.5
        steps = [
            program.add_variable(f"step_{member}_{number}", 0, 1) for number in range(own.size)
        ]
        gain = _TOP * own / top + _DRAW * np.clip(wish, -1, 1)
        value += zip(steps, gain.tolist(), strict=True)
        terms = [(columns.variables[member], 1.0), *((step, -1.0) for step in steps)]
        program.addConstraint(pulp.LpAffineExpression(terms) == 0, f"steps_{member}")
    program.setObjective(pulp.LpAffineExpression(value))
    return _solve_rows(program, problem.region, columns)


def _order_twins(problem: CoefficientProblem, parts: Millionths) -> Millionths:
    """Hand out what twins hold by precedence: nothing else tells them apart."""
    ordered = parts.copy()
    for members in problem.list_twins():
        first = members[np.argsort(problem.precedence[members])]
        ordered[first] = np.sort(parts[members])[::-1]
    return ordered


def _add_columns(program: pulp.LpProblem, lower: Millionths, upper: Millionths) -> Columns:
    """Count each member's steps above its lower limit."""
    variables = [
        program.add_variable(f"beta_{member}", 0, room, cat=pulp.LpInteger)
        for member, room in enumerate((upper - lower).tolist())
    ]
    return Columns(variables, lower.astype(np.float64), 1.0)


def _measure_gains(
    problem: CoefficientProblem, lower: Millionths, upper: Millionths
) -> list[NDArray[np.float64]]:
    """Measure what each step between the limits gains."""
    gains = []
    for curve, low, high in zip(problem.curves, lower.tolist(), upper.tolist(), strict=True):
        at = np.arange(low, high + 1) / problem.grid
        gains.append(np.diff(np.interp(at, curve.knots, curve.values)))
    return gains


def _solve_rows(program: pulp.LpProblem, region: Region, columns: Columns) -> Millionths | None:
    """Add the rows of the limits, solve, and read whole parts of the grid."""
    add_sum(program, region, columns)
    add_groups(program, region, columns)
    add_change(program, region, columns)
    program.solve(pulp.HiGHS(msg=False, timeLimit=_SECONDS, gapRel=0.0, gapAbs=0.0))
    if program.sol_status == pulp.LpSolutionInfeasible:
        return None
    if program.sol_status not in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    steps = np.array([share.value() for share in columns.variables], dtype=np.float64)
    return np.round(columns.offset + steps).astype(np.int64)
