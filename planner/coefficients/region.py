"""Which coefficients are allowed: limits of each member, sums of groups, change in total, blocks.

A restriction is what a limit comes to once the data is known. Its label names the rows of the
linear program, the row of ``docs/formulation.md`` and its test. Numbers are millionths until a
plan in blocks cuts them to its own grid, inwards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS

Parts = NDArray[np.int64]

_NOISE = 1e-9
"""Parts of a grid by which a sum of floats may be off."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Least and greatest coefficient of each member.

    Attributes
    ----------
    label : str
        Name of the limit that it comes from.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits [parts of the grid].
    """

    label: str
    lower: Parts
    upper: Parts

    def cut_to(self, grid: int) -> "Interval":
        """Round inwards to another grid."""
        return replace(self, lower=_cut_up(self.lower, grid), upper=_cut_down(self.upper, grid))


@dataclass(frozen=True, slots=True, eq=False)
class GroupSum:
    """Least or greatest sum of some members' coefficients; the other side is at its widest.

    Attributes
    ----------
    label : str
        Name of the limit that it comes from, unlike that of any other.
    members : ndarray of bool, shape (n_members,)
        Who belongs to the group.
    lower, upper : int
        Limits of the sum [parts of the grid], one of them 0 or the whole grid.
    """

    label: str
    members: NDArray[np.bool_]
    lower: int
    upper: int

    def cut_to(self, grid: int) -> "GroupSum":
        """Round inwards to another grid."""
        lower, upper = -(-self.lower * grid // MILLIONTHS), self.upper * grid // MILLIONTHS
        return replace(self, lower=lower, upper=upper)


@dataclass(frozen=True, slots=True, eq=False)
class TotalChange:
    """Greatest sum of all members' changes, up and down, against other coefficients.

    Attributes
    ----------
    label : str
        Name of the limit that it comes from.
    around : ndarray, shape (n_members,)
        Coefficients to stay near [parts of the grid]; on the grid of millionths they are whole.
    most : float
        Greatest sum of absolute differences [parts of the grid].
    """

    label: str
    around: NDArray[np.float64]
    most: float

    def leave(self, parts: Parts) -> float:
        """Measure how much further coefficients may move, float noise forgiven [parts]."""
        return self.most - float(np.abs(parts - self.around).sum()) + _NOISE

    def cut_to(self, grid: int) -> "TotalChange":
        """Count in the parts of another grid."""
        around, most = self.around * grid / MILLIONTHS, self.most * grid / MILLIONTHS
        return replace(self, around=around, most=most)


@dataclass(frozen=True, slots=True)
class WholeBlocks:
    """Coefficients in whole blocks: the plant is cut into so many equal ones."""

    label: str
    count: int


Restriction = Interval | GroupSum | TotalChange | WholeBlocks


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """All coefficients that sum to one and keep every restriction, on a grid.

    Attributes
    ----------
    grid : int
        Equal parts that the plant is cut into.
    lower, upper : ndarray of int64, shape (n_members,)
        What all intervals leave of each member's coefficient [parts].
    intervals : tuple of Interval
        Where those limits come from.
    groups : tuple of GroupSum
        Limits of sums.
    change : TotalChange or None
        Limit of the change in total.
    blocks : int or None
        Number of whole blocks that coefficients have to be, if they have to.
    """

    grid: int
    lower: Parts
    upper: Parts
    intervals: tuple[Interval, ...] = ()
    groups: tuple[GroupSum, ...] = ()
    change: TotalChange | None = None
    blocks: int | None = None

    @property
    def couples_members(self) -> bool:
        """Whether anything but the sum of one ties members together."""
        return bool(self.groups) or self.change is not None

    def holds(self, parts: Parts) -> bool:
        """Tell whether coefficients [parts of the grid] sum to one and keep every limit."""
        in_groups = [int(parts[group.members].sum()) for group in self.groups]
        return (
            int(parts.sum()) == self.grid
            and bool((self.lower <= parts).all() and (parts <= self.upper).all())
            and all(
                group.lower <= total <= group.upper
                for group, total in zip(self.groups, in_groups, strict=True)
            )
            and (self.change is None or self.change.leave(parts) >= 0)
        )

    def cut_to_blocks(self) -> "Region":
        """Give the same region on the grid of its blocks; itself if there are none."""
        if self.blocks is None:
            return self
        return Region(
            grid=self.blocks,
            lower=_cut_up(self.lower, self.blocks),
            upper=_cut_down(self.upper, self.blocks),
            intervals=tuple(each.cut_to(self.blocks) for each in self.intervals),
            groups=tuple(each.cut_to(self.blocks) for each in self.groups),
            change=None if self.change is None else self.change.cut_to(self.blocks),
        )


def enclose_region(n_members: int, restrictions: Sequence[Restriction]) -> Region:
    """Put restrictions together.

    Parameters
    ----------
    n_members : int
        Number of those who share.
    restrictions : sequence of Restriction
        In any order; of several changes in total the tightest counts, and of several kinds of
        blocks those that are whole in all of them: their greatest common divisor.

    Returns
    -------
    Region
        On the grid of millionths; it may be empty, see ``planner/coefficients/feasibility.py``.
    """
    intervals = tuple(each for each in restrictions if isinstance(each, Interval))
    lower, upper = np.zeros(n_members, dtype=np.int64), np.full(n_members, MILLIONTHS)
    for interval in intervals:
        lower, upper = np.maximum(lower, interval.lower), np.minimum(upper, interval.upper)
    changes = [each for each in restrictions if isinstance(each, TotalChange)]
    blocks = [each.count for each in restrictions if isinstance(each, WholeBlocks)]
    return Region(
        grid=MILLIONTHS,
        lower=lower,
        upper=upper,
        intervals=intervals,
        groups=tuple(each for each in restrictions if isinstance(each, GroupSum)),
        change=min(changes, key=lambda change: change.most, default=None),
        blocks=math.gcd(*blocks) or None,
    )


def _cut_up(millionths: Parts, grid: int) -> Parts:
    """Count in parts of the grid, rounded up."""
    return -(-millionths * grid // MILLIONTHS)


def _cut_down(millionths: Parts, grid: int) -> Parts:
    """Count in parts of the grid, rounded down."""
    return millionths * grid // MILLIONTHS
