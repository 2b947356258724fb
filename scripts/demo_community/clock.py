"""What a wall clock and a wall calendar show through the year."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.offsets import Easter

from models.values.calendar import Instants, Step, local_times, year_steps

TIMEZONE = "Europe/Madrid"

MonthDay = tuple[int, int]
NATIONAL_HOLIDAYS: tuple[MonthDay, ...] = (
    *((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)),
)
"""Days of the lowest tariff period (Circular 3/2020, article 7)."""
REGIONAL_HOLIDAYS: tuple[MonthDay, ...] = ((3, 19), (10, 9))
"""Further fixed days off in the Valencian Community."""


class DayKind(IntEnum):
    """How people spend a day."""

    WORKDAY = 0
    SATURDAY = 1
    SUNDAY = 2
    """Or a public holiday."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalClock:
    """Local time and kind of day of every hour of a year.

    Attributes
    ----------
    starts : ndarray of datetime64[s], shape (n_steps,)
        Starts of the hours in UTC.
    hour : ndarray of float, shape (n_steps,)
        Local hour on the wall, 0 to 23.
    day : ndarray of int, shape (n_steps,)
        Position of the local day in ``dates``.
    dates : ndarray of datetime64[D], shape (n_days,)
    day_kind : ndarray of DayKind, shape (n_days,)
    is_national_holiday : ndarray of bool, shape (n_days,)
    """

    starts: Instants
    hour: NDArray[np.float64]
    day: NDArray[np.intp]
    dates: NDArray[np.datetime64]
    day_kind: NDArray[np.intp]
    is_national_holiday: NDArray[np.bool_]

    @property
    def season(self) -> NDArray[np.float64]:
        """Angle of each hour within the year, 0 at its beginning [rad]."""
        return 2 * np.pi * np.arange(self.hour.size) / self.hour.size

    @property
    def month(self) -> NDArray[np.int64]:
        """Local month of each hour, 1 to 12."""
        return self.dates[self.day].astype("datetime64[M]").astype(np.int64) % 12 + 1

    @property
    def day_of_year(self) -> NDArray[np.intp]:
        """Local day of each hour, 1 to 365 or 366."""
        return self.day + 1

    def by_day(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread a value a day over the hours, sliding from noon to noon."""
        noons = np.flatnonzero(self.hour == 12)
        return np.interp(np.arange(self.hour.size), noons, values)

    def days_between(self, first: MonthDay, last: MonthDay) -> NDArray[np.bool_]:
        """Mark the days from ``first`` to ``last``, both inside, within the calendar year."""
        year = self.dates[0].astype("datetime64[Y]").item().year
        return (self.dates >= _date(year, first)) & (self.dates <= _date(year, last))


def read_clock(year: int) -> LocalClock:
    """Tell hour, day and kind of day for every hour of a local year."""
    local = local_times(year, TIMEZONE, Step.HOUR)
    dates, day = np.unique(local.astype("datetime64[D]"), return_inverse=True)
    national = np.isin(dates, _dates(year, NATIONAL_HOLIDAYS))
    weekday = (dates.astype(np.int64) + 3) % 7
    day_kind = np.select([weekday == 5, weekday == 6], [DayKind.SATURDAY, DayKind.SUNDAY])
    day_kind[national | np.isin(dates, _regional_days(year))] = DayKind.SUNDAY
    return LocalClock(
        starts=year_steps(year, TIMEZONE, Step.HOUR),
        hour=(local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.float64),
        day=day,
        dates=dates,
        day_kind=day_kind,
        is_national_holiday=national,
    )


def _date(year: int, day: MonthDay) -> np.datetime64:
    month, day_of_month = day
    return np.datetime64(f"{year}-{month:02}-{day_of_month:02}")


def _dates(year: int, days: Iterable[MonthDay]) -> NDArray[np.datetime64]:
    return np.array([_date(year, day) for day in days])


def _regional_days(year: int) -> NDArray[np.datetime64]:
    """Add Good Friday and Easter Monday to the fixed regional days."""
    easter = (pd.Timestamp(year, 1, 1) + Easter()).to_datetime64().astype("datetime64[D]")
    return np.append(_dates(year, REGIONAL_HOLIDAYS), easter + np.array([-2, 1]))
