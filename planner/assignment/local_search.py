"""A good assignment before it is proven: move one member, swap two, as long as that gains.

The plants' values are read from tables of rents over a list of prices. Each is an upper bound
that comes close where a price is near the plant's own, so that a search over thousands of steps
costs no more than a few matrix operations; whoever uses the result values it exactly.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from planner.assignment.problem import NO_CAU, AssignmentProblem, CauOf

Values = NDArray[np.float64]

_NOISE = 1e-10
"""Share of the value below which a gain may be a rounding error, and never end."""

_SLACK = 1e-9
"""What the sums of a capacity may be off by rounding."""


def improve_assignment(
    problem: AssignmentProblem, prices: Values, rents: Values, start: CauOf
) -> CauOf:
    """Move one member or swap two, the best step first, until none gains.

    Parameters
    ----------
    problem : AssignmentProblem
        Reach and capacities, which hold throughout.
    prices : ndarray, shape (n_caus, n_prices)
        Prices at which each plant's value is looked up.
    rents : ndarray, shape (n_caus, n_members, n_prices)
        What each member would keep at each of them.
    start : ndarray of int, shape (n_members,)
        Plant of each member.

    Returns
    -------
    ndarray of int, shape (n_members,)
        Plant of each member.
    """
    return _Climb(problem, prices, rents, start).run()


class _Climb:
    """One climb, in which a move is a swap with nobody.

    One more plant, worth nothing, is for those who share in none; one more member adds nothing
    wherever it is.
    """

    def __init__(
        self, problem: AssignmentProblem, prices: Values, rents: Values, start: CauOf
    ) -> None:
        n_caus, n_members = problem.n_caus, problem.n_members
        self.rents = np.pad(rents, ((0, 1), (0, 1), (0, 0)))
        self.cau_of = np.append(np.where(start == NO_CAU, n_caus, start), n_caus + 1)
        self.allowed = np.pad(problem.allowed, ((0, 1), (0, 1)), constant_values=True)
        self.allowed[:n_members, n_caus] = not problem.everybody_shares
        self.capacities = [
            (np.append(each.size, 0.0), np.append(each.least, 0.0), np.append(each.most, np.inf))
            for each in problem.list_capacities()
        ]
        chosen = [self.cau_of == cau for cau in range(n_caus + 1)]
        self.totals = np.pad(prices, ((0, 1), (0, 0))) + np.array(
            [self.rents[cau, members].sum(axis=0) for cau, members in enumerate(chosen)]
        )
        self.values = self.totals.min(axis=1)
        self.noise = _NOISE * float(np.abs(self.values).sum())

    def run(self) -> CauOf:
        """Take the best step of any two plants until none gains."""
        pairs = list(combinations(range(len(self.values)), 2))
        while True:
            steps = [(*self._find_swap(*pair), *pair) for pair in pairs]
            gain, first, second, cau, other = max(steps)
            if gain <= self.noise:
                last = len(self.values) - 1
                return np.where(self.cau_of == last, NO_CAU, self.cau_of)[:-1]
            self._swap(first, second, cau, other)

    def _find_swap(self, cau: int, other: int) -> tuple[float, int, int]:
        """Find the best exchange of one member, or nobody, of each of two plants."""
        nobody = self.cau_of.size - 1
        ours = np.append(np.flatnonzero(self.cau_of == cau), nobody)
        theirs = np.append(np.flatnonzero(self.cau_of == other), nobody)
        here = _replace_each(self.totals[cau], self.rents[cau], ours, theirs)
        there = _replace_each(self.totals[other], self.rents[other], theirs, ours).T
        gains = here + there - self.values[cau] - self.values[other]
        gains[~self._may_swap(ours, theirs, cau, other)] = -np.inf
        first, second = divmod(int(np.argmax(gains)), theirs.size)
        return float(gains[first, second]), int(ours[first]), int(theirs[second])

    def _may_swap(
        self, ours: NDArray[np.intp], theirs: NDArray[np.intp], cau: int, other: int
    ) -> NDArray[np.bool_]:
        """Tell which exchanges keep reach and capacities."""
        may: NDArray[np.bool_] = np.logical_and.outer(
            self.allowed[ours, other], self.allowed[theirs, cau]
        )
        for size, least, most in self.capacities:
            change = np.subtract.outer(size[theirs], size[ours]).T
            for place, sums in (
                (cau, float(size[self.cau_of == cau].sum()) + change),
                (other, float(size[self.cau_of == other].sum()) - change),
            ):
                may &= (sums >= least[place] - _SLACK) & (sums <= most[place] + _SLACK)
        return may

    def _swap(self, first: int, second: int, cau: int, other: int) -> None:
        """Exchange two members, one of whom may be nobody."""
        nobody = self.cau_of.size - 1
        for member, place, former in ((first, other, cau), (second, cau, other)):
            if member != nobody:
                self.cau_of[member] = place
                self.totals[former] -= self.rents[former, member]
                self.totals[place] += self.rents[place, member]
        self.values = self.totals.min(axis=1)


def _replace_each(
    total: Values, rents: Values, leaving: NDArray[np.intp], coming: NDArray[np.intp]
) -> Values:
    """Value a plant after each exchange, shape (n_leaving, n_coming)."""
    entering = rents[coming]
    return np.array([(total - rents[member] + entering).min(axis=1) for member in leaving])
