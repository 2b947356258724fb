"""The exact optimum within bounds: fill the steepest pieces of all curves until the sum is one."""

import math

import numpy as np

from planner.coefficients.certificate import prove_upper_bound
from planner.coefficients.multipliers import Multipliers
from planner.coefficients.problem import CoefficientProblem, Shares, check_bounds
from planner.coefficients.projection import project_shares
from planner.coefficients.solution import ContinuousSolution

_FULL = 1 - 1e-12
"""Sum at which the coefficients count as one: what float sums leave of it."""

_HALVINGS = 8


def solve_exactly(
    problem: CoefficientProblem, least_price: float = -math.inf
) -> ContinuousSolution:
    """Find the optimal coefficients and the dual price that proves them.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.
    least_price : float
        A price that is known not to be too high, such as that of the same curves under wider
        limits from below: the search begins there.

    Returns
    -------
    ContinuousSolution
        Of several optima, the one nearest to the problem's target by least squares.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.

    Notes
    -----
    A continuous knapsack: each linear piece of a curve is an item as heavy as it is wide and as
    valuable per unit as it is steep. The slope of the last piece that fits is the price of the
    sum; below it everything is taken, at it anything goes. The price is halved in upon
    before pieces are sorted: O(pieces) beside the sorting of each curve.
    """
    check_bounds(problem.lower, problem.upper, problem.grid)
    price = _find_price(problem, least_price)
    tolerance = problem.slope_tolerance
    lower, upper = problem.lower / problem.grid, problem.upper / problem.grid
    surely = np.array([curve.reach(price + tolerance) for curve in problem.curves])
    at_most = np.array([curve.reach_of_ties(price - tolerance) for curve in problem.curves])
    beta: Shares = project_shares(
        problem.target, np.clip(surely, lower, upper), np.clip(at_most, lower, upper)
    )
    return ContinuousSolution(
        beta=beta,
        multipliers=Multipliers(price),
        upper_bound=prove_upper_bound(problem, price),
        solver="reparto",
        method="exact: continuous knapsack over the sorted breakpoints",
    )


def _find_price(problem: CoefficientProblem, least_price: float) -> float:
    """Find the slope at which the coefficients, filled steepest first, sum to one."""
    lower, upper = problem.lower / problem.grid, problem.upper / problem.grid
    if int(problem.lower.sum()) == problem.grid:
        return float(max(curve.slopes[0] for curve in problem.curves))
    low, high, filled = _enclose_price(problem, lower, upper, least_price)
    left = [curve.pieces_between(high, low) for curve in problem.curves]
    pairs = list(zip(problem.curves, left, strict=True))
    slopes = np.concatenate([curve.slopes[pieces] for curve, pieces in pairs])
    starts = np.concatenate([curve.knots[:-1][pieces] for curve, pieces in pairs])
    ends = np.concatenate([curve.knots[1:][pieces] for curve, pieces in pairs])
    counts = [pieces.stop - pieces.start for pieces in left]
    limits = np.repeat(lower, counts), np.repeat(upper, counts)
    widths = np.clip(ends, *limits) - np.clip(starts, *limits)
    inside = widths > 0
    slopes, widths = slopes[inside], widths[inside]
    steepest_first = np.argsort(-slopes)
    sums = filled + np.cumsum(widths[steepest_first])
    last = min(int(np.searchsorted(sums, _FULL)), slopes.size - 1)
    return float(slopes[steepest_first[last]])


def _enclose_price(
    problem: CoefficientProblem, lower: Shares, upper: Shares, least_price: float
) -> tuple[float, float, float]:
    """Halve the range of the price a few times; what is steeper than its upper end is filled.

    Few pieces are left between the two prices then, and only these need to be sorted.
    """
    low = max(least_price, min(float(curve.slopes[-1]) for curve in problem.curves))
    high = max(float(curve.slopes[0]) for curve in problem.curves)
    filled = float(lower.sum())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = _sum_of_reach(problem, middle, lower, upper)
        if reached < _FULL:
            high, filled = middle, reached
        else:
            low = middle
    return low, high, filled


def _sum_of_reach(problem: CoefficientProblem, price: float, lower: Shares, upper: Shares) -> float:
    """Sum what the members take of a plant that costs more than a price."""
    reach = np.array([curve.reach(price) for curve in problem.curves])
    return float(np.clip(reach, lower, upper).sum())
