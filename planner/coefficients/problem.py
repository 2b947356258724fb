"""The problem to solve: a curve and two limits a member, coefficients that sum to one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InfeasibleError
from planner.coefficients.region import GroupSum, Interval, Region, TotalChange
from planner.curves import ValueCurve

Shares = NDArray[np.float64]
Millionths = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CoefficientProblem:
    """Maximise the sum of the members' curves over coefficients within bounds that sum to one.

    Attributes
    ----------
    curves : tuple of ValueCurve, length n_members
        What a coefficient is worth to each member.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits [parts of the grid].
    target : ndarray, shape (n_members,)
        Of several optima, the one nearest to these coefficients is chosen [1].
    precedence : ndarray of int, shape (n_members,)
        Who goes first, lowest number, where even that leaves a choice.
    grid : int
        Equal parts that the plant is cut into: the million of the distributor's file, or blocks.
    groups : tuple of GroupSum
        Limits of sums over groups of members [parts of the grid].
    change : TotalChange or None
        Limit of the change of all members together [parts of the grid].
    intervals : tuple of Interval
        Where the limits of single members come from; ``lower`` and ``upper`` hold them all.
    """

    curves: tuple[ValueCurve, ...]
    lower: Millionths
    upper: Millionths
    target: Shares
    precedence: NDArray[np.intp]
    grid: int = MILLIONTHS
    groups: tuple[GroupSum, ...] = ()
    change: TotalChange | None = None
    intervals: tuple[Interval, ...] = ()

    @property
    def region(self) -> Region:
        """The limits without the curves."""
        return Region(self.grid, self.lower, self.upper, self.intervals, self.groups, self.change)

    @property
    def slope_tolerance(self) -> float:
        """Difference below which two slopes are one: what float sums leave of equal ones."""
        ends = [curve.slopes[end] for curve in self.curves for end in (0, -1)]
        return 1e-11 * float(np.abs(ends).max())

    def list_in(self, order: NDArray[np.intp]) -> "CoefficientProblem":
        """State the same problem with its members in another order."""
        groups = [replace(each, members=each.members[order]) for each in self.groups]
        change = self.change
        return replace(
            self,
            curves=tuple(self.curves[member] for member in order.tolist()),
            lower=self.lower[order],
            upper=self.upper[order],
            target=self.target[order],
            precedence=self.precedence[order],
            groups=tuple(groups),
            change=change and replace(change, around=change.around[order]),
            intervals=tuple(
                replace(each, lower=each.lower[order], upper=each.upper[order])
                for each in self.intervals
            ),
        )

    def list_twins(self) -> list[NDArray[np.intp]]:
        """List the sets of members that nothing but precedence tells apart."""
        moved = self.change.around if self.change else np.zeros(len(self.curves))
        rows = np.stack((self.lower, self.upper, self.target, moved), axis=1)
        inside = np.array([group.members for group in self.groups], dtype=bool)
        twins: dict[tuple[bytes, ...], list[int]] = {}
        for member, curve in enumerate(self.curves):
            belongs = inside[:, member] if self.groups else inside
            known = (curve.knots, curve.slopes, rows[member], belongs)
            twins.setdefault(tuple(each.tobytes() for each in known), []).append(member)
        return [np.array(members) for members in twins.values() if len(members) > 1]

    def average_twins(self, beta: Shares) -> Shares:
        """Give twins the same, which costs nothing where curves are concave."""
        evened = beta.copy()
        for members in self.list_twins():
            evened[members] = beta[members].mean()
        return evened

    def value_of(self, beta: Shares) -> float:
        """Sum the members' values at given coefficients."""
        return sum(
            curve.value_at(share) for curve, share in zip(self.curves, beta.tolist(), strict=True)
        )


class InfeasibleBoundsError(InfeasibleError):
    """No coefficients inside the bounds sum to one.

    Attributes
    ----------
    lower_sum, upper_sum : int
        Sums of the bounds [millionths].
    needs : dict of int to int
        For the position of each member whose lower bound passes its upper bound, the lower bound
        [millionths].
    """

    def __init__(self, reason: str, lower: Millionths, upper: Millionths) -> None:
        super().__init__(reason)
        self.lower_sum = int(lower.sum())
        self.upper_sum = int(upper.sum())
        crossed = np.flatnonzero(lower > upper)
        self.needs = dict(zip(crossed.tolist(), lower[crossed].tolist(), strict=True))


def check_bounds(lower: Millionths, upper: Millionths, parts: int = MILLIONTHS) -> None:
    """Make sure that some coefficients on the grid keep every bound and sum to one.

    Parameters
    ----------
    lower, upper : ndarray of int64, shape (n_members,)
        Limits [parts of the grid].
    parts : int
        Parts that make one.

    Raises
    ------
    InfeasibleBoundsError
        If a lower bound passes its upper bound, or the sums do not enclose one.
    """
    crossed = np.flatnonzero(lower > upper)
    if crossed.size:
        first = int(crossed[0])
        raise InfeasibleBoundsError(
            f"{crossed.size} of {lower.size} members need more than they may have: number "
            f"{first + 1} at least {lower[first] / parts:.6f}, at most "
            f"{upper[first] / parts:.6f}; raise the maximum or lower the floor",
            lower,
            upper,
        )
    if lower.sum() > parts:
        raise InfeasibleBoundsError(
            f"the least coefficients of {lower.size} members sum to {lower.sum() / parts:.6f},"
            " more than 1; lower the minimum or the floor",
            lower,
            upper,
        )
    if upper.sum() < parts:
        raise InfeasibleBoundsError(
            f"the greatest coefficients of {upper.size} members sum to "
            f"{upper.sum() / parts:.6f}, less than 1; raise the maximum to at least "
            f"{-(-parts // upper.size) / parts:.6f}",
            lower,
            upper,
        )


def find_floors(
    curves: tuple[ValueCurve, ...], reference: Millionths, floor_share: float
) -> Millionths:
    """Find the least coefficients that keep a share of what a reference gives.

    Parameters
    ----------
    curves : tuple of ValueCurve, length n_members
        Self-consumed energy [kWh]; it never falls as the coefficient grows.
    reference : ndarray of int64, shape (n_members,)
        Coefficients to compare with [millionths].
    floor_share : float
        Share of the reference's energy to keep, 0 to 1.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Lower bounds [millionths], never above the reference.
    """
    return np.array(
        [
            _find_floor(curve, int(at), floor_share)
            for curve, at in zip(curves, reference, strict=True)
        ],
        dtype=np.int64,
    )


def _find_floor(curve: ValueCurve, reference: int, floor_share: float) -> int:
    """Bisect the grid for the first coefficient that reaches the floor."""
    needed = floor_share * curve.value_at(reference / MILLIONTHS)
    low, high = 0, reference
    while low < high:
        middle = (low + high) // 2
        if curve.value_at(middle / MILLIONTHS) >= needed:
            high = middle
        else:
            low = middle + 1
    return high
