"""Good coefficients where curves are not concave: a coarse plan, then exchanges between two.

On the least concave majorants a member may rest in the middle of a chord, far above its own
curve. So the curves themselves are searched: all ways to share in coarse parts, by dynamic
programming, and then ever finer exchanges that keep every limit. It proves nothing; the
majorants' bound does.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from planner.coefficients.problem import CoefficientProblem, Millionths
from planner.curves import ValueCurve

_PARTS = 1000
_NOISE = 1e-11
"""Share of the largest value below which a gain may be a rounding error, and never end."""


def choose_by_exchanges(
    problem: CoefficientProblem, curves: tuple[ValueCurve, ...], starts: Iterable[Millionths]
) -> Millionths:
    """Improve several starts by exchanges and give the best that comes out.

    Parameters
    ----------
    problem : CoefficientProblem
        Limits that hold throughout, those that tie members together too.
    curves : tuple of ValueCurve, length n_members
        What coefficients are really worth [EUR].
    starts : iterable of ndarrays of int64, shape (n_members,)
        Coefficients within the limits that sum to one [parts of the grid]; the first of equals
        wins.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Coefficients that no exchange of a power of two parts between two members improves,
        worth at least as much as every start [parts of the grid].
    """
    climbed = [_Climb(problem, curves, start).run() for start in starts]
    values = [
        sum(curve.value_at(k / problem.grid) for curve, k in zip(curves, grid, strict=True))
        for grid in climbed
    ]
    return climbed[int(np.argmax(values))]


def share_in_parts(problem: CoefficientProblem, curves: tuple[ValueCurve, ...]) -> Millionths:
    """Find the best way to share what the lower limits leave, in coarse equal parts.

    Parameters
    ----------
    problem : CoefficientProblem
        Limits of single members, which hold.
    curves : tuple of ValueCurve, length n_members
        What coefficients are really worth [EUR].

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Coefficients within the limits that sum to one [parts of the grid].

    Notes
    -----
    Dynamic programming over members: the best value of every number of parts given out so far.
    O(members parts^2).
    """
    room = problem.grid - int(problem.lower.sum())
    count = max(1, min(_PARTS, room))
    sizes = np.arange(count + 1) * room // count
    left = np.subtract.outer(np.arange(count + 1), np.arange(count + 1))
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    taken = np.empty((len(curves), count + 1), dtype=np.int64)
    for member, curve in enumerate(curves):
        at = problem.lower[member] + sizes
        value = np.interp(at / problem.grid, curve.knots, curve.values)
        value[at > problem.upper[member]] = -np.inf
        # Row by parts given out, column by parts this member takes.
        total = np.where(left >= 0, best[left], -np.inf) + value
        taken[member] = np.argmax(total, axis=1)
        best = total[np.arange(count + 1), taken[member]]
    return _trace_back(problem, sizes, taken)


def _trace_back(
    problem: CoefficientProblem, sizes: Millionths, taken: NDArray[np.int64]
) -> Millionths:
    """Read who takes how many parts, and hand out what they leave over."""
    grid = problem.lower.copy()
    parts = sizes.size - 1
    for member in range(len(grid) - 1, -1, -1):
        grid[member] += sizes[taken[member, parts]]
        parts -= int(taken[member, parts])
    missing = problem.grid - int(grid.sum())
    for member in range(len(grid)):
        given = min(missing, int(problem.upper[member] - grid[member]))
        grid[member] += given
        missing -= given
    return grid


class _Climb:
    """One climb: who would gain by a step more, and who would lose least by a step less."""

    def __init__(
        self, problem: CoefficientProblem, curves: tuple[ValueCurve, ...], start: Millionths
    ) -> None:
        self.problem = problem
        self.curves = curves
        self.grid = start.copy()
        top = max(float(np.abs(curve.values).max()) for curve in curves)
        self.noise = _NOISE * top

    def run(self) -> Millionths:
        """Exchange ever smaller steps, and begin anew, until nothing improves."""
        improved = True
        while improved:
            improved = False
            step = 1 << (self.problem.grid.bit_length() - 1)
            while step:
                improved |= self._exchange(step)
                step //= 2
        return self.grid

    def _exchange(self, step: int) -> bool:
        """Move steps from the member that loses least to the one that gains most."""
        improved = False
        gains, losses = np.empty(len(self.curves)), np.empty(len(self.curves))
        touched: Iterable[int] = range(len(self.curves))
        while True:
            for member in touched:
                gains[member], losses[member] = self._measure(member, step)
            exchanges = np.subtract.outer(gains, losses)
            np.fill_diagonal(exchanges, -np.inf)
            exchanges[self._find_forbidden(step)] = -np.inf
            taker, giver = divmod(int(np.argmax(exchanges)), len(self.curves))
            if exchanges[taker, giver] <= self.noise:
                return improved
            self.grid[taker] += step
            self.grid[giver] -= step
            touched = (taker, giver)
            improved = True

    def _find_forbidden(self, step: int) -> NDArray[np.bool_]:
        """Mark exchanges, row by taker and column by giver, that break what ties members."""
        forbidden = np.zeros((len(self.curves), len(self.curves)), dtype=bool)
        for group in self.problem.groups:
            total = int(self.grid[group.members].sum())
            if total + step > group.upper:
                forbidden |= np.logical_and.outer(group.members, ~group.members)
            if total - step < group.lower:
                forbidden |= np.logical_and.outer(~group.members, group.members)
        change = self.problem.change
        if change is not None:
            off = np.abs(self.grid - change.around)
            further = np.abs(self.grid + step - change.around) - off
            nearer = np.abs(self.grid - step - change.around) - off
            forbidden |= np.add.outer(further, nearer) > change.leave(self.grid)
        return forbidden

    def _measure(self, member: int, step: int) -> tuple[float, float]:
        """Value of a step more, and cost of a step less; infinite where a limit forbids it."""
        curve, at = self.curves[member], int(self.grid[member])
        grid = self.problem.grid
        here = curve.value_at(at / grid)
        gain, loss = -np.inf, np.inf
        if at + step <= self.problem.upper[member]:
            gain = curve.value_at((at + step) / grid) - here
        if at - step >= self.problem.lower[member]:
            loss = here - curve.value_at((at - step) / grid)
        return gain, loss
