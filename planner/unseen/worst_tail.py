"""The worst scenarios raised by a linear program over few points, refined until it is proven.

All scenarios share the points of a member, and its coefficient is a mixture of them. Concave
curves lie above the mixture of their values, so what the program promises is attainable. The
duals of the scenarios' rows are weights: the best for the scenarios so weighted bounds them all.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.certificate import measure_gap
from planner.coefficients.exact import solve_exactly
from planner.coefficients.linear_program import GAP, UnprovenError
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares
from planner.curves import ValueCurve, add_curves, cover_concavely

Values = NDArray[np.float64]

_FIRST_POINTS = 16
_PARTS_BESIDE = 4
_MOST_ROUNDS = 40
_NOISE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class TailProblem:
    """Maximise the mean over the worst scenarios within bounds that sum to one.

    Attributes
    ----------
    curves : tuple of tuple of ValueCurve, shape (n_scenarios, n_members)
        Concave: what a coefficient is worth to each member in each scenario.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits [millionths].
    target : ndarray, shape (n_members,)
        Settles ties [1].
    precedence : ndarray of int, shape (n_members,)
        Settles the last ties.
    tail_share : float
        Share of the scenarios that counts, above 0 and at most 1.
    """

    curves: tuple[tuple[ValueCurve, ...], ...]
    lower: Millionths
    upper: Millionths
    target: Shares
    precedence: NDArray[np.intp]
    tail_share: float

    @property
    def most_weight(self) -> float:
        """Weight that one scenario can have at most, all together weighing one."""
        return min(1.0, 1.0 / (self.tail_share * len(self.curves)))

    def value_of(self, beta: Shares) -> float:
        """Average the worst scenarios at given coefficients."""
        totals = [
            sum(curve.value_at(share) for curve, share in zip(members, beta.tolist(), strict=True))
            for members in self.curves
        ]
        return mean_of_worst(np.array(totals), self.tail_share)

    def weigh(self, weights: Values) -> CoefficientProblem:
        """State the problem of the scenarios' weighted sum."""
        heavy = np.flatnonzero(weights > 0).tolist()
        by_member = zip(*(self.curves[scenario] for scenario in heavy), strict=True)
        parts = weights[heavy].tolist()
        return CoefficientProblem(
            curves=tuple(
                # sums of floats may rise by noise where the sum of concave curves does not
                cover_concavely(
                    add_curves([c.scale(part) for c, part in zip(curves, parts, strict=True)])
                )
                for curves in by_member
            ),
            lower=self.lower,
            upper=self.upper,
            target=self.target,
            precedence=self.precedence,
        )


@dataclass(frozen=True, slots=True, eq=False)
class TailSolution:
    """Coefficients before rounding.

    Attributes
    ----------
    beta : ndarray, shape (n_members,)
        Coefficients within the limits that sum to one [1].
    upper_bound : float
        Mean of the worst scenarios that no feasible coefficients pass [unit of the curves].
    method : str
        How it was solved.
    """

    beta: Shares
    upper_bound: float
    method: str


def mean_of_worst(values: Values, tail_share: float) -> float:
    """Average the least values, the last of them counted in part.

    Parameters
    ----------
    values : ndarray, shape (n_scenarios,)
        Any unit.
    tail_share : float
        Share of the scenarios to average, above 0 and at most 1; less than one scenario's share
        counts as one scenario.

    Returns
    -------
    float
        In the unit of the values.

    Examples
    --------
    >>> mean_of_worst(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
    1.5
    >>> mean_of_worst(np.array([4.0, 1.0]), 0.1)
    1.0
    """
    most = min(1.0, 1.0 / (tail_share * values.size))
    weights = np.clip(1.0 - most * np.arange(values.size), 0.0, most)
    return float(np.sort(values) @ weights)


def solve_worst_tail(
    problem: TailProblem, progress: Callable[[int, float], None] | None = None
) -> TailSolution:
    """Find coefficients whose worst scenarios are within 1e-6 of a proven bound.

    Parameters
    ----------
    problem : TailProblem
        Concave curves and limits.
    progress : callable, optional
        Told the number and the gap of each round.

    Returns
    -------
    TailSolution
        The coefficients of the last round, and the least bound of all.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    UnprovenError
        If the solver fails, or the gap stays above 1e-6.

    Notes
    -----
    The mean of the worst is the least weighted mean over weights that sum to one, none above
    ``most_weight``. For any such weights the exact optimum of the weighted sum therefore bounds
    it. The coefficients of that optimum, too, become points of the next round.
    """
    n_scenarios = len(problem.curves)
    weighted = problem.weigh(np.full(n_scenarios, 1.0 / n_scenarios))
    best = solve_exactly(weighted)
    points = _first_points(weighted, best.beta)
    bound, gap = best.upper_bound, np.inf
    for number in range(1, _MOST_ROUNDS + 1):
        beta, weights = _solve_round(problem, points)
        weighted = problem.weigh(weights)
        best = solve_exactly(weighted)
        bound = min(bound, best.upper_bound)
        gap = measure_gap(bound, problem.value_of(beta))
        if progress is not None:
            progress(number, gap)
        if gap <= GAP:
            method = f"linear program over shared points of {n_scenarios} scenarios"
            return TailSolution(beta, bound, f"{method}, {number} rounds")
        points = [
            _refine(known, share, wished, curve, best.price)
            for known, share, wished, curve in zip(
                points, beta.tolist(), best.beta.tolist(), weighted.curves, strict=True
            )
        ]
    raise UnprovenError(f"gap of {gap:.1e} after {_MOST_ROUNDS} rounds, not {GAP:.0e}", gap)


def _first_points(weighted: CoefficientProblem, beta: Shares) -> list[Shares]:
    """Choose points between each member's limits where the mean curve bends, and its optimum."""
    lower, upper = weighted.lower / MILLIONTHS, weighted.upper / MILLIONTHS
    points = []
    for curve, share, low, high in zip(weighted.curves, beta, lower, upper, strict=True):
        levels = np.linspace(curve.slopes[0], curve.slopes[-1], _FIRST_POINTS)
        bends = [curve.reach(level) for level in levels.tolist()]
        points.append(np.unique(np.clip([low, *bends, share, high], low, high)))
    return points


def _refine(points: Shares, share: float, wished: float, curve: ValueCurve, price: float) -> Shares:
    """Add points beside a member's coefficient, and where the weighted optimum would put it."""
    place = int(np.searchsorted(points, share))
    left, right = points[max(place - 1, 0)], points[min(place + 1, points.size - 1)]
    beside = np.linspace(left, right, 2 * _PARTS_BESIDE + 1)
    bends = [curve.reach(price), curve.reach_of_ties(price), wished]
    return np.unique(np.concatenate((points, beside, np.clip(bends, points[0], points[-1]))))


def _solve_round(problem: TailProblem, points: list[Shares]) -> tuple[Shares, Values]:
    """Mix each member's points so that the worst scenarios are best; return the weights too."""
    program = pulp.LpProblem("worst_tail", pulp.LpMaximize)
    mixtures = [
        [program.add_variable(f"mixture_{member}_{number}", 0) for number in range(known.size)]
        for member, known in enumerate(points)
    ]
    for member, mixture in enumerate(mixtures):
        whole = pulp.LpAffineExpression([(part, 1.0) for part in mixture]) == 1
        program.addConstraint(whole, f"mixture_{member}")
    parts = [part for mixture in mixtures for part in mixture]
    places = np.concatenate(points)
    total = pulp.LpAffineExpression(list(zip(parts, places.tolist(), strict=True))) == 1
    program.addConstraint(total, "sum_of_coefficients")
    rows = _add_scenarios(program, problem, points, parts)
    program.solve(pulp.HiGHS(msg=False))
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    shares = np.array([part.value() for part in parts]) * places
    ends = np.cumsum([known.size for known in points])
    beta = np.add.reduceat(shares, np.concatenate(([0], ends[:-1])))
    duals = np.array([row.pi for row in rows], dtype=np.float64)
    return beta, _weigh_exactly(np.abs(duals), problem.most_weight)


def _add_scenarios(
    program: pulp.LpProblem,
    problem: TailProblem,
    points: list[Shares],
    parts: list[pulp.LpVariable],
) -> list[pulp.LpConstraint]:
    """Set the objective, a threshold less the mean shortfall below it; return the shortfalls."""
    threshold = program.add_variable("threshold")
    terms, rows = [(threshold, 1.0)], []
    for scenario, members in enumerate(problem.curves):
        values = np.concatenate(
            [np.interp(at, c.knots, c.values) for c, at in zip(members, points, strict=True)]
        )
        shortfall = program.add_variable(f"shortfall_{scenario}", 0)
        terms.append((shortfall, -problem.most_weight))
        reached = list(zip(parts, values.tolist(), strict=True))
        row = pulp.LpAffineExpression([*reached, (shortfall, 1.0), (threshold, -1.0)]) >= 0
        program.addConstraint(row, f"scenario_{scenario}")
        rows.append(row)
    program.setObjective(pulp.LpAffineExpression(terms))
    return rows


def _weigh_exactly(duals: Values, most: float) -> Values:
    """Make weights of a solver's duals that sum to one, none above the most, as the proof needs."""
    weights: Values = np.minimum(duals, most)
    missing = 1.0 - float(weights.sum())
    if missing > _NOISE:
        room = most - weights
        weights += missing / float(room.sum()) * room
    return weights / float(weights.sum())
