"""Where a row stands in its file, looked up only when a rejection asks."""

from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.records import ROWS_TOLD, Rejections, RowCode
from loaders.number_text import excerpt_of

_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_EXCERPT_BYTES = 200


class RowPlaces(Protocol):
    """Finds the line and the beginning of a row."""

    def line(self, row: int) -> int | None:
        """Give the row's line, from 1; None when the file does not have lines."""

    def excerpt(self, row: int) -> str:
        """Quote the beginning of the row."""


class LinePlaces:
    """Places of rows that are lines of text; blank lines and those set aside are no rows.

    Parameters
    ----------
    data : bytes
        The text, UTF-8.
    start : int
        Where the first line below the header begins.
    set_aside : sequence of int
        Rows of the file, from 0, that are not rows of the table.
    """

    def __init__(self, data: bytes, start: int, set_aside: list[int]) -> None:
        self._data = data
        self._start = start
        self._set_aside = set_aside

    @cached_property
    def _bounds(self) -> NDArray[np.int64]:
        """Where each row of the file begins and ends, and its line, shape (3, n_rows)."""
        text = np.frombuffer(self._data, dtype=np.uint8)
        is_end = text == _LINE_FEED
        is_return = np.flatnonzero(text == _CARRIAGE_RETURN)
        follows_feed = np.append(is_end, False)[is_return + 1]
        is_end[is_return[~follows_feed]] = True
        ends = np.append(np.flatnonzero(is_end), text.size)
        starts = np.append(0, ends[:-1] + 1)
        lines = np.arange(1, ends.size + 1)
        # the carriage return of a pair is no content
        ends = ends - np.isin(ends - 1, is_return[follows_feed])
        is_row = (starts >= self._start) & (ends > starts)
        return np.stack([starts[is_row], ends[is_row], lines[is_row]])

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        """Row of the file of each row of the table."""
        return np.delete(np.arange(self._bounds.shape[1]), self._set_aside)

    def line(self, row: int) -> int:
        """Give the row's line, from 1."""
        return self.line_of_file_row(int(self._rows[row]))

    def excerpt(self, row: int) -> str:
        """Quote the beginning of the row."""
        return self.excerpt_of_file_row(int(self._rows[row]))

    def line_of_file_row(self, row: int) -> int:
        """Give the line of a row of the file, from 1."""
        return int(self._bounds[2, row])

    def excerpt_of_file_row(self, row: int) -> str:
        """Quote the beginning of a row of the file."""
        start, end, _ = self._bounds[:, row].tolist()
        text = self._data[start : min(end, start + _EXCERPT_BYTES)]
        return excerpt_of(text.decode(errors="replace"))


def reject_rows(
    rejections: Rejections,
    places: RowPlaces,
    rows: NDArray[np.intp],
    code: RowCode,
    reasons: "list[str] | str",
) -> None:
    """Note rows that are not taken; past ``ROWS_TOLD`` they are only counted.

    Parameters
    ----------
    rejections : Rejections
        Takes them.
    places : RowPlaces
        Knows where they stand.
    rows : ndarray of int, shape (n_rejected,)
        Rows of the table, from 0.
    code : RowCode
        Why, for programs.
    reasons : str or list of str
        Why, for people: one for all, or one for each of the first.
    """
    room = max(ROWS_TOLD - len(rejections.told), 0)
    for place, row in enumerate(rows[:room].tolist()):
        reason = reasons if isinstance(reasons, str) else reasons[place]
        rejections.add(places.line(row), code, places.excerpt(row), reason)
    if rows.size > room:
        rejections.counts[code] += rows.size - room
