"""What files of meters and prices write as time, turned into UTC starts of intervals.

The one place that decides it. Files write the END of an interval (REGULATION 6.1 and 6.3), number
the intervals of a local day, or name the hour that comes twice in October with or without saying
which one is meant. What cannot be an instant is marked with the reason, row by row.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loaders.meter_files.clock_days import (
    DAY,
    FIRST_DAY,
    ClockDays,
    Days,
    Seconds,
    are_days,
    clock_offsets,
    describe_days,
)
from loaders.meter_files.records import RowCode
from models.values.calendar import Step

Groups = NDArray[np.integer]
"""One number a row; rows of one meter have the same."""

_HOUR = 3600
_QUARTER = 900


class StampFault(IntEnum):
    """Why a row's time is no interval; zero where it is one."""

    NONE = 0
    DATE = 1
    TIME = 2
    STEP = 3
    SKIPPED = 4
    BEYOND = 5
    SEASON = 6

    @property
    def code(self) -> RowCode:
        """Name of it for programs."""
        is_text = self in (StampFault.DATE, StampFault.TIME, StampFault.STEP)
        return RowCode.TIME if is_text else RowCode.CLOCK

    @property
    def reason(self) -> str:
        """What is wrong and what to do, for people."""
        return _REASONS[self]


_REASONS = {
    StampFault.NONE: "is an interval",
    StampFault.DATE: "its date is no day between 2000 and 2099; write 2023/10/29 or 29/10/2023",
    StampFault.TIME: "its time is not the end of an interval: 00:15 to 24:00, or a number from 1",
    StampFault.STEP: (
        "its day has full hours only, while the meter has quarter-hours on other days; "
        "import hours and quarter-hours from separate files"
    ),
    StampFault.SKIPPED: "the clock skips this hour: it was set forward on that day",
    StampFault.BEYOND: "its local day has fewer intervals than this number",
    StampFault.SEASON: "its season flag is not what the clock showed: 0 is winter, 1 summer time",
}


@dataclass(frozen=True, slots=True)
class Starts:
    """When the interval of each row begins.

    Attributes
    ----------
    seconds : ndarray of int64, shape (n_rows,)
        Starts [s since 1970, UTC]; zero where the row's time is no interval.
    faults : ndarray of uint8, shape (n_rows,)
        A ``StampFault`` each.
    notes : tuple of str
        What was decided that the file itself does not say.
    """

    seconds: Seconds
    faults: NDArray[np.uint8]
    notes: tuple[str, ...] = ()


def starts_of_positions(
    days: Days, numbers: NDArray[np.integer], step: Step | Seconds, timezone: str
) -> Starts:
    """Find intervals by their number within the local day, from 1.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days; ``NaT`` where the file does not tell one.
    numbers : ndarray of int, shape (n_rows,)
        1 to 23, 24 or 25 for hours; 1 to 92, 96 or 100 for quarter-hours.
    step : Step, or ndarray of int64, shape (n_rows,)
        Length of the intervals, or of each [s].
    timezone : str
        IANA name.

    Returns
    -------
    Starts
        ``DATE``, ``TIME`` (a number below 1) or ``BEYOND`` where there is no such interval.

    Notes
    -----
    REGULATION 6.2: hour 25 in October. OMIE and the distributors' hour numbers count what passes,
    not what the clock shows.

    Examples
    --------
    >>> october = np.array(["2023-10-29"] * 3, dtype="datetime64[D]")
    >>> starts = starts_of_positions(october, np.array([1, 25, 26]), Step.HOUR, "Europe/Madrid")
    >>> starts.seconds[:2].astype("datetime64[s]").astype(str).tolist()
    ['2023-10-28T22:00:00', '2023-10-29T22:00:00']
    >>> StampFault(starts.faults[2])
    <StampFault.BEYOND: 5>
    """
    is_day = are_days(days)
    clock = describe_days(np.where(is_day, days, FIRST_DAY), timezone)
    seconds = step.seconds if isinstance(step, Step) else step
    elapsed = (np.asarray(numbers, dtype=np.int64) - 1) * seconds
    faults = np.zeros(days.size, dtype=np.uint8)
    faults[elapsed >= clock.lengths] = StampFault.BEYOND
    faults[elapsed < 0] = StampFault.TIME
    faults[~is_day] = StampFault.DATE
    return Starts(np.where(faults == 0, clock.midnights + elapsed, 0), faults)


def starts_of_end_stamps(
    ends: NDArray[np.datetime64],
    seasons: NDArray[np.integer],
    step: Step | Seconds,
    timezone: str,
) -> Starts:
    """Find intervals by what the clock shows at their end, with a season flag.

    Parameters
    ----------
    ends : ndarray of datetime64[s], shape (n_rows,)
        What the clock on the wall shows when the interval ends; ``NaT`` where that is unreadable.
        24:00 is 00:00 of the next day.
    seasons : ndarray of int, shape (n_rows,)
        0 winter time, 1 summer time; anything else is a fault.
    step : Step, or ndarray of int64, shape (n_rows,)
        Length of the intervals, or of each [s].
    timezone : str
        IANA name.

    Returns
    -------
    Starts
        ``DATE``, ``TIME`` (not at a border of intervals) or ``SEASON`` where there is none.

    Notes
    -----
    REGULATION 6.3. The interval that ends when the clock is set back has two names, 03:00 in
    summer and 02:00 in winter time, and both are in use; likewise 02:00 in winter and 03:00 in
    summer time when it is set forward. All four are understood, other disagreements with the
    calendar are not.

    Examples
    --------
    >>> ends = np.array(["2023-10-29T02:00"] * 2, dtype="datetime64[s]")
    >>> starts = starts_of_end_stamps(ends, np.array([1, 0]), Step.HOUR, "Europe/Madrid")
    >>> starts.seconds.astype("datetime64[s]").astype(str).tolist()
    ['2023-10-28T23:00:00', '2023-10-29T00:00:00']
    """
    length = step.seconds if isinstance(step, Step) else step
    begun = ends - np.asarray(length).astype("timedelta64[s]")
    days = begun.astype("datetime64[D]")
    is_day = are_days(days)
    days = np.where(is_day, days, FIRST_DAY)
    clock = describe_days(days, timezone)
    winter, summer = clock_offsets(days, timezone)
    offset = np.where(seasons == 1, summer, winter)
    starts = np.where(is_day, begun, FIRST_DAY).astype("datetime64[s]").astype(np.int64) - offset
    faults = np.zeros(ends.size, dtype=np.uint8)
    faults[~_are_in_season(starts, length, offset, days, clock)] = StampFault.SEASON
    faults[(seasons != 0) & (seasons != 1)] = StampFault.SEASON
    faults[starts % length != 0] = StampFault.TIME
    faults[~is_day] = StampFault.DATE
    return Starts(np.where(faults == 0, starts, 0), faults)


def _are_in_season(
    starts: Seconds, length: int | Seconds, offset: Seconds, days: Days, clock: ClockDays
) -> NDArray[np.bool_]:
    """Compare offsets with those that hold when intervals begin or when they end."""
    before = days.astype(np.int64) * DAY - clock.midnights
    after = before + DAY - clock.lengths
    elapsed = starts - clock.midnights
    has_change = clock.changes > 0
    at_start = np.where(has_change & (elapsed >= clock.changes), after, before)
    at_end = np.where(has_change & (elapsed + length >= clock.changes), after, before)
    is_inside = (elapsed >= 0) & (elapsed < clock.lengths)
    return np.asarray(is_inside & ((offset == at_start) | (offset == at_end)))


def find_steps(meters: Groups, times: Seconds) -> Seconds:
    """Tell of each row whether its meter counts hours or quarter-hours.

    Parameters
    ----------
    meters : ndarray of int, shape (n_rows,)
        Number of each row's meter, from 0.
    times : ndarray of int64, shape (n_rows,)
        What the clock shows [s since midnight], or any count of seconds from a full hour; negative
        where that is unreadable.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        900 for every row of a meter that has a stamp between full hours, else 3,600.

    Examples
    --------
    >>> find_steps(np.array([0, 0, 1]), np.array([3600, 4500, 3600]))
    array([ 900,  900, 3600])
    """
    n_meters = int(meters.max(initial=-1)) + 1
    is_quarterly = np.zeros(n_meters, dtype=np.bool_)
    is_quarterly[meters[(times >= 0) & (times % _HOUR != 0)]] = True
    return np.where(is_quarterly[meters], _QUARTER, _HOUR)


def number_groups(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.intp]:
    """Give rows that agree in two numbers the same number, from 0 in order of appearance.

    Parameters
    ----------
    first, second : ndarray of int, shape (n_rows,)
        Whole numbers, the second between 0 and 2^31 - 1.

    Returns
    -------
    ndarray of int, shape (n_rows,)

    Examples
    --------
    >>> number_groups(np.array([7, 7, 8]), np.array([1, 2, 1]))
    array([0, 1, 2])
    """
    keys = pa.array((np.asarray(first, dtype=np.int64) << 31) + second)
    # Arrow hashes, which is several times faster than the sort of numpy.unique
    return np.asarray(keys.dictionary_encode().indices.to_numpy(), dtype=np.intp)
