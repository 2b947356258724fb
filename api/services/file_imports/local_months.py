"""Local months: where a series of intervals crosses their borders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import (
    Instants,
    Step,
    local_day,
    local_times,
    month_borders,
    year_steps,
)
from models.values.errors import InvalidDataError

_MONTHS = 12


class UnalignedIntervalsError(InvalidDataError):
    """Intervals do not begin where those of a meter or a market do.

    Attributes
    ----------
    name : str
        Whose intervals.
    instant : datetime64
        Start of the first that does not fit [UTC].
    """

    def __init__(self, name: str, instant: np.datetime64, step: Step) -> None:
        super().__init__(
            f"an interval of {name} begins at {instant}Z, between two intervals of {step.value}"
        )
        self.name = name
        self.instant = instant


@dataclass(frozen=True, slots=True)
class LocalMonth:
    """One month of a community's clock.

    Attributes
    ----------
    year, number : int
        The month, 1 to 12.
    first, last : datetime64[s]
        Its first instant and the next month's [UTC].
    """

    year: int
    number: int
    first: np.datetime64
    last: np.datetime64

    @property
    def name(self) -> str:
        """Name of the month, such as ``2023-01``."""
        return f"{self.year}-{self.number:02d}"

    @property
    def starts_at(self) -> datetime:
        """First instant."""
        return _aware(self.first)

    @property
    def ends_at(self) -> datetime:
        """First instant of the next month."""
        return _aware(self.last)

    def count(self, step: Step) -> int:
        """Count its intervals."""
        return int((self.last - self.first) // np.timedelta64(step.seconds, "s"))

    def count_ended(self, step: Step, instant: datetime) -> int:
        """Count its intervals that have ended by an instant."""
        passed = (instant - self.starts_at).total_seconds() // step.seconds
        return min(max(int(passed), 0), self.count(step))

    def starts(self, step: Step) -> Instants:
        """List the starts of its intervals."""
        return np.arange(self.first, self.last, np.timedelta64(step.seconds, "s"))

    def local(self, timezone: str, step: Step) -> Instants:
        """Tell what a wall clock shows at these."""
        place = np.searchsorted(year_steps(self.year, timezone, step), self.first)
        return local_times(self.year, timezone, step)[place : place + self.count(step)]


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
    borders = month_borders(year, timezone)
    return [LocalMonth(year, i + 1, borders[i], borders[i + 1]) for i in range(_MONTHS)]


def split_by_month(
    starts: Instants, timezone: str, step: Step, name: str
) -> Iterator[tuple[LocalMonth, slice, NDArray[np.intp]]]:
    """Cut a series at the borders of local months.

    Parameters
    ----------
    starts : ndarray of datetime64[s], shape (n_intervals,)
        Starts of intervals in UTC, rising.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.
    name : str
        Whose series it is, for the error.

    Yields
    ------
    month : LocalMonth
        A month that has some of them.
    place : slice
        Which ones.
    positions : ndarray of int
        The places of these in the month.

    Raises
    ------
    UnalignedIntervalsError
        If an interval begins between two of a month's.
    """
    if not starts.size:
        return
    first, last = (local_day(_aware(instant), timezone).year for instant in starts[[0, -1]])
    length = np.timedelta64(step.seconds, "s")
    for year in range(first, last + 1):
        for month in list_year(year, timezone):
            begin, end = np.searchsorted(starts, [month.first, month.last]).tolist()
            if begin < end:
                offsets = starts[begin:end] - month.first
                if (odd := np.flatnonzero(offsets % length)).size:
                    raise UnalignedIntervalsError(name, starts[begin + odd[0]], step)
                yield month, slice(begin, end), (offsets // length).astype(np.intp)


def _aware(instant: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(instant.astype(np.int64)), UTC)
