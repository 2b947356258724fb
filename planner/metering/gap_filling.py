"""Values that may stand in for missing ones, each by a rule that can be told to a member."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, is_rest_day

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]

LINEAR_HOURS = 3
"""Longest gap that is bridged by a line: beyond it the day's shape is lost."""

SIMILAR_WEEKS = 4
"""Weeks before and after a gap whose days are like its own: seasons change more slowly."""

FEWEST_VALUES = 3
"""Values of like days below which their mean is one day's chance."""

_SECONDS_PER_DAY = 86_400


class FillRule(StrEnum):
    """How a gap may be filled."""

    LINEAR = "linear"
    """A line from the value before a gap of at most three hours to the one after it."""
    SIMILAR_DAYS = "same-hour-of-similar-days"
    """The mean of the same clock hour on like days up to four weeks before and after."""
    ZERO_AT_NIGHT = "zero-at-night"
    """No generation while the sun is down."""


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """What a rule has for missing values.

    Attributes
    ----------
    is_filled : ndarray of bool, shape (n_intervals,)
        Where it has something.
    energy_wh : ndarray of int64, shape (n_intervals,)
        What [Wh]; zero elsewhere.
    """

    is_filled: Mask
    energy_wh: Whole


def fill_linearly(energy_wh: NDArray[np.integer], is_known: Mask, longest: int) -> Fill:
    """Bridge short gaps by a line between the values beside them.

    Parameters
    ----------
    energy_wh : ndarray of int, shape (n_intervals,)
        Energy [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where it is known.
    longest : int
        Intervals of the longest gap that is bridged.

    Returns
    -------
    Fill
        Whole watt-hours, halves to even, for gaps with a value on both sides.

    Examples
    --------
    >>> known = np.array([True, False, False, True])
    >>> fill_linearly(np.array([10, 0, 0, 40]), known, 3).energy_wh
    array([ 0, 20, 30,  0])
    """
    places = np.arange(is_known.size)
    known = places[is_known]
    after = np.searchsorted(known, places)
    has_both = (after > 0) & (after < known.size)
    gap = np.zeros(places.size, np.intp)
    gap[has_both] = known[after[has_both]] - known[after[has_both] - 1] - 1
    is_filled: Mask = ~is_known & has_both & (gap <= longest)
    filled = np.zeros(places.size, np.int64)
    if is_filled.any():
        line = np.interp(places[is_filled], known, energy_wh[is_known].astype(np.float64))
        filled[is_filled] = np.rint(line).astype(np.int64)
    return Fill(is_filled, filled)


def fill_nights(is_known: Mask, is_night: Mask) -> Fill:
    """Put zeros where the sun is down.

    Parameters
    ----------
    is_known : ndarray of bool, shape (n_intervals,)
        Where generation is known.
    is_night : ndarray of bool, shape (n_intervals,)
        Where the sun is down.

    Returns
    -------
    Fill
        Zeros.

    Examples
    --------
    >>> fill_nights(np.array([True, False]), np.array([True, True])).is_filled
    array([False,  True])
    """
    return Fill(~is_known & is_night, np.zeros(is_known.size, np.int64))


def fill_from_similar_days(
    energy_wh: NDArray[np.integer],
    is_known: Mask,
    is_measured: Mask,
    local: Instants,
    step: Step,
    *,
    tells_rest_days: bool,
) -> Fill:
    """Put the mean of the same clock hour on like days.

    Parameters
    ----------
    energy_wh : ndarray of int, shape (n_intervals,)
        Energy [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where nothing is to be filled.
    is_measured : ndarray of bool, shape (n_intervals,)
        Where a value was measured or stated, not filled.
    local : ndarray of datetime64[s], shape (n_intervals,)
        What a wall clock shows at the start of each interval.
    step : Step
        Length of an interval.
    tells_rest_days : bool
        Whether working days are like working days only, and the others like the others; the sun
        makes no difference.

    Returns
    -------
    Fill
        Whole watt-hours, halves to even, where at least three values are at hand.

    Notes
    -----
    A clock hour that comes twice in October counts twice, one that is left out in March not at
    all; the mean is over days up to four weeks before and after.
    """
    days = local.astype("datetime64[D]")
    first = days[0]
    row = (days - first).astype(np.intp)
    slot = (local - days).astype(np.intp) // step.seconds
    shape = (int(row[-1]) + 1, _SECONDS_PER_DAY // step.seconds)
    sums, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    measured = row[is_measured], slot[is_measured]
    np.add.at(sums, measured, energy_wh[is_measured].astype(np.int64))
    np.add.at(counts, measured, 1)
    is_rest = is_rest_day(first + np.arange(shape[0])) & tells_rest_days
    near_sums, near_counts = (_sum_near(table, is_rest) for table in (sums, counts))
    is_filled: Mask = ~is_known & (near_counts[row, slot] >= FEWEST_VALUES)
    wanted = row[is_filled], slot[is_filled]
    filled = np.zeros(local.size, np.int64)
    filled[is_filled] = np.rint(near_sums[wanted] / near_counts[wanted]).astype(np.int64)
    return Fill(is_filled, filled)


def _sum_near(table: Whole, is_rest: Mask) -> Whole:
    """Sum the rows of like days up to four weeks before and after each."""
    reach = 7 * SIMILAR_WEEKS
    places = np.arange(is_rest.size)
    first, last = np.maximum(places - reach, 0), np.minimum(places + reach + 1, places.size)
    near = np.zeros_like(table)
    for kind in (False, True):
        alike = np.where((is_rest == kind)[:, None], table, 0)
        running = np.vstack([np.zeros_like(table[:1]), alike.cumsum(axis=0)])
        near[is_rest == kind] = (running[last] - running[first])[is_rest == kind]
    return near
