"""Half-open periods of days: the start belongs to it, the end does not."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.values.errors import InvalidDataError


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` up to, not including, ``end``.

    Attributes
    ----------
    start : date
        First day inside.
    end : date or None
        First day after it; None while it is open.

    Raises
    ------
    InvalidDataError
        If the end is not after the start.

    Examples
    --------
    >>> Period(date(2026, 1, 1), date(2026, 2, 1)).contains(date(2026, 2, 1))
    False
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise InvalidDataError(f"period ends on {self.end}, not after its start {self.start}")

    def contains(self, day: date) -> bool:
        """Tell whether a day lies inside."""
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two share a day."""
        return (self.end is None or other.start < self.end) and (
            other.end is None or self.start < other.end
        )


def list_gaps(periods: Iterable[Period], within: Period) -> list[Period]:
    """List the days that lie in none of some periods.

    Parameters
    ----------
    periods : iterable of Period
        In any order; they may overlap.
    within : Period
        Of which days.

    Returns
    -------
    list of Period
        In order, as long as they can be.

    Examples
    --------
    >>> first, second, third = (date(2026, 1, day) for day in (1, 2, 3))
    >>> list_gaps([Period(second, third)], Period(first)) == [
    ...     Period(first, second),
    ...     Period(third),
    ... ]
    True
    """
    gaps, free = [], within.start
    for period in sorted(periods, key=lambda period: period.start):
        if not Period(free, within.end).overlaps(period):
            continue
        if free < period.start:
            gaps.append(Period(free, period.start))
        if period.end is None or (within.end is not None and within.end <= period.end):
            return gaps
        free = period.end
    return [*gaps, Period(free, within.end)]


def add_months(day: date, months: int) -> date:
    """Count calendar months on from a day.

    Parameters
    ----------
    day : date
        From where.
    months : int
        How many.

    Returns
    -------
    date
        The day of that number, or the last one of a month that is too short for it.

    Examples
    --------
    >>> add_months(date(2025, 10, 31), 4)
    datetime.date(2026, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
