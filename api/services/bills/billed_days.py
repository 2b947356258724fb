"""The days that are billed: bills of at most a month, and the intervals of readings in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from api.services.energy.energy_question import YEARS
from models.regulation.tariff_periods import find_periods
from models.values.calendar import Instants, Step, Zone, local_midnight, local_times, year_steps
from models.values.errors import InvalidArgumentError
from models.values.local_month import LocalMonth, list_year
from models.values.period import Period, add_months
from models.values.tariff import Tariff

MOST_BILLS = 60
_LONGEST_DAYS = 31


class BilledPeriodError(InvalidArgumentError):
    """Days that cannot be billed.

    Attributes
    ----------
    start, end : date
        First day, and the day after the last.
    """

    def __init__(self, start: date, end: date, reason: str) -> None:
        super().__init__(f"{start} to {end} cannot be billed: {reason}")
        self.start = start
        self.end = end


@dataclass(frozen=True)
class BilledDays:
    """Local days in a row and the bills that they make.

    Attributes
    ----------
    start, end : date
        First day, and the day after the last.
    timezone : str
        IANA name of the clock whose days they are.

    Raises
    ------
    BilledPeriodError
        If the end is not after the start, no meter can have recorded a day, or there would be
        more than 60 bills.
    """

    start: date
    end: date
    timezone: str

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BilledPeriodError(self.start, self.end, "the end is not after the start")
        if self.start.year not in YEARS or self._last.year not in YEARS:
            reason = f"readings are of the years {YEARS.start} to {YEARS.stop - 1}"
            raise BilledPeriodError(self.start, self.end, reason)
        if len(self.bill_days) - 1 > MOST_BILLS:
            raise BilledPeriodError(self.start, self.end, f"ask for at most {MOST_BILLS} months")

    @property
    def _last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def period(self) -> Period:
        """The days."""
        return Period(self.start, self.end)

    @property
    def years(self) -> range:
        """Local years that the days touch."""
        return range(self.start.year, self._last.year + 1)

    @cached_property
    def bill_days(self) -> tuple[date, ...]:
        """First day of every bill, and the day after the last.

        Up to 31 days are one bill. More are cut by months from the first day on, because surplus
        is compensated within a month (RD 244/2019, article 14).
        """
        if (self.end - self.start).days <= _LONGEST_DAYS:
            return (self.start, self.end)
        firsts = [self.start]
        while firsts[-1] < self.end and len(firsts) <= MOST_BILLS + 1:
            firsts.append(add_months(self.start, len(firsts)))
        return (*(day for day in firsts if day < self.end), self.end)

    @cached_property
    def months(self) -> tuple[LocalMonth, ...]:
        """Calendar months that the days touch."""
        first, last = ((day.year, day.month) for day in (self.start, self._last))
        return tuple(
            month
            for year in self.years
            for month in list_year(year, self.timezone)
            if first <= (month.year, month.number) <= last
        )

    def span(self, step: Step) -> slice:
        """Find the intervals of the days among those of the months."""
        starts = np.concatenate([month.starts(step) for month in self.months])
        borders = [local_midnight(day, self.timezone) for day in (self.start, self.end)]
        first, end = np.searchsorted(starts, borders).tolist()
        return slice(first, end)

    def year_spans(self, step: Step) -> list[tuple[int, slice]]:
        """Find the intervals of the days within each local year."""
        borders = [local_midnight(day, self.timezone) for day in (self.start, self.end)]
        spans = []
        for year in self.years:
            first, end = np.searchsorted(year_steps(year, self.timezone, step), borders).tolist()
            spans.append((year, slice(first, end)))
        return spans

    def starts(self, step: Step) -> Instants:
        """List the starts of the intervals in UTC."""
        return np.concatenate(
            [year_steps(year, self.timezone, step)[span] for year, span in self.year_spans(step)]
        )

    def tariff_periods(self, zone: Zone, tariff: Tariff, step: Step) -> NDArray[np.uint8]:
        """Tell the tariff period of every interval."""
        local = [local_times(year, self.timezone, step)[at] for year, at in self.year_spans(step)]
        return find_periods(np.concatenate(local), zone, tariff)
