"""Local days as a clock on the wall counts them: when each begins, how long it is, where it jumps.

A table over ``models.values.calendar`` for many rows at once: it knows no rule of its own.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Step, day_starts, local_times, year_steps

Days = NDArray[np.datetime64]
"""Local days, ``datetime64[D]``; ``NaT`` where a file does not tell one."""

Seconds = NDArray[np.int64]

DAY = 86_400
"""Seconds that the clock on the wall shows in any day."""

FIRST_DAY = np.datetime64("2000-01-01", "D")
"""Before it nobody in Spain was metered by the hour: an earlier date is a slip."""

LAST_DAY = np.datetime64("2099-12-31", "D")
"""After it a date is a slip too."""

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class ClockDays:
    """The local day of each row.

    Attributes
    ----------
    midnights : ndarray of int64, shape (n_rows,)
        When the day begins [s since 1970, UTC].
    lengths : ndarray of int64, shape (n_rows,)
        How long it lasts [s]: 23, 24 or 25 hours.
    changes : ndarray of int64, shape (n_rows,)
        How long after its beginning the clock jumps [s]; zero on a day of 24 hours.
    """

    midnights: Seconds
    lengths: Seconds
    changes: Seconds


def are_days(days: Days) -> NDArray[np.bool_]:
    """Tell which days can be those of a meter or a price.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)
        Local days, or ``NaT``.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for ``NaT`` and outside 2000 to 2099.

    Examples
    --------
    >>> are_days(np.array(["2023-01-01", "NaT", "1023-01-01"], dtype="datetime64[D]"))
    array([ True, False, False])
    """
    # NaT compares as false
    return np.asarray((days >= FIRST_DAY) & (days <= LAST_DAY))


def describe_days(days: Days, timezone: str) -> ClockDays:
    """Tell when local days begin, how long they are and when their clock jumps.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days for which ``are_days`` holds, in any order.
    timezone : str
        IANA name.

    Returns
    -------
    ClockDays

    Examples
    --------
    >>> october = describe_days(np.array(["2023-10-29"], dtype="datetime64[D]"), "Europe/Madrid")
    >>> (october.lengths // 3600, october.changes // 3600)
    (array([25]), array([3]))
    """
    numbers = days.astype(np.int64)
    first = int(numbers.min()) if numbers.size else 0
    is_met = np.zeros(int(numbers.max(initial=first)) - first + 1, dtype=np.bool_)
    is_met[numbers - first] = True
    met = (np.flatnonzero(is_met) + first).astype("datetime64[D]")
    table = np.zeros((3, is_met.size), dtype=np.int64)
    for year in np.unique(met.astype("datetime64[Y]").astype(np.int64) + 1970).tolist():
        year_days, described = _describe_year(year, timezone)
        places = year_days - first
        is_inside = (places >= 0) & (places < is_met.size)
        table[:, places[is_inside]] = described[:, is_inside]
    return ClockDays(*table[:, numbers - first])


def clock_offsets(days: Days, timezone: str) -> tuple[Seconds, Seconds]:
    """Tell how far winter and summer time are ahead of UTC in the years of local days.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days for which ``are_days`` holds.
    timezone : str
        IANA name.

    Returns
    -------
    winter, summer : ndarray of int64, shape (n_rows,)
        Seconds to take from what the clock shows to reach UTC.

    Examples
    --------
    >>> clock_offsets(np.array(["2023-10-29"], dtype="datetime64[D]"), "Atlantic/Canary")
    (array([0]), array([3600]))
    """
    years, codes = np.unique(days.astype("datetime64[Y]").astype(np.int64), return_inverse=True)
    offsets = np.zeros((2, years.size), dtype=np.int64)
    for place, year in enumerate((years + 1970).tolist()):
        year_days, described = _describe_year(year, timezone)
        at_midnight = year_days * DAY - described[0]
        offsets[:, place] = at_midnight.min(), at_midnight.max()
    winter, summer = offsets[:, codes]
    return winter, summer


@lru_cache(maxsize=64)
def _describe_year(year: int, timezone: str) -> tuple[Seconds, Seconds]:
    """List the days of a year, and their midnights, lengths and changes, shape (3, n_days)."""
    steps = year_steps(year, timezone, Step.HOUR).astype(np.int64)
    local = local_times(year, timezone, Step.HOUR).astype(np.int64)
    starts = day_starts(year, timezone, Step.HOUR)
    described = np.zeros((3, starts.size), dtype=np.int64)
    described[0] = steps[starts]
    described[1] = np.diff(starts, append=steps.size) * _HOUR
    jumps = np.flatnonzero(np.diff(local - steps)) + 1
    day_of_jump = np.searchsorted(starts, jumps, side="right") - 1
    described[2, day_of_jump] = (jumps - starts[day_of_jump]) * _HOUR
    return local[starts] // DAY, described
