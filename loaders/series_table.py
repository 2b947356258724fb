"""A table of one row an interval as its file holds it: columns by name, instants, numbers.

What cannot be read as an instant or a number stays visible, so that the checks which know the
year and the columns can name the place.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.decoding import LARGEST_FILE_BYTES, UnreadableFileError
from loaders.number_text import excerpt_of

TIME_COLUMN = "ts_utc"

MOST_ROWS = 200_000
"""Rows of one table: five leap years of quarter-hours."""

MOST_COLUMNS = 20_000
"""Columns of one table, so that a header alone cannot fill the memory."""

LONGEST_NAME = 100
"""Characters of a column's name: a ``member_id`` has no more."""

_NUMBER_BYTES = 8
_HEADER = "header"
_STAMP_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Instants:
    """The time column.

    Attributes
    ----------
    seconds : ndarray of int64, shape (n_rows,)
        Seconds since 1970 in UTC; zero where a row's instant is unreadable.
    is_readable : ndarray of bool, shape (n_rows,)
    text : callable
        Gives what a row holds, for messages.
    """

    seconds: NDArray[np.int64]
    is_readable: NDArray[np.bool_]
    text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers.

    Attributes
    ----------
    values : ndarray of float, shape (n_rows,)
        NaN where a row holds no number.
    is_missing : ndarray of bool, shape (n_rows,)
        Where a row holds nothing at all: an empty cell, or a null or NaN of Parquet.
    text : callable
        Gives what a row holds, for messages; empty when it holds nothing.
    """

    values: NDArray[np.float64]
    is_missing: NDArray[np.bool_]
    text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """A table with a time column.

    Attributes
    ----------
    names : tuple of str
        All columns but the time column, each once.
    n_rows : int
    instants : Instants
    numbers : callable
        Gives a column by name.
    row_place : callable
        Gives a row's place in the file, such as ``line 2``.
    torn_stamps : frozenset of str
        What stands in the time column of lines that could not be split into cells.
    """

    names: tuple[str, ...]
    n_rows: int
    instants: Instants
    numbers: Callable[[str], Numbers]
    row_place: Callable[[int], str]
    torn_stamps: frozenset[str] = frozenset()


def refuse_header(names: Sequence[str]) -> None:
    """Refuse names of columns that leave open what is meant.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.

    Raises
    ------
    UnreadableFileError
        If the time column is missing or a name is unprintable, too long or stands twice.
    """
    if len(names) == 1 and ";" in names[0]:
        raise UnreadableFileError("separates its columns by ';', should be ','", _HEADER)
    overlong = [name for name in names if len(name) > LONGEST_NAME]
    if overlong:
        reason = f"names a column by more than {LONGEST_NAME} characters: {excerpt_of(overlong[0])}"
        raise UnreadableFileError(reason, _HEADER)
    counts = Counter(names)
    repeated = [excerpt_of(name) for name in counts if counts[name] > 1]
    unprintable = [excerpt_of(name) for name in counts if not name.isprintable()]
    if repeated:
        raise UnreadableFileError(f"names a column twice: {', '.join(repeated)}", _HEADER)
    if unprintable:
        raise UnreadableFileError(f"is not printable: {', '.join(unprintable)}", _HEADER)
    if TIME_COLUMN not in counts:
        raise UnreadableFileError(f"column {TIME_COLUMN} is missing", _HEADER)


def refuse_size(*, n_rows: int, n_columns: int) -> None:
    """Refuse a table that is larger than the series of a year, before its cells are read.

    Parameters
    ----------
    n_rows, n_columns : int
        Lines or rows below the header; columns with the time column.

    Raises
    ------
    UnreadableFileError
        If it has more than ``MOST_ROWS``, more than ``MOST_COLUMNS``, or numbers of more than
        ``LARGEST_FILE_BYTES``.
    """
    if n_rows > MOST_ROWS:
        raise UnreadableFileError(f"holds {n_rows} rows of one interval, more than {MOST_ROWS}")
    if n_columns > MOST_COLUMNS:
        raise UnreadableFileError(f"has {n_columns} columns, more than {MOST_COLUMNS}", _HEADER)
    expanded = n_rows * n_columns * _NUMBER_BYTES
    if expanded > LARGEST_FILE_BYTES:
        raise UnreadableFileError(f"expands to {expanded} bytes, more than {LARGEST_FILE_BYTES}")


def are_few(n_sound: int, n_rows: int) -> bool:
    """Tell whether so few rows are as they should be that one fault says more than one a row.

    Parameters
    ----------
    n_sound, n_rows : int
        Rows that are as they should be, and all rows.

    Returns
    -------
    bool

    Examples
    --------
    >>> are_few(876, 8760), are_few(877, 8760)
    (True, False)
    """
    return n_sound * 10 <= n_rows


def describe_few(n_sound: int, n_rows: int, noun: str, verb: tuple[str, str]) -> str:
    """Begin the one fault that stands for nearly all rows.

    Parameters
    ----------
    n_sound, n_rows : int
        Rows that are as they should be, and all rows.
    noun : str
        What is counted, in the plural.
    verb : tuple of str
        Of one and of several.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_few(0, 8760, "stamps", ("is", "are"))
    'none of its 8760 stamps is'
    >>> describe_few(2, 8760, "rows", ("lies", "lie"))
    'only 2 of its 8760 rows lie'
    """
    one, several = verb
    if n_sound == 0:
        return f"none of its {n_rows} {noun} {one}"
    return f"only {n_sound} of its {n_rows} {noun} {one if n_sound == 1 else several}"


def text_instants(column: pa.ChunkedArray) -> Instants:
    """Read instants written as ``2023-06-30T22:00:00Z``.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of string
        One text a row.

    Returns
    -------
    Instants
        Readable where the text has exactly this form and the calendar knows the day.
    """
    stamps = pc.strptime(column, format=_STAMP_FORMAT, unit="s", error_is_null=True)
    seconds = stamps.cast(pa.int64()).fill_null(0).to_numpy().astype(np.int64)
    # strptime takes 30 February and missing zeros; writing it anew shows both
    written = format_instants(seconds)
    is_same = pc.equal(column, written).fill_null(False).to_numpy().astype(np.bool_)
    return Instants(seconds, is_same, lambda row: column[row].as_py() or "")


def format_instants(seconds: NDArray[np.int64]) -> pa.Array:
    """Write instants as ``2023-06-30T22:00:00Z``.

    Parameters
    ----------
    seconds : ndarray of int64, shape (n,)
        Seconds since 1970 in UTC.

    Returns
    -------
    pyarrow.Array of string, length n

    Examples
    --------
    >>> format_instants(np.array([0]))[0].as_py()
    '1970-01-01T00:00:00Z'
    """
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"))
    return pa.array(np.char.add(texts, "Z"), pa.string())
