"""What somebody wants of a list: which rows, and in which order."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which end of an order comes first."""

    ASCENDING = "ascending"
    DESCENDING = "descending"


@dataclass(frozen=True, slots=True)
class ListWish:
    """Which rows of a list are wanted, and in which order.

    Attributes
    ----------
    search : str, optional
        Text that one of the list's searched columns contains, small and capital letters alike.
    equal : tuple of (str, object)
        Columns and what they must hold.
    empty : tuple of (str, bool)
        Columns and whether they must hold nothing, or something.
    within : tuple of (str, object, object)
        Columns, from where they begin and before what they end; None is no end.
    order : str, optional
        Column that orders the list; the list's own when None.
    direction : Direction
        Which end of that column comes first; meaningless without one.
    """

    search: str | None = None
    equal: tuple[tuple[str, object], ...] = ()
    empty: tuple[tuple[str, bool], ...] = ()
    within: tuple[tuple[str, object, object], ...] = ()
    order: str | None = None
    direction: Direction = Direction.ASCENDING


EVERYTHING = ListWish()
"""All rows in the list's own order."""
