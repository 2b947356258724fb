"""The local calendar: which UTC instants make a local day, month or year.

The only place that knows about clock changes. A local day lasts 23, 24 or 25 hours, so nothing
outside this file adds 24 hours to reach tomorrow.
"""

from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.datetime64]
"""Instants in UTC, ``datetime64[s]``."""

LAW_CLOCK = "Europe/Madrid"
"""Clock by whose days limits of the law come into force."""

CLOCK_HOURS = 8760
"""Hours that a clock on the wall shows in a year, without 29 February and changes of the clock."""

NATIONAL_DAYS = frozenset(
    {(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)}
)
"""Month and day of the holidays without a substitute, on which tariffs know no dear hours.

Circular 3/2020, article 7: national holidays of a fixed date, so Good Friday is a normal day.
"""

_LEAP_DAY = 59  # days of January and February before it
_SATURDAY = 5


class Zone(StrEnum):
    """Tariff zone of the Spanish electricity system."""

    PENINSULA = "peninsula"
    BALEARES = "baleares"
    CANARIAS = "canarias"
    CEUTA = "ceuta"
    MELILLA = "melilla"

    @property
    def timezone(self) -> str:
        """Name of the zone's clock in the IANA database."""
        return "Atlantic/Canary" if self is Zone.CANARIAS else "Europe/Madrid"


class Step(Enum):
    """Length of a metering interval, by its ISO 8601 name."""

    HOUR = "PT1H"
    QUARTER_HOUR = "PT15M"

    @property
    def seconds(self) -> int:
        """Length of the interval [s]."""
        return 3600 if self is Step.HOUR else 900

    @property
    def per_hour(self) -> int:
        """Intervals in an hour."""
        return 3600 // self.seconds


class HourIndex(StrEnum):
    """How the 8,760 hours of a file of coefficients are numbered where the clock changes.

    The law does not say (RD 244/2019, Annex I): by the clock on the wall, or as the hours pass.
    """

    CLOCK = "clock"
    REAL_TIME = "real-time"


def local_midnight(day: date, timezone: str) -> np.datetime64:
    """Find the instant at which a local day begins.

    Parameters
    ----------
    day : date
        Local day.
    timezone : str
        IANA name, such as ``Europe/Madrid``.

    Returns
    -------
    datetime64[s]
        The instant in UTC.

    Examples
    --------
    >>> local_midnight(date(2023, 7, 1), "Europe/Madrid")
    np.datetime64('2023-06-30T22:00:00')
    """
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return np.datetime64(local.astimezone(UTC).replace(tzinfo=None), "s")


def local_day(instant: datetime, timezone: str) -> date:
    """Tell which local day an instant lies in.

    Parameters
    ----------
    instant : datetime
        Aware instant.
    timezone : str
        IANA name.

    Returns
    -------
    date
        The day that a calendar on the wall shows there.

    Examples
    --------
    >>> local_day(datetime(2023, 6, 30, 22, tzinfo=UTC), "Europe/Madrid")
    datetime.date(2023, 7, 1)
    """
    return instant.astimezone(ZoneInfo(timezone)).date()


@lru_cache(maxsize=64)
def year_steps(year: int, timezone: str, step: Step) -> Instants:
    """List the starts of every interval of a local calendar year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of datetime64[s], shape (n_steps,)
        Starts in UTC, read-only: 8,760 or 8,784 hours, four times that in quarter-hours.

    Examples
    --------
    >>> year_steps(2024, "Europe/Madrid", Step.QUARTER_HOUR).size
    35136
    """
    steps = np.arange(
        local_midnight(date(year, 1, 1), timezone),
        local_midnight(date(year + 1, 1, 1), timezone),
        np.timedelta64(step.seconds, "s"),
    )
    steps.setflags(write=False)
    return steps


@lru_cache(maxsize=64)
def month_borders(year: int, timezone: str) -> Instants:
    """List the thirteen instants that bound the months of a local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.

    Returns
    -------
    ndarray of datetime64[s], shape (13,)
        Local midnights in UTC: the first of each month, and of the next January.

    Examples
    --------
    >>> month_borders(2023, "Atlantic/Canary")[6]
    np.datetime64('2023-06-30T23:00:00')
    """
    firsts = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    borders = np.array([local_midnight(first, timezone) for first in firsts])
    borders.setflags(write=False)
    return borders


def month_starts(year: int, timezone: str, step: Step) -> NDArray[np.intp]:
    """Find the position of each month's first interval within its local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of int, shape (12,)
        Positions into ``year_steps``, ready for ``numpy.add.reduceat``.

    Examples
    --------
    >>> month_starts(2023, "Europe/Madrid", Step.HOUR)[:4]
    array([   0,  744, 1416, 2159])
    """
    borders = month_borders(year, timezone)[:-1]
    return np.searchsorted(year_steps(year, timezone, step), borders)


@lru_cache(maxsize=64)
def local_times(year: int, timezone: str, step: Step) -> Instants:
    """Tell what a wall clock shows at the start of every interval of a local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of datetime64[s], shape (n_steps,)
        Local clock times, read-only; one hour is missing in March, one comes twice in October.

    Examples
    --------
    >>> local_times(2023, "Europe/Madrid", Step.HOUR)[0]
    np.datetime64('2023-01-01T00:00:00')
    """
    if step is Step.HOUR:
        zone = ZoneInfo(timezone)
        seconds = year_steps(year, timezone, step).astype(np.int64).tolist()
        naive = [datetime.fromtimestamp(each, zone).replace(tzinfo=None) for each in seconds]
        local = np.array(naive, dtype="datetime64[s]")
    else:
        # Clocks are changed at whole hours.
        within = np.arange(step.per_hour) * np.timedelta64(step.seconds, "s")
        local = np.add.outer(local_times(year, timezone, Step.HOUR), within).ravel()
    local.setflags(write=False)
    return local


def day_starts(year: int, timezone: str, step: Step) -> NDArray[np.intp]:
    """Find the position of each local day's first interval within its local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of int, shape (365,) or (366,)
        Positions into ``year_steps``.

    Examples
    --------
    >>> day_starts(2023, "Europe/Madrid", Step.HOUR)[84:87]
    array([2016, 2039, 2063])
    """
    days = local_times(year, timezone, step).astype("datetime64[D]")
    return np.flatnonzero(np.r_[True, days[1:] != days[:-1]])


def clock_hours(year: int, timezone: str, step: Step) -> NDArray[np.intp]:
    """Give every interval of a local year the number of its hour by the clock on the wall.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of int, shape (n_steps,)
        Hours since the year began, 0 to 8,759, of a year of 365 days: 29 February has the numbers
        of 28 February, the hour that comes twice in October has one number, and the number of the
        hour that is missing in March never comes up.

    Notes
    -----
    RD 244/2019, Annex I, gives the file of coefficients 8,760 hours and lets 29 February follow
    28 February. It does not say how the hours around a change of the clock are numbered: the
    clock on the wall is the usual reading.

    Examples
    --------
    >>> clock_hours(2023, "Europe/Madrid", Step.HOUR)[[0, 2016, 2017, 2018, 2019]]
    array([   0, 2016, 2017, 2019, 2020])
    """
    local = local_times(year, timezone, step)
    days = local.astype("datetime64[D]")
    day_of_year = (days - days[0]).astype(np.intp)
    if day_of_year[-1] * 24 == CLOCK_HOURS:
        day_of_year -= day_of_year >= _LEAP_DAY
    hour_of_day = (local - days).astype("timedelta64[h]").astype(np.intp)
    hours: NDArray[np.intp] = day_of_year * 24 + hour_of_day
    return hours


def file_hours(year: int, timezone: str, step: Step, index: HourIndex) -> NDArray[np.intp]:
    """Give every interval of a local year its hour in a file of coefficients.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.
    index : HourIndex
        How the file numbers its hours.

    Returns
    -------
    ndarray of int, shape (n_steps,)
        0 to 8,759, one less than the number in the file. Coefficients by interval are
        ``filed[:, file_hours(...)]``.

    Notes
    -----
    RD 244/2019, Annex I: 29 February has the hours of 28 February. By the clock see
    ``clock_hours``; in real time the hours count up without a gap, so that from March to October
    the two readings differ by one.

    Examples
    --------
    >>> file_hours(2023, "Europe/Madrid", Step.HOUR, HourIndex.REAL_TIME)[2016:2020]
    array([2016, 2017, 2018, 2019])
    """
    if index is HourIndex.CLOCK:
        return clock_hours(year, timezone, step)
    steps = year_steps(year, timezone, step)
    hours = np.arange(steps.size, dtype=np.intp) // step.per_hour
    if hours[-1] >= CLOCK_HOURS:
        hours[hours >= _LEAP_DAY * 24] -= 24
    return hours


def hours_of_file(year: int, timezone: str, index: HourIndex) -> NDArray[np.intp]:
    """Find which hour of a local year each hour of a file of coefficients speaks for.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    index : HourIndex
        How the file numbers its hours.

    Returns
    -------
    ndarray of int, shape (8760,)
        Positions into ``year_steps`` of hours. What a file says is ``by_hour[:, hours_of_file(
        ...)]``: the first of two hours that share a number, so 28 February for 29 February; for
        the hour that the clock leaves out in March, which no reading meets, the one before it.

    Examples
    --------
    >>> hours_of_file(2023, "Europe/Madrid", HourIndex.CLOCK)[2016:2020]
    array([2016, 2017, 2017, 2018])
    """
    numbers = file_hours(year, timezone, Step.HOUR, index)
    positions = np.zeros(CLOCK_HOURS, dtype=np.intp)
    positions[numbers[::-1]] = np.arange(numbers.size, dtype=np.intp)[::-1]
    return np.maximum.accumulate(positions)


def is_rest_day(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Tell which days are Saturdays, Sundays or national holidays of a fixed date.

    Parameters
    ----------
    days : ndarray of datetime64[D]
        Local days.

    Returns
    -------
    ndarray of bool
        True where tariffs count the whole day as off-peak.

    Notes
    -----
    Circular 3/2020, article 7: day type D. Regional and local holidays do not count.

    Examples
    --------
    >>> is_rest_day(np.array(["2023-12-24", "2023-12-25", "2023-12-26"], dtype="datetime64[D]"))
    array([ True,  True, False])
    """
    # The epoch, 1 January 1970, was a Thursday.
    weekday = (days.astype(np.int64) + 3) % 7
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (days - months).astype(np.int64) + 1
    fixed = [100 * of_month + of_day for of_month, of_day in NATIONAL_DAYS]
    return (weekday >= _SATURDAY) | np.isin(100 * month + day, fixed)
