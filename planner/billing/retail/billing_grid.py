"""Time as bills see it: intervals in segments of days, segments in bills."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, local_midnight
from models.values.errors import InvalidDataError
from models.values.period import Period
from planner.billing.retail.contract import POWER_PERIODS


class ImpossibleGridError(InvalidDataError):
    """Bills, segments and intervals do not fit together."""


@dataclass(frozen=True, slots=True, eq=False)
class BillingGrid:
    """The intervals of one or several bills in a row.

    Attributes
    ----------
    tariff_periods : ndarray of uint8, shape (n_steps,)
        Period of every interval, 1 to 3 or 1 to 6.
    n_periods : int
        Periods of energy of the tariff: 3 or 6.
    segment_borders : ndarray of int, shape (n_segments + 1,)
        First interval of every segment, and the end.
    segments : tuple of Period, length n_segments
        Local days of each.
    bill_starts : ndarray of int, shape (n_bills,)
        First segment of each bill.

    Raises
    ------
    ImpossibleGridError
        If the borders do not begin at the first interval, do not rise or do not end with the
        last, a segment is open, a period is beyond the tariff's, or the tariff has neither 3
        nor 6.
    """

    tariff_periods: NDArray[np.uint8]
    n_periods: int
    segment_borders: NDArray[np.intp]
    segments: tuple[Period, ...]
    bill_starts: NDArray[np.intp]

    def __post_init__(self) -> None:
        if self.n_periods not in POWER_PERIODS:
            raise ImpossibleGridError(f"a tariff has 3 or 6 periods, not {self.n_periods}")
        _check_rise("segments", self.segment_borders.tolist(), self.tariff_periods.size)
        _check_rise("bills", [*self.bill_starts.tolist(), len(self.segments)], len(self.segments))
        if self.segment_borders.size != len(self.segments) + 1:
            raise ImpossibleGridError("every segment needs its days, and a first interval")
        if any(segment.end is None for segment in self.segments):
            raise ImpossibleGridError("every segment needs a first day after it")
        if not np.isin(self.tariff_periods, np.arange(1, self.n_periods + 1)).all():
            raise ImpossibleGridError(f"tariff periods go from 1 to {self.n_periods}")

    @property
    def n_power_periods(self) -> int:
        """Periods of power of the tariff."""
        return POWER_PERIODS[self.n_periods]

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.segments)

    @property
    def days(self) -> NDArray[np.int64]:
        """Days of each segment, shape (n_segments,)."""
        lengths = [(each.end - each.start).days for each in self.segments if each.end]
        return np.array(lengths, dtype=np.int64)

    @property
    def bill_of_segment(self) -> NDArray[np.intp]:
        """Bill of each segment, shape (n_segments,)."""
        places = np.arange(self.n_segments)
        return np.searchsorted(self.bill_starts, places, side="right").astype(np.intp) - 1

    @property
    def segment_of_step(self) -> NDArray[np.intp]:
        """Segment of each interval, shape (n_steps,)."""
        return np.repeat(np.arange(self.n_segments), np.diff(self.segment_borders))

    def bill_segments(self, bill: int) -> range:
        """List the segments of a bill."""
        borders = [*self.bill_starts.tolist(), self.n_segments]
        return range(borders[bill], borders[bill + 1])


def _check_rise(name: str, borders: Sequence[int], end: int) -> None:
    if (
        borders[:1] != [0]
        or borders[-1] != end
        or end < 1
        or any(a >= z for a, z in pairwise(borders))
    ):
        raise ImpossibleGridError(f"borders of {name} must rise from 0 to {end}: {borders}")


def cut_bills(
    starts: Instants,
    timezone: str,
    tariff_periods: NDArray[np.uint8],
    n_periods: int,
    bill_days: Sequence[date],
    changes: Iterable[date] = (),
) -> BillingGrid:
    """Cut intervals into bills, and bills into segments at every change.

    Parameters
    ----------
    starts : ndarray of datetime64[s], shape (n_steps,)
        Starts of the intervals in UTC.
    timezone : str
        IANA name of the clock whose days are billed.
    tariff_periods : ndarray of uint8, shape (n_steps,)
        Period of every interval.
    n_periods : int
        Periods of energy of the tariff: 3 or 6.
    bill_days : sequence of date, length n_bills + 1
        First day of every bill, and the day after the last; intervals outside are an error.
    changes : iterable of date
        First days of new prices, tolls, taxes, powers; those outside are passed over.

    Returns
    -------
    BillingGrid
        Segments of days without a change.

    Raises
    ------
    ImpossibleGridError
        If the days do not rise, or do not cover the intervals exactly.

    Notes
    -----
    A day lasts from one local midnight to the next: 23, 24 or 25 hours.

    Examples
    --------
    >>> from models.values.calendar import Step, year_steps
    >>> hours = year_steps(2026, "Europe/Madrid", Step.HOUR)[:1416]
    >>> firsts = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    >>> grid = cut_bills(hours, "Europe/Madrid", np.full(1416, 1, np.uint8), 3, firsts,
    ...     [date(2026, 2, 11)])
    >>> grid.days.tolist(), grid.bill_starts.tolist()
    ([31, 10, 18], [0, 1])
    """
    first, last = bill_days[0], bill_days[-1]
    inside = {day for day in changes if first < day < last}
    days = sorted(inside | set(bill_days))
    midnights = np.array([local_midnight(day, timezone) for day in days])
    ends = np.append(starts[1:], starts[-1:] + np.diff(starts[-2:]))
    if not ends.size or midnights[0] != starts[0] or midnights[-1] != ends[-1]:
        raise ImpossibleGridError(f"the intervals do not cover the days from {first} to {last}")
    return BillingGrid(
        tariff_periods=tariff_periods,
        n_periods=n_periods,
        segment_borders=np.append(np.searchsorted(starts, midnights[:-1]), starts.size),
        segments=tuple(Period(a, z) for a, z in pairwise(days)),
        bill_starts=np.array([days.index(day) for day in bill_days[:-1]], dtype=np.intp),
    )
