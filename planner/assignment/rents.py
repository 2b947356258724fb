"""What members keep at a price: the dual view of a plant, in which its coefficients disappear.

If a share of the plant had a price, a member would take what is worth more than it costs, and
keep the difference: its rent. Price and rents together bound what any set of members can bring,
and at the right price they meet it. That turns the choice of members into a linear question.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.assignment.problem import AssignmentProblem
from planner.curves import ValueCurve

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A bound of what one plant brings, whoever shares in it.

    Attributes
    ----------
    cau : int
        Position of the plant.
    price : float
        Price of the whole plant [unit of the objective].
    rents : ndarray, shape (n_members,)
        What each member would keep at that price [unit of the objective].

    Notes
    -----
    Weak duality, as in ``prove_upper_bound``: members ``S`` bring at most ``price + sum of rents
    over S``.
    """

    cau: int
    price: float
    rents: Values

    def bound(self, members: NDArray[np.float64] | NDArray[np.bool_]) -> float:
        """Bound what members bring; fractions of members count as such."""
        return self.price + float(self.rents @ members)


class PlantPrices:
    """One plant's curves, sorted once, so that the price of any set of members is found fast."""

    def __init__(self, problem: AssignmentProblem, cau: int) -> None:
        self.cau = cau
        self.curves = problem.curves[cau]
        self.lower, self.upper = problem.lower / MILLIONTHS, problem.upper / MILLIONTHS
        slopes = np.concatenate([curve.slopes for curve in self.curves])
        widths = np.concatenate(
            [np.diff(np.clip(curve.knots, self.lower, self.upper)) for curve in self.curves]
        )
        owners = np.repeat(np.arange(len(self.curves)), [c.slopes.size for c in self.curves])
        kept = np.flatnonzero(widths > 0)
        order = kept[np.argsort(-slopes[kept], kind="stable")]
        self.slopes, self.widths, self.owners = slopes[order], widths[order], owners[order]
        self.first_slope = max(float(curve.slopes[0]) for curve in self.curves)

    def cut_at(self, price: float) -> Cut:
        """Give the bound that a price proves."""
        return Cut(self.cau, price, self.tabulate(np.array([price]))[:, 0])

    def cut_for(self, members: NDArray[np.float64]) -> Cut:
        """Give the tightest bound for some members, or fractions of them.

        Parameters
        ----------
        members : ndarray, shape (n_members,)
            How much of each member shares in the plant, 0 to 1; enough to sum to one.

        Returns
        -------
        Cut
            For whole members its bound is what their best coefficients bring.
        """
        room = 1.0 - self.lower * float(members.sum())
        filled = np.cumsum(self.widths * members[self.owners])
        if not filled.size:
            return self.cut_at(self.first_slope)
        last = min(int(np.searchsorted(filled, room - 1e-12)), filled.size - 1)
        return self.cut_at(float(self.slopes[last]))

    def tabulate(self, prices: Values) -> Values:
        """Give what each member would keep at each price, shape (n_members, n_prices)."""
        return np.array([self._rents(curve, prices) for curve in self.curves])

    def _rents(self, curve: ValueCurve, prices: Values) -> Values:
        """Let one member take what is worth its price."""
        reach = curve.knots[np.searchsorted(-curve.slopes, -prices)]
        beta = np.clip(reach, self.lower, self.upper)
        return np.asarray(np.interp(beta, curve.knots, curve.values) - prices * beta)
