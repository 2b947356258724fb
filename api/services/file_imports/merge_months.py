"""Lay values of a file over what is stored of a month; say what is new, changed, same and kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.repositories.packed_months import PackedEnergy, pack_energy
from models.tables import MISSING_PRICE
from models.values.metering import Quality

_RISING = (
    Quality.MISSING,
    Quality.FILLED,
    Quality.ESTIMATED,
    Quality.REAL,
    Quality.CORRECTED,
)
"""Qualities from what is known worst to what is known best: a hand's correction has a reason."""


def rank_quality(quality: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tell how well values are known.

    Parameters
    ----------
    quality : ndarray of uint8, any shape
        A ``Quality`` each.

    Returns
    -------
    ndarray of uint8, same shape
        0 for missing values, then filled, estimated, real and corrected ones; 0 for a quality
        that nobody knows.

    Examples
    --------
    >>> rank_quality(np.array([Quality.REAL, Quality.MISSING, Quality.ESTIMATED], np.uint8))
    array([3, 0, 2], dtype=uint8)
    """
    table = np.zeros(256, np.uint8)
    table[list(_RISING)] = range(len(_RISING))
    ranks: NDArray[np.uint8] = table[quality]
    return ranks


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What became of the values that a file has for one month.

    Attributes
    ----------
    new : int
        Values of intervals of which nothing was known.
    changed : int
        Values that take the place of others.
    same : int
        Values that were stored already.
    kept : int
        Values that differ from stored ones which are known better, so that these stay.
    """

    new: int
    changed: int
    same: int
    kept: int

    @property
    def is_unchanged(self) -> bool:
        """Whether the month stays as it was."""
        return not (self.new or self.changed)


@dataclass(frozen=True, slots=True, eq=False)
class MeteredValues:
    """Values of one meter's month: places in the month, energy [Wh] and quality, alike in shape."""

    positions: NDArray[np.intp]
    energy_wh: NDArray[np.int32]
    quality: NDArray[np.uint8]


def empty_month(interval_count: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Make a month of which nothing is known.

    Parameters
    ----------
    interval_count : int
        Intervals of the month.

    Returns
    -------
    energy_wh : ndarray of int32, shape (interval_count,)
        Zeros.
    quality : ndarray of uint8, shape (interval_count,)
        All missing.
    """
    return np.zeros(interval_count, np.int32), np.full(interval_count, Quality.MISSING, np.uint8)


def merge_energy(
    energy_wh: NDArray[np.int32],
    quality: NDArray[np.uint8],
    values: MeteredValues,
    *,
    replaces_better: bool = False,
) -> tuple[PackedEnergy, MergeCounts]:
    """Lay the values of a file over a stored month.

    A value takes the place of one that is known no better: a real one that of an estimated or
    filled one, an estimated one never that of a real one. What was corrected by hand stays.

    Parameters
    ----------
    energy_wh : ndarray of int32, shape (interval_count,)
        What is stored [Wh].
    quality : ndarray of uint8, shape (interval_count,)
        How well it is known.
    values : MeteredValues
        What the file says.
    replaces_better : bool
        Whether the file is right even against values that are known better.

    Returns
    -------
    PackedEnergy
        The month as it is to be stored.
    MergeCounts
        What became of the values.

    Examples
    --------
    >>> read = MeteredValues(np.array([1]), np.array([5], np.int32), np.array([0], np.uint8))
    >>> merge_energy(*empty_month(2), read)[1]
    MergeCounts(new=1, changed=0, same=0, kept=0)
    """
    before_wh, before = energy_wh[values.positions], quality[values.positions]
    is_new = before == Quality.MISSING
    may_replace = rank_quality(values.quality) >= rank_quality(before)
    may_replace |= replaces_better
    is_equal = before_wh == values.energy_wh
    is_changed = ~is_new & may_replace & ~(is_equal & (before == values.quality))
    is_kept = ~is_new & ~may_replace & ~is_equal
    taken = is_new | is_changed
    merged_wh, merged = energy_wh.copy(), quality.copy()
    merged_wh[values.positions[taken]] = values.energy_wh[taken]
    merged[values.positions[taken]] = values.quality[taken]
    return pack_energy(merged_wh, merged), _count(is_new, is_changed, is_kept)


def merge_prices(
    stored: NDArray[np.int64], positions: NDArray[np.intp], nano_eur: NDArray[np.int64]
) -> tuple[NDArray[np.int64], MergeCounts]:
    """Lay the prices of a file over a stored month.

    Parameters
    ----------
    stored : ndarray of int64, shape (interval_count,)
        What is stored [1e-9 EUR/kWh], ``MISSING_PRICE`` where nothing is.
    positions : ndarray of int, shape (n_values,)
        Places of the file's prices in the month.
    nano_eur : ndarray of int64, shape (n_values,)
        The file's prices [1e-9 EUR/kWh].

    Returns
    -------
    ndarray of int64, shape (interval_count,)
        The month as it is to be stored.
    MergeCounts
        What became of the prices.

    Examples
    --------
    >>> merge_prices(np.array([7, 8]), np.array([1]), np.array([9]))
    (array([7, 9]), MergeCounts(new=0, changed=1, same=0, kept=0))
    """
    before = stored[positions]
    is_new = before == MISSING_PRICE
    merged = stored.copy()
    merged[positions] = nano_eur
    is_changed = ~is_new & (before != nano_eur)
    return merged, _count(is_new, is_changed, np.zeros_like(is_new))


def _count(
    is_new: NDArray[np.bool_], is_changed: NDArray[np.bool_], is_kept: NDArray[np.bool_]
) -> MergeCounts:
    new, changed, kept = (int(mask.sum()) for mask in (is_new, is_changed, is_kept))
    return MergeCounts(new, changed, is_new.size - new - changed - kept, kept)
