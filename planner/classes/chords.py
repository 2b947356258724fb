"""Chords of one class for the linear program: chosen bends, and what lies between them is worth.

Every member of a class bends where it is saturated in an interval. The program sees chords
between a few of these bends, which never lie above the truth; all of them make it exact.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.classes.problem import ClassProblem
from planner.classes.separate import build_class_curves
from planner.coefficients.problem import Shares
from planner.curves import cover_concavely
from planner.member_prices import take_intervals, write_out

Values = NDArray[np.float64]

_TAKEN_WHOLE = 12
_FIRST_POINTS = 9
_PARTS_OF_A_CHORD = 8
_NEIGHBOURS = 2


class Yields(NamedTuple):
    """What points of a class bring.

    ``used`` is energy [kWh] and ``beyond`` what it saves beyond the limit of compensation [EUR],
    shape (n_members, n_points); ``capped`` what the cap of each month may cut off [EUR], shape
    (n_members, n_points, n_months).
    """

    used: Values
    beyond: Values
    capped: Values


class ClassChords:
    """The bends of all members in one class, and those that the program knows.

    Attributes
    ----------
    bends : ndarray, shape (n_members, n_bends)
        Coefficients within each member's limits, ascending; short rows repeat the last.
    known : ndarray of bool, shape (n_members, n_bends)
        Bends that end chords.
    """

    def __init__(self, problem: ClassProblem, number: int) -> None:
        steps = problem.steps[number]
        steps = steps[problem.year.generation_kwh[steps] > 0]
        self._generation = problem.year.generation_kwh[steps]
        self._consumption = problem.year.consumption_kwh[:, steps]
        prices = problem.year.prices
        self._prices = None if prices is None else write_out(take_intervals(prices, steps))
        month = np.searchsorted(problem.year.month_starts, steps, side="right") - 1
        self.months, self._first = np.unique(month, return_index=True)
        low, high = (
            edge[:, number, np.newaxis] / MILLIONTHS for edge in (problem.lower, problem.upper)
        )
        if problem.worth.is_concave(steps):
            inner = self._consumption / self._generation
        else:
            inner = _list_corners(problem, number)
        self.bends = np.sort(np.concatenate((low, np.clip(inner, low, high), high), axis=1), axis=1)
        self.known = np.zeros(self.bends.shape, dtype=bool)
        n_bends = self.bends.shape[1]
        n_first = n_bends if n_bends <= _TAKEN_WHOLE else _FIRST_POINTS
        self.known[:, np.linspace(0, n_bends - 1, n_first).astype(int)] = True

    def learn(self, beta: Shares) -> int:
        """Split the chords in which each member's coefficient lies; count the new bends."""
        before = int(self.known.sum())
        n_bends = self.bends.shape[1]
        for row, known, share in zip(self.bends, self.known, beta.tolist(), strict=True):
            place = int(np.searchsorted(row, share))
            ends = np.flatnonzero(known)
            right = int(np.searchsorted(ends, place))
            window = ends[max(right - 2, 0) : right + 2]
            split = np.linspace(window[0], window[-1], 3 * _PARTS_OF_A_CHORD + 1)
            known[split.astype(int)] = True
            known[max(place - _NEIGHBOURS, 0) : min(place + _NEIGHBOURS, n_bends - 1) + 1] = True
        return int(self.known.sum()) - before

    def points(self) -> Shares:
        """List the ends of chords, shape (n_members, n_points); short rows repeat the last."""
        n_known = self.known.sum(axis=1)
        order = np.argsort(~self.known, axis=1, kind="stable")[:, : n_known.max()]
        places = np.minimum(np.arange(n_known.max()), n_known[:, np.newaxis] - 1)
        chosen = np.take_along_axis(order, places, axis=1)
        return np.take_along_axis(self.bends, chosen, axis=1)

    def measure(self, points: Shares) -> Yields:
        """Measure energy and money at points, shape (n_members, n_points)."""
        allocated = points[:, :, np.newaxis] * self._generation
        used = np.minimum(allocated, self._consumption[:, np.newaxis, :])
        if self._prices is None or not self.months.size:
            nothing = np.zeros((*points.shape, self.months.size))
            return Yields(used.sum(axis=2), np.zeros(points.shape), nothing)
        beyond, surplus, ceiling = (
            rows[:, np.newaxis, :]
            for rows in (self._prices.beyond_limit, self._prices.surplus, self._prices.ceiling)
        )
        capped = (ceiling - surplus) * used + surplus * allocated
        return Yields(
            used.sum(axis=2),
            (beyond * used).sum(axis=2),
            np.add.reduceat(capped, self._first, axis=2),
        )


def _list_corners(problem: ClassProblem, number: int) -> Shares:
    """List the corners of the concave majorants, where energy may be worth more spilled."""
    corners = [cover_concavely(curve).knots for curve in build_class_curves(problem, number)]
    longest = max(knots.size for knots in corners)
    return np.stack([np.append(knots, np.ones(longest - knots.size)) for knots in corners])
