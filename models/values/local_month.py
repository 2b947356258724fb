"""One month of a place's clock: its days, its instants and its intervals."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from models.values.calendar import Instants, Step, local_times, month_borders, year_steps
from models.values.period import Period, add_months

_MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class LocalMonth:
    """A local month.

    Attributes
    ----------
    first : date
        Its first day.
    timezone : str
        IANA name of its clock.

    Examples
    --------
    >>> LocalMonth(date(2023, 3, 1), "Europe/Madrid").count(Step.HOUR)
    743
    """

    first: date
    timezone: str

    @property
    def year(self) -> int:
        """Its year."""
        return self.first.year

    @property
    def number(self) -> int:
        """Its number, 1 to 12."""
        return self.first.month

    @property
    def name(self) -> str:
        """Its name, such as ``2023-01``."""
        return f"{self.year}-{self.number:02d}"

    @property
    def days(self) -> Period:
        """Its local days."""
        return Period(self.first, add_months(self.first, 1))

    @property
    def begins(self) -> np.datetime64:
        """Its first instant [UTC]."""
        return self._border(self.number - 1)

    @property
    def ends(self) -> np.datetime64:
        """The next month's first instant [UTC]."""
        return self._border(self.number)

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return _aware(self.begins)

    @property
    def ends_at(self) -> datetime:
        """The next month's first instant."""
        return _aware(self.ends)

    def count_days(self) -> int:
        """Count its days."""
        return (add_months(self.first, 1) - self.first).days

    def count(self, step: Step) -> int:
        """Count its intervals."""
        return int((self.ends - self.begins) // np.timedelta64(step.seconds, "s"))

    def count_ended(self, step: Step, instant: datetime) -> int:
        """Count its intervals that have ended by an instant."""
        passed = (instant - self.starts_at).total_seconds() // step.seconds
        return min(max(int(passed), 0), self.count(step))

    def starts(self, step: Step) -> Instants:
        """List the starts of its intervals."""
        return year_steps(self.year, self.timezone, step)[self.span(step)]

    def local(self, step: Step) -> Instants:
        """Tell what a wall clock shows at these."""
        return local_times(self.year, self.timezone, step)[self.span(step)]

    def span(self, step: Step) -> slice:
        """Give the place of its intervals among those of its year."""
        place = int(np.searchsorted(year_steps(self.year, self.timezone, step), self.begins))
        return slice(place, place + self.count(step))

    def _border(self, place: int) -> np.datetime64:
        border: np.datetime64 = month_borders(self.year, self.timezone)[place]
        return border


def list_year(year: int, timezone: str) -> list[LocalMonth]:
    """List the months of a local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.

    Returns
    -------
    list of LocalMonth, length 12
        In order.

    Examples
    --------
    >>> [month.count(Step.HOUR) for month in list_year(2023, "Europe/Madrid")][:4]
    [744, 672, 743, 720]
    """
    return [LocalMonth(date(year, number, 1), timezone) for number in _MONTHS]


def _aware(instant: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(instant.astype(np.int64)), UTC)
