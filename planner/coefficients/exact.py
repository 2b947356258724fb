"""The exact optimum within bounds: fill the steepest pieces of all curves until the sum is one."""

import numpy as np

from planner.coefficients.certificate import prove_upper_bound
from planner.coefficients.problem import CoefficientProblem, Shares, check_bounds
from planner.coefficients.projection import project_shares
from planner.coefficients.solution import ContinuousSolution


def solve_exactly(problem: CoefficientProblem) -> ContinuousSolution:
    """Find the optimal coefficients and the dual price that proves them.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.

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
    sum; below it everything is taken, at it anything goes. O(pieces log pieces).
    """
    check_bounds(problem.lower, problem.upper)
    price = _find_price(problem)
    tolerance = problem.slope_tolerance
    lower, upper = problem.lower / problem.grid, problem.upper / problem.grid
    surely = np.array([curve.reach(price + tolerance) for curve in problem.curves])
    at_most = np.array([curve.reach_of_ties(price - tolerance) for curve in problem.curves])
    beta: Shares = project_shares(
        problem.target, np.clip(surely, lower, upper), np.clip(at_most, lower, upper)
    )
    return ContinuousSolution(
        beta=beta,
        price=price,
        upper_bound=prove_upper_bound(problem, price),
        solver="reparto",
        method="exact: continuous knapsack over the sorted breakpoints",
    )


def _find_price(problem: CoefficientProblem) -> float:
    """Find the slope at which the coefficients, filled steepest first, sum to one."""
    widths = np.concatenate(
        [
            np.diff(np.clip(curve.knots, low / problem.grid, high / problem.grid))
            for curve, low, high in zip(problem.curves, problem.lower, problem.upper, strict=True)
        ]
    )
    slopes = np.concatenate([curve.slopes for curve in problem.curves])
    inside = widths > 0
    widths, slopes = widths[inside], slopes[inside]
    room = (problem.grid - int(problem.lower.sum())) / problem.grid
    if not slopes.size or room == 0:
        return float(max(curve.slopes[0] for curve in problem.curves))
    steepest_first = np.argsort(-slopes)
    filled = np.cumsum(widths[steepest_first])
    last = min(int(np.searchsorted(filled, room - 1e-12)), slopes.size - 1)
    return float(slopes[steepest_first[last]])
