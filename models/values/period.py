"""Half-open periods of days: the start belongs to it, the end does not."""

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
