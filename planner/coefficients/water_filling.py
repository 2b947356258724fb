"""Fill coefficients in like water: the next step of the grid goes to whoever stands lowest.

Where no member gains without another's loss, this is the lexicographic optimum: the lowest level
is as high as it can be, then the next lowest, and so on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.coefficients.problem import CoefficientProblem, Millionths
from planner.curves import ValueCurve

Values = NDArray[np.float64]

Feasibility = Callable[[Millionths], bool]
"""Tells of least coefficients whether any, from there on, keep all limits and sum to one."""

_Key = Callable[[int, int], float]
"""Rates a member's step from one part of the grid to the next; never falls along its steps."""

_FLAT = 1e-11
"""Share of a curve's steepest slope below which it no longer rises or falls."""

_REACHED = 1e-9
"""Share of its best by which a level from the data may miss it through rounding noise."""

_SLACK = 1e-12
"""What a bound gives away, relative to curve and sum, so that rounding noise cannot pass it."""


@dataclass(frozen=True, slots=True, eq=False)
class WaterLevel:
    """Coefficients that raise the lowest level first, and how high nobody can raise it.

    Attributes
    ----------
    parts : ndarray of int64, shape (n_members,)
        Coefficients within the limits that sum to one [parts of the grid].
    best : ndarray, shape (n_members,)
        The highest level that each member can have on the grid within its own limits.
    upper_bound : float
        No coefficients give every member more than this, or its own best.
    prices : ndarray, shape (n_members,)
        Level that each member would gain by one more unit of coefficient.
    """

    parts: Millionths
    best: Values
    upper_bound: float
    prices: Values


def raise_lowest_first(
    problem: CoefficientProblem, is_feasible: Feasibility | None = None
) -> WaterLevel:
    """Raise the lowest level as far as it goes, then the next lowest, and so on.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves of the members' levels, and limits that some coefficients keep.
    is_feasible : callable, optional
        Tells of least coefficients [parts of the grid] whether any on the grid from there on keep
        all limits and sum to one; left out, only the sum ties members together.

    Returns
    -------
    WaterLevel
        The lexicographic optimum on the grid, and a bound that holds for all coefficients.

    Notes
    -----
    Members that cannot rise any further stay, the others go on. What is left when all are at
    their best goes where it changes no level, as near to the target as it can; what is left even
    then lowers levels, the highest first (savings fall where surplus prices are negative). That
    last part takes the curves' falling side as it is: with ``is_feasible`` it keeps the limits,
    but another way to keep them might lower less.

    Examples
    --------
    >>> line = ValueCurve(np.array([0.0, 1.0]), np.array([4.0]), np.array([0.0, 4.0]))
    >>> limits = np.zeros(2, int), np.full(2, 10)
    >>> equal = np.full(2, 0.5)
    >>> problem = CoefficientProblem((line, line.scale(0.25)), *limits, equal, np.arange(2), 10)
    >>> raise_lowest_first(problem).parts.tolist()
    [2, 8]
    """
    fits = is_feasible or partial(_fits_sum, problem.grid)
    first, last = _find_tops(problem)
    at, beyond, wish = _rate_steps(problem)
    parts = _Steps(at, (beyond, wish), problem.precedence).take(problem.lower, first, fits)
    stop = np.where(parts < first, parts, last)
    parts = _Steps(wish, (), problem.precedence).take(parts, stop, fits)
    stop = np.where(parts < last, parts, problem.upper)
    parts = _Steps(beyond, (at, wish), problem.precedence).take(parts, stop, fits)
    best = np.array([at(member, top) for member, top in enumerate(first.tolist())])
    levels = np.array([at(member, part) for member, part in enumerate(parts.tolist())])
    reached = find_common_level(levels, best)
    return WaterLevel(
        parts=parts,
        best=best,
        upper_bound=_bound_common_level(problem, best, reached, is_feasible),
        prices=np.array(
            [
                _slope_after(curve, part / problem.grid)
                for curve, part in zip(problem.curves, parts.tolist(), strict=True)
            ]
        ),
    )


def find_common_level(levels: Values, best: Values) -> float:
    """Find the greatest level that every member has, unless its own best is lower.

    Parameters
    ----------
    levels, best : ndarray, shape (n_members,)
        What each member has, and the most that it could have.

    Returns
    -------
    float
        The least level of those below their best; once nobody is, the greatest best.

    Examples
    --------
    >>> find_common_level(np.array([0.1, 0.3, 0.4]), np.array([0.1, 0.9, 0.9]))
    0.3
    """
    below = levels < best - _REACHED * np.abs(best)
    return float(levels[below].min()) if below.any() else float(best.max())


def _fits_sum(grid: int, lower: Millionths) -> bool:
    """Tell whether least coefficients leave room under the sum."""
    return int(lower.sum()) <= grid


def _find_tops(problem: CoefficientProblem) -> tuple[Millionths, Millionths]:
    """Find the first and the last part of the grid at which each member is at its best."""
    tops = []
    for curve, low, high in zip(
        problem.curves, problem.lower.tolist(), problem.upper.tolist(), strict=True
    ):
        flat = _FLAT * float(np.abs(curve.slopes).max())
        bend, end = curve.reach(flat) * problem.grid, curve.reach_of_ties(-flat) * problem.grid
        below, above = (int(np.clip(f(bend), low, high)) for f in (np.floor, np.ceil))
        value, value_above = (curve.value_at(part / problem.grid) for part in (below, above))
        noise = 8 * np.finfo(float).eps * float(np.abs(curve.values).max())
        first = above if value_above > value + noise else below
        tops.append((first, max(first, int(np.clip(np.floor(end), low, high)))))
    first, last = np.array(tops, dtype=np.int64).T
    return first, last


def _rate_steps(problem: CoefficientProblem) -> tuple[_Key, _Key, _Key]:
    """Rate a step by the level before it, by the level after it, and by the wish."""
    wished: list[float] = (problem.target * problem.grid).tolist()

    def at(member: int, part: int) -> float:
        return problem.curves[member].value_at(part / problem.grid)

    def beyond(member: int, part: int) -> float:
        return -at(member, part + 1)

    def wish(member: int, part: int) -> float:
        # Equal wishes differ by float noise; the order of CUPS shall settle those.
        return round(part - wished[member], 6)

    return at, beyond, wish


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of the grid in the order in which they are taken: lowest key first, then ties."""

    key: _Key
    ties: tuple[_Key, ...]
    precedence: NDArray[np.intp]

    def take(self, start: Millionths, stop: Millionths, fits: Feasibility) -> Millionths:
        """Take steps in order as long as they fit; who has one that does not, takes no more."""
        parts, stop = start, stop.copy()
        while (parts < stop).any() and not fits(stop):
            parts, beyond = self._find_last_that_fit(parts, stop, fits)
            for member in self._list_in_order(parts, stop):
                parts[member] += 1
                if not fits(parts):
                    parts[member] -= 1
                    stop[member] = parts[member]
                elif parts[member] > beyond[member]:
                    # Not its turn yet: those that were found not to fit come first.
                    parts[member] -= 1
        return stop if fits(stop) else parts

    def _find_last_that_fit(
        self, low: Millionths, high: Millionths, fits: Feasibility
    ) -> tuple[Millionths, Millionths]:
        """Bisect the key until what fits and what does not differ by a step of some members."""
        climbing = np.flatnonzero(low < high).tolist()
        least = min(self.key(member, int(low[member])) for member in climbing)
        most = max(self.key(member, int(high[member]) - 1) for member in climbing)
        while (high - low).max() > 1 and least < (middle := (least + most) / 2) < most:
            counted = self._count_below(middle, low, high)
            if fits(counted):
                least, low = middle, counted
            else:
                most, high = middle, counted
        return low.copy(), high

    def _count_below(self, bar: float, low: Millionths, high: Millionths) -> Millionths:
        """Take every step whose key is below a bar."""
        counted = low.copy()
        for member in np.flatnonzero(low < high).tolist():
            taken, most = int(low[member]), int(high[member])
            while taken < most:
                middle = (taken + most) // 2
                if self.key(member, middle) < bar:
                    taken = middle + 1
                else:
                    most = middle
            counted[member] = taken
        return counted

    def _list_in_order(self, parts: Millionths, stop: Millionths) -> list[int]:
        """List the members that may still climb, lowest key of their next step first."""
        ranks = {
            member: (
                self.key(member, int(parts[member])),
                *(tie(member, int(parts[member])) for tie in self.ties),
                int(self.precedence[member]),
            )
            for member in np.flatnonzero(parts < stop).tolist()
        }
        return sorted(ranks, key=lambda member: ranks[member])


def _bound_common_level(
    problem: CoefficientProblem, best: Values, reached: float, is_feasible: Feasibility | None
) -> float:
    """Bisect for the level from which on what the members need for it no longer fits."""

    def fits(level: float) -> bool:
        spans = [
            _find_span(curve, min(level, top))
            for curve, top in zip(problem.curves, best.tolist(), strict=True)
        ]
        limits = problem.lower / problem.grid, problem.upper / problem.grid
        least, most = (np.clip(side, *limits) for side in np.array(spans).T)
        if is_feasible is None:
            return bool(least.sum() - _SLACK <= 1 <= most.sum() + _SLACK)
        whole = np.floor(least * problem.grid).astype(np.int64)
        return is_feasible(np.maximum(whole, problem.lower))

    low, high = reached, float(best.max())
    if low >= high or fits(high):
        return high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if fits(middle) else (low, middle)
    return high


def _find_span(curve: ValueCurve, level: float) -> tuple[float, float]:
    """Find the least and the greatest coefficient at which a concave curve reaches a level."""
    level -= _SLACK * float(np.abs(curve.values).max())
    top = int(np.argmax(curve.values))
    rising = int(np.searchsorted(curve.values[: top + 1], level))
    falling = top + int(np.searchsorted(-curve.values[top:], -level, side="right"))
    least, most = 0.0, 1.0
    if rising > 0:
        least = curve.knots[rising] - (curve.values[rising] - level) / curve.slopes[rising - 1]
    if falling < curve.knots.size:
        last = falling - 1
        most = curve.knots[last] + (level - curve.values[last]) / curve.slopes[last]
    return float(least), float(most)


def _slope_after(curve: ValueCurve, beta: float) -> float:
    """Measure what one more unit of coefficient brings."""
    piece = int(np.searchsorted(curve.knots, beta, side="right")) - 1
    return float(curve.slopes[min(piece, curve.slopes.size - 1)])
