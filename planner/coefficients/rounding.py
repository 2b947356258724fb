"""Least-loss rounding: the best coefficients among those that the distributor's file can carry."""

import heapq
import math

import numpy as np

from planner.coefficients.problem import CoefficientProblem, Millionths
from planner.coefficients.projection import project_to_grid
from planner.curves import ValueCurve


def round_with_least_loss(problem: CoefficientProblem, price: float) -> Millionths:
    """Find the best coefficients in whole millionths that keep every limit and sum to one.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and feasible limits.
    price : float
        Dual price of the continuous optimum [kWh or EUR per unit of coefficient].

    Returns
    -------
    ndarray of int64, shape (n_members,)
        An optimum of the problem on the grid; of several, the one nearest to the target by least
        squares, then by precedence.

    Notes
    -----
    On the grid the gain of one more millionth never rises either, so taking every millionth that
    gains more than a price is optimal for its own sum. The continuous price is off by at most one
    millionth a member, those whose curve bends inside it; steps of the greatest gain are then
    added, or of the least taken back, until the sum is right. The gain of the last one is the
    price on the grid; millionths of exactly that gain are shared out by the target.
    """
    gains = _Gains(problem)
    surely, at_most = gains.enclose(price / problem.grid)
    gain = price / problem.grid
    if surely.sum() > problem.grid:
        gain = gains.take_back(surely, int(surely.sum()) - problem.grid)
    elif at_most.sum() < problem.grid:
        gain = gains.add(at_most, problem.grid - int(at_most.sum()))
    surely, at_most = gains.enclose(gain)
    return project_to_grid(problem.target, surely, at_most, problem.precedence, parts=problem.grid)


def _extremes(curve: ValueCurve) -> tuple[float, float, float]:
    """List where a concave curve is least or greatest."""
    return 0.0, curve.reach(0.0), 1.0


class _Gains:
    """What one more millionth brings each member."""

    def __init__(self, problem: CoefficientProblem) -> None:
        self.problem = problem
        self.known: dict[tuple[int, int], float] = {}
        top = max(abs(curve.value_at(at)) for curve in problem.curves for at in _extremes(curve))
        self.tolerance = problem.slope_tolerance / problem.grid + 8 * np.finfo(float).eps * top

    def of_step(self, member: int, step: int) -> float:
        """Gain of going from one grid point to the next."""
        if (member, step) not in self.known:
            curve, grid = self.problem.curves[member], self.problem.grid
            rise = curve.value_at((step + 1) / grid) - curve.value_at(step / grid)
            self.known[member, step] = rise
        return self.known[member, step]

    def enclose(self, gain: float) -> tuple[Millionths, Millionths]:
        """Count each member's steps that gain more than a gain, and those of at least that gain."""
        members = range(len(self.problem.curves))
        counts = np.array([self._count(member, gain) for member in members], dtype=np.int64)
        surely, at_most = np.clip(counts.T, self.problem.lower, self.problem.upper)
        return surely, at_most

    def _count(self, member: int, gain: float) -> tuple[int, int]:
        """Count one member's steps: those before a bend, perhaps the one that the bend is in."""
        curve, grid = self.problem.curves[member], self.problem.grid
        above, least = gain + self.tolerance, gain - self.tolerance
        surely = int(curve.reach(above * grid) * grid)
        while surely < grid and self.of_step(member, surely) > above:
            surely += 1
        at_most = max(surely, int(curve.reach_of_ties(least * grid) * grid))
        while at_most < grid and self.of_step(member, at_most) >= least:
            at_most += 1
        return surely, at_most

    def add(self, grid: Millionths, count: int) -> float:
        """Take the steps of greatest gain that are left; return the gain of the last."""
        queue = [
            (-self.of_step(member, int(grid[member])), member)
            for member in np.flatnonzero(grid < self.problem.upper).tolist()
        ]
        heapq.heapify(queue)
        gain = math.inf
        for _ in range(count):
            gain, member = -queue[0][0], queue[0][1]
            grid[member] += 1
            if grid[member] < self.problem.upper[member]:
                heapq.heapreplace(queue, (-self.of_step(member, int(grid[member])), member))
            else:
                heapq.heappop(queue)
        return gain

    def take_back(self, grid: Millionths, count: int) -> float:
        """Undo the steps of least gain; return the gain of the last."""
        queue = [
            (self.of_step(member, int(grid[member]) - 1), member)
            for member in np.flatnonzero(grid > self.problem.lower).tolist()
        ]
        heapq.heapify(queue)
        gain = math.inf
        for _ in range(count):
            gain, member = queue[0]
            grid[member] -= 1
            if grid[member] > self.problem.lower[member]:
                heapq.heapreplace(queue, (self.of_step(member, int(grid[member]) - 1), member))
            else:
                heapq.heappop(queue)
        return gain
