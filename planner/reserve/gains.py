"""What everybody gains when a share of the plant has a price: the bound that all groups obey.

At a price, each gains at most ``max over b of f(b) - price b``. The price itself, the gains of the
members and those of the best so many candidates bound the value of every group; the lowest such
bound over prices is sought. It is convex in the price, so a table of prices is searched by halving.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.curves import ValueCurve
from planner.reserve.admission import Chosen, GroupValues

Values = NDArray[np.float64]
Status = NDArray[np.int8]
"""Of each candidate: 1 admitted, -1 left out, 0 still open."""

_FIRST_PRICES, _CLOSER_PRICES = 513, 1025
_CELLS_AROUND = 3


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What no group that keeps a status passes, at one price.

    Attributes
    ----------
    value : float
        The bound.
    order : ndarray of int, shape (n_candidates,)
        Candidates by what they gain at the price: admitted ones first, those left out last.
    scores : ndarray, shape (n_candidates,)
        What they gain, with their bonus.
    """

    value: float
    order: Chosen
    scores: Values


def measure_gains(curve: ValueCurve, limits: tuple[int, int], prices: Values) -> Values:
    """Measure what a curve gains at most at each price.

    Parameters
    ----------
    curve : ValueCurve
        Concave.
    limits : tuple of int
        Least and greatest coefficient [millionths].
    prices : ndarray, shape (n_prices,)
        Prices of one unit of coefficient.

    Returns
    -------
    ndarray, shape (n_prices,)
        ``max of f(b) - price b`` over the coefficients within the limits.

    Examples
    --------
    >>> knots, slopes = np.array([0.0, 0.5, 1.0]), np.array([4.0, 0.0])
    >>> bent = ValueCurve(knots, slopes, np.array([0.0, 2.0, 2.0]))
    >>> measure_gains(bent, (0, MILLIONTHS), np.array([0.0, 3.0, 5.0])).tolist()
    [2.0, 0.5, 0.0]
    """
    reach = curve.knots[np.searchsorted(-curve.slopes, -prices)]
    best = np.clip(reach, limits[0] / MILLIONTHS, limits[1] / MILLIONTHS)
    gains: Values = np.interp(best, curve.knots, curve.values) - prices * best
    return gains


class GainTable:
    """Gains at many prices, closest together where the lowest bound of the root lies."""

    def __init__(
        self,
        values: GroupValues,
        bonus: Values,
        precedence: NDArray[np.intp],
        places: int,
        root: Status,
    ) -> None:
        self.values, self.bonus = values, bonus
        self.precedence, self.places = precedence, places
        curves = (values.members, *values.candidates)
        prices = np.linspace(
            min(float(curve.slopes[-1]) for curve in curves),
            max(float(curve.slopes[0]) for curve in curves),
            _FIRST_PRICES,
        )
        self._tabulate(prices)
        for _ in range(2):
            lowest = self._find_lowest(root)
            first = float(prices[max(lowest - _CELLS_AROUND, 0)])
            last = float(prices[min(lowest + _CELLS_AROUND, prices.size - 1)])
            closer = np.linspace(first, last, _CLOSER_PRICES)
            prices = np.union1d(self.prices, closer)
            self._tabulate(prices)

    def _tabulate(self, prices: Values) -> None:
        """Fill the table, one row a price."""
        self.prices = prices
        self.shared, self.scores = self._measure(prices)

    def _measure(self, prices: Values) -> tuple[Values, Values]:
        """Measure price and members' gain, and each candidate's gain and bonus."""
        values = self.values
        shared = prices + measure_gains(values.members, values.member_limits, prices)
        gains = [measure_gains(c, values.candidate_limits, prices) for c in values.candidates]
        return shared, np.stack(gains, axis=1) + self.bonus

    def _find_lowest(self, status: Status) -> int:
        """Halve the table until the bound no longer falls."""
        low, high = 0, self.prices.size - 1
        while low < high:
            middle = (low + high) // 2
            if (
                self._bound_in_row(middle + 1, status).value
                < self._bound_in_row(middle, status).value
            ):
                low = middle + 1
            else:
                high = middle
        return low

    def _bound_in_row(self, row: int, status: Status) -> Bound:
        return self._bound(float(self.shared[row]), self.scores[row], status)

    def _bound(self, shared: float, scores: Values, status: Status) -> Bound:
        """Take the best candidates that the status allows."""
        forced = np.where(status == 0, -scores, np.where(status > 0, -np.inf, np.inf))
        order = np.lexsort((self.precedence, forced))
        return Bound(shared + float(scores[order[: self.places]].sum()), order, scores)

    def bound_lowest(self, status: Status) -> Bound:
        """Give the lowest bound of the table."""
        return self._bound_in_row(self._find_lowest(status), status)

    def bound_at(self, price: float, status: Status) -> Bound:
        """Give the bound at a price that is not in the table."""
        shared, scores = self._measure(np.array([price]))
        return self._bound(float(shared[0]), scores[0], status)

    def extend_greedily(self, status: Status) -> Chosen:
        """Admit, one by one, whoever the lowest bound says brings most to those before."""
        chosen = np.flatnonzero(status > 0).tolist()
        while len(chosen) < self.places:
            before = self.shared + self.scores[:, chosen].sum(axis=1)
            open_to = np.setdiff1d(np.flatnonzero(status >= 0), chosen)
            brings = (before[:, np.newaxis] + self.scores[:, open_to]).min(axis=0)
            chosen.append(int(open_to[np.lexsort((self.precedence[open_to], -brings))[0]]))
        return np.array(sorted(chosen), dtype=np.intp)
