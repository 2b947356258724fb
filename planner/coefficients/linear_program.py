"""The same problem as a linear program over chosen breakpoints, refined until it is proven.

The program stays small: each curve is replaced by chords between a few of its points, which never
lie above it, so every solution is attainable. The dual price of the sum then bounds the optimum
of the true curves; where bound and solution differ, the chords around the solution are split.
"""

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError, ErrorCode
from planner.coefficients.certificate import measure_gap, prove_upper_bound
from planner.coefficients.problem import CoefficientProblem, Shares, check_bounds
from planner.coefficients.solution import ContinuousSolution

GAP = 1e-6
"""Relative gap at which a linear program counts as solved."""

_FIRST_BREAKPOINTS = 24
_PARTS_OF_A_CHORD = 8
_MOST_ROUNDS = 40


class UnprovenError(CommunityError):
    """The linear program ended without a certified gap.

    Attributes
    ----------
    gap : float or None
        The gap that was reached; None if there was no solution at all.
    """

    code = ErrorCode.UNPROVEN

    def __init__(self, reason: str, gap: float | None) -> None:
        super().__init__(reason)
        self.gap = gap


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One solution of the program: coefficients, and the dual price of their sum."""

    beta: Shares
    price: float


def solve_by_linear_program(problem: CoefficientProblem) -> ContinuousSolution:
    """Find coefficients whose value is within 1e-6 of a proven bound.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.

    Returns
    -------
    ContinuousSolution
        Coefficients, price and bound of the round with the least gap.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    UnprovenError
        If the solver fails, or the gap stays above 1e-6.

    Notes
    -----
    ``docs/formulation.md`` writes the program out, with the names of its rows.
    """
    check_bounds(problem.lower, problem.upper)
    breakpoints = [_first_breakpoints(problem, member) for member in range(len(problem.curves))]
    bound, gap = np.inf, np.inf
    for number in range(1, _MOST_ROUNDS + 1):
        solved = _solve_round(problem, breakpoints)
        bound = min(bound, prove_upper_bound(problem, solved.price))
        gap = measure_gap(bound, problem.value_of(solved.beta))
        if gap <= GAP:
            return ContinuousSolution(
                beta=solved.beta,
                price=solved.price,
                upper_bound=bound,
                solver="HiGHS",
                method=f"linear program over chosen breakpoints, {number} rounds",
            )
        breakpoints = [
            _split_around(problem, member, points, solved)
            for member, points in enumerate(breakpoints)
        ]
    raise UnprovenError(f"gap of {gap:.1e} after {_MOST_ROUNDS} rounds, not {GAP:.0e}", gap)


def _first_breakpoints(problem: CoefficientProblem, member: int) -> Shares:
    """Choose points between a member's limits at even steps of its slope, where the curve bends."""
    low, high = problem.lower[member] / MILLIONTHS, problem.upper[member] / MILLIONTHS
    curve = problem.curves[member]
    levels = np.linspace(curve.slopes[0], curve.slopes[-1], _FIRST_BREAKPOINTS)
    points = [curve.reach(level) for level in levels.tolist()]
    return np.unique(np.clip([low, *points, high], low, high))


def _split_around(
    problem: CoefficientProblem, member: int, points: Shares, solved: _Round
) -> Shares:
    """Split the chords beside a member's coefficient, and add where the price would put it."""
    low, high = points[0], points[-1]
    place = int(np.searchsorted(points, solved.beta[member]))
    left, right = points[max(place - 2, 0)], points[min(place + 1, points.size - 1)]
    fine = np.linspace(left, right, 3 * _PARTS_OF_A_CHORD + 1)
    curve = problem.curves[member]
    wished = [curve.reach(solved.price), curve.reach_of_ties(solved.price)]
    return np.unique(np.concatenate((points, fine, np.clip(wished, low, high))))


def _solve_round(problem: CoefficientProblem, breakpoints: list[Shares]) -> _Round:
    """Build the program in PuLP, solve it with HiGHS, and read coefficients and price."""
    program = pulp.LpProblem("coefficients", pulp.LpMaximize)
    coefficients = [
        program.add_variable(f"beta_{member}", float(points[0]), float(points[-1]))
        for member, points in enumerate(breakpoints)
    ]
    value: list[tuple[pulp.LpVariable, float]] = []
    for member, (beta, points) in enumerate(zip(coefficients, breakpoints, strict=True)):
        value += _add_chords(program, problem, member, beta, points)
    program.setObjective(pulp.LpAffineExpression(value))
    total = pulp.LpAffineExpression([(beta, 1.0) for beta in coefficients]) == 1
    program.addConstraint(total, "sum_of_coefficients")
    program.solve(pulp.HiGHS(msg=False))
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    return _Round(
        beta=np.array([beta.value() for beta in coefficients], dtype=np.float64),
        # PuLP hands on the duals of the minimisation that HiGHS was given.
        price=-float(total.pi),
    )


def _add_chords(
    program: pulp.LpProblem,
    problem: CoefficientProblem,
    member: int,
    beta: pulp.LpVariable,
    points: NDArray[np.float64],
) -> list[tuple[pulp.LpVariable, float]]:
    """Make a member's coefficient the sum of its chords; return the chords' share of the value."""
    curve = problem.curves[member]
    widths = np.diff(points)
    slopes = np.diff(np.interp(points, curve.knots, curve.values)) / widths
    chords = [
        program.add_variable(f"chord_{member}_{number}", 0, width)
        for number, width in enumerate(widths.tolist())
    ]
    terms = [(beta, 1.0), *((chord, -1.0) for chord in chords)]
    program.addConstraint(
        pulp.LpAffineExpression(terms) == float(points[0]), f"coefficient_{member}"
    )
    return list(zip(chords, slopes.tolist(), strict=True))
