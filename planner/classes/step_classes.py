"""Which hours share one set of coefficients: the classes of a year's intervals.

A class is a set of hours of the distributor's file, which counts 8,760 hours by the clock on the
wall. An interval belongs to the class of its file hour, so that what is planned is what is filed:
29 February is shared like 28 February, and the hour that comes twice in October shares one set.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import CLOCK_HOURS, Step, clock_hours, is_rest_day


class Classes(StrEnum):
    """What hours have in common that share one set of coefficients."""

    MONTH = "month"
    SEASON_DAY = "season-day"
    HOUR = "hour"
    MONTH_HOUR_DAY = "month-hour-day"
    HOURLY = "hourly"

    @property
    def n_classes(self) -> int:
        """Number of classes, whether or not a year has hours of each."""
        return _COUNTS[self]


_COUNTS = {
    Classes.MONTH: 12,
    Classes.SEASON_DAY: 4 * 2,
    Classes.HOUR: 24,
    Classes.MONTH_HOUR_DAY: 12 * 24 * 2,
    Classes.HOURLY: CLOCK_HOURS,
}
_SEASONS = ("winter", "spring", "summer", "autumn")
_DAY_TYPES = ("working day", "rest day")


@dataclass(frozen=True, slots=True, eq=False)
class StepClasses:
    """The classes of a year's intervals.

    Attributes
    ----------
    of_step : ndarray of int, shape (n_steps,)
        Class of each interval, 0 to ``count - 1``.
    count : int
        Number of classes; some may have no interval.
    """

    of_step: NDArray[np.intp]
    count: int

    def list_steps(self) -> list[NDArray[np.intp]]:
        """List the intervals of every class, in order."""
        by_class = np.argsort(self.of_step, kind="stable")
        ends = np.cumsum(np.bincount(self.of_step, minlength=self.count))
        return np.split(by_class, ends[:-1])


def classify_hours(kind: Classes, year: int) -> NDArray[np.intp]:
    """Tell the class of every hour of a distributor's file.

    Parameters
    ----------
    kind : Classes
        What the hours of a class have in common.
    year : int
        Year of the file: its calendar tells working days from days of rest.

    Returns
    -------
    ndarray of int, shape (8760,)
        Class of each hour by the clock on the wall, 29 February left out.

    Notes
    -----
    Seasons are whole months: winter December to February, spring March to May, summer June to
    August, autumn September to November. Day types are those of the access tariffs (Circular
    3/2020, article 7): a rest day is a Saturday, a Sunday or a national holiday of a fixed date.

    Examples
    --------
    >>> classify_hours(Classes.SEASON_DAY, 2023)[[0, 24, 4000]].tolist()  # 1 and 2 January, June
    [1, 0, 4]
    """
    days = _days_of_file(year)
    month = np.repeat(days.astype("datetime64[M]").astype(np.intp) % 12, 24)
    is_rest = np.repeat(is_rest_day(days), 24).astype(np.intp)
    hour = np.tile(np.arange(24, dtype=np.intp), days.size)
    match kind:
        case Classes.MONTH:
            return month
        case Classes.SEASON_DAY:
            return (month + 1) % 12 // 3 * 2 + is_rest
        case Classes.HOUR:
            return hour
        case Classes.MONTH_HOUR_DAY:
            return (month * 24 + hour) * 2 + is_rest
        case _:
            return np.arange(CLOCK_HOURS, dtype=np.intp)


def _days_of_file(year: int) -> NDArray[np.datetime64]:
    """List the 365 days that a file has, of leap years too."""
    first, march = np.datetime64(f"{year:04d}-01-01", "D"), np.datetime64(f"{year:04d}-03-01", "D")
    until_march = first + np.arange(31 + 28)
    return np.concatenate((until_march, march + np.arange(CLOCK_HOURS // 24 - until_march.size)))


def classify_steps(kind: Classes, year: int, timezone: str, step: Step) -> StepClasses:
    """Tell the class of every interval of a local year.

    Parameters
    ----------
    kind : Classes
        What the hours of a class have in common.
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.

    Returns
    -------
    StepClasses
        Of a year with as many intervals as ``year_steps`` lists.

    Examples
    --------
    >>> classes = classify_steps(Classes.MONTH, 2024, "Europe/Madrid", Step.HOUR)
    >>> classes.count, [steps.size for steps in classes.list_steps()][:3]
    (12, [744, 696, 743])
    """
    of_hour = classify_hours(kind, year)
    return StepClasses(of_hour[clock_hours(year, timezone, step)], kind.n_classes)


def name_class(kind: Classes, number: int) -> str:
    """Name a class for people.

    Parameters
    ----------
    kind : Classes
        What its hours have in common.
    number : int
        The class.

    Returns
    -------
    str
        Such as ``month 3, 12:00, rest day``.

    Examples
    --------
    >>> name_class(Classes.MONTH_HOUR_DAY, (2 * 24 + 12) * 2 + 1)
    'month 3, 12:00, rest day'
    >>> name_class(Classes.HOURLY, 8759)
    'hour 8760'
    """
    match kind:
        case Classes.MONTH:
            return f"month {number + 1}"
        case Classes.SEASON_DAY:
            return f"{_SEASONS[number // 2]}, {_DAY_TYPES[number % 2]}"
        case Classes.HOUR:
            return f"{number:02d}:00"
        case Classes.MONTH_HOUR_DAY:
            month, hour = divmod(number // 2, 24)
            return f"month {month + 1}, {hour:02d}:00, {_DAY_TYPES[number % 2]}"
        case _:
            return f"hour {number + 1}"


def expand_to_file_hours(
    millionths: NDArray[np.int64], kind: Classes, year: int
) -> NDArray[np.int64]:
    """Write the coefficients of classes out for every hour of a distributor's file.

    Parameters
    ----------
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients of every class.
    kind : Classes
        What the hours of a class have in common.
    year : int
        Year of the file, which may be later than the one they were planned on.

    Returns
    -------
    ndarray of int64, shape (n_members, 8760)
        Hours by the clock on the wall; the file has no 29 February, the law lets it follow
        28 February.

    Examples
    --------
    >>> by_month = np.arange(12)[np.newaxis]
    >>> expand_to_file_hours(by_month, Classes.MONTH, 2024)[0, [743, 744, 1416]].tolist()
    [0, 1, 2]
    """
    return np.ascontiguousarray(millionths[:, classify_hours(kind, year)])
