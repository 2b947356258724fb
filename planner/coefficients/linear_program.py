"""The same problem as a linear program over chosen breakpoints, refined until it is proven.

The program stays small: each curve is replaced by chords between a few of its points, which never
lie above it, so every solution is attainable. The dual prices of the sum and of the groups then
bound the optimum of the true curves; where bound and solution differ, the chords around the
prices are split.
"""

from dataclasses import dataclass, replace

import numpy as np
import pulp

from models.values.errors import CommunityError, ErrorCode
from planner.coefficients.certificate import measure_gap
from planner.coefficients.multipliers import Multipliers, prove_bound
from planner.coefficients.nearest_optimum import take_nearest_optimum
from planner.coefficients.problem import CoefficientProblem, Shares, check_bounds
from planner.coefficients.rows import Columns, add_change, add_groups, add_intervals, add_sum
from planner.coefficients.solution import ContinuousSolution

GAP = 1e-6
"""Relative gap at which a linear program counts as solved."""

_FIRST_LEVELS = 24
_WINDOW_LEVELS = np.linspace(-1, 1, 9)
_FIRST_WINDOW = 0.2
_NARROWING = 0.2
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
    """One solution of the program: coefficients, and the dual prices of its limits."""

    beta: Shares
    multipliers: Multipliers


def solve_by_linear_program(problem: CoefficientProblem) -> ContinuousSolution:
    """Find coefficients whose value is within 1e-6 of a proven bound.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits that some coefficients keep.

    Returns
    -------
    ContinuousSolution
        The best coefficients of all rounds, or those as good that are nearest to the target, with
        the prices that prove the least bound. The members' order makes no difference.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits of single members and sum to one.
    UnprovenError
        If the solver fails, or the gap stays above 1e-6.

    Notes
    -----
    ``docs/formulation.md`` writes the program out, with the names of its rows.
    """
    check_bounds(problem.lower, problem.upper, problem.grid)
    order = np.argsort(problem.precedence)
    solution = _refine_until_proven(problem.list_in(order))
    beta = np.empty(order.size)
    beta[order] = solution.beta
    return replace(solution, beta=beta)


def _refine_until_proven(problem: CoefficientProblem) -> ContinuousSolution:
    """Solve the program and split its chords in turn."""
    points = [_first_points(problem, member) for member in range(len(problem.curves))]
    bound, value, gap = np.inf, -np.inf, np.inf
    proof, beta = Multipliers(0.0), np.empty(0)
    for number in range(1, _MOST_ROUNDS + 1):
        solved = _solve_round(problem, points)
        proven, reached = prove_bound(problem, solved.multipliers), problem.value_of(solved.beta)
        if proven < bound:
            bound, proof = proven, solved.multipliers
        if reached > value:
            value, beta = reached, solved.beta
        gap = measure_gap(bound, value)
        if gap <= GAP:
            return ContinuousSolution(
                beta=take_nearest_optimum(problem, problem.average_twins(beta), proof),
                multipliers=proof,
                upper_bound=bound,
                solver="HiGHS",
                method=f"linear program over chosen breakpoints, {number} rounds",
            )
        points = _refine(problem, points, solved, _FIRST_WINDOW * _NARROWING ** (number - 1))
    raise UnprovenError(f"gap of {gap:.1e} after {_MOST_ROUNDS} rounds, not {GAP:.0e}", gap)


def _first_points(problem: CoefficientProblem, member: int) -> Shares:
    """Choose points between a member's limits at even steps of its slope, where the curve bends."""
    curve = problem.curves[member]
    levels = np.linspace(curve.slopes[0], curve.slopes[-1], _FIRST_LEVELS)
    return _place_points(problem, member, [curve.reach(level) for level in levels.tolist()])


def _refine(
    problem: CoefficientProblem, points: list[Shares], solved: _Round, window: float
) -> list[Shares]:
    """Split the chords where each member's price would put it, and beside its coefficient."""
    prices = solved.multipliers.price_members(problem)
    around = window * np.abs(prices)[:, np.newaxis] * _WINDOW_LEVELS
    spread = solved.multipliers.change * (1 + window)
    refined = []
    for member, levels in enumerate(prices[:, np.newaxis] + around):
        curve = problem.curves[member]
        wished = [curve.reach(level) for level in levels.tolist()]
        wished += [curve.reach_of_ties(prices[member]), solved.beta[member]]
        wished += [curve.reach(prices[member] + side) for side in (-spread, spread)]
        refined.append(_place_points(problem, member, [*points[member].tolist(), *wished]))
    return refined


def _place_points(problem: CoefficientProblem, member: int, wished: list[float]) -> Shares:
    """Put points between a member's limits, the limits among them."""
    low, high = problem.lower[member] / problem.grid, problem.upper[member] / problem.grid
    if problem.change is not None:
        wished = [*wished, problem.change.around[member] / problem.grid]
    return np.unique(np.clip([low, *wished, high], low, high))


def _solve_round(problem: CoefficientProblem, points: list[Shares]) -> _Round:
    """Build the program in PuLP, solve it with HiGHS, and read coefficients and prices."""
    program = pulp.LpProblem("coefficients", pulp.LpMaximize)
    shares = [
        program.add_variable(f"beta_{member}", float(own[0]), float(own[-1]))
        for member, own in enumerate(points)
    ]
    columns = Columns(shares, np.zeros(len(shares)), problem.grid)
    value: list[tuple[pulp.LpVariable, float]] = []
    for member, own in enumerate(points):
        value += _add_chords(program, problem, member, shares[member], own)
    # In any unit alike: the solver's tolerances are absolute.
    scale = max((abs(slope) for _, slope in value), default=0.0) or 1.0
    program.setObjective(pulp.LpAffineExpression(value) / scale)
    region = problem.region
    total = add_sum(program, region, columns)
    add_intervals(program, region, columns)
    groups = add_groups(program, region, columns)
    change = add_change(program, region, columns)
    # Presolve takes longer than it saves here: 3 to 4 times in all.
    program.solve(pulp.HiGHS(msg=False, presolve="off"))
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    return _Round(
        beta=np.array([share.value() for share in shares], dtype=np.float64),
        multipliers=_read_multipliers(problem, scale, total, groups, change),
    )


def _read_multipliers(
    problem: CoefficientProblem,
    scale: float,
    total: pulp.LpConstraint,
    groups: dict[str, pulp.LpConstraint],
    change: pulp.LpConstraint | None,
) -> Multipliers:
    """Read the duals; PuLP hands on those of the minimisation that HiGHS was given."""
    signed = {}
    for group in problem.groups:
        price = -scale * float(groups[group.label].pi)
        signed[group.label] = max(0.0, price) if group.upper < problem.grid else min(0.0, price)
    return Multipliers(
        total=-scale * float(total.pi),
        groups=signed,
        change=0.0 if change is None else max(0.0, -scale * float(change.pi)),
    )


def _add_chords(
    program: pulp.LpProblem,
    problem: CoefficientProblem,
    member: int,
    share: pulp.LpVariable,
    points: Shares,
) -> list[tuple[pulp.LpVariable, float]]:
    """Make a member's coefficient the sum of its chords; return the chords' share of the value."""
    curve = problem.curves[member]
    widths = np.diff(points)
    slopes = np.diff(np.interp(points, curve.knots, curve.values)) / widths
    chords = [
        program.add_variable(f"chord_{member}_{number}", 0, width)
        for number, width in enumerate(widths.tolist())
    ]
    terms = [(share, 1.0), *((chord, -1.0) for chord in chords)]
    program.addConstraint(
        pulp.LpAffineExpression(terms) == float(points[0]), f"coefficient_{member}"
    )
    return list(zip(chords, slopes.tolist(), strict=True))
