"""Bytes of untrusted files, bounded and decoded strictly."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from models.values.errors import InvalidDataError

LARGEST_FILE_BYTES = 1 << 30
"""Bytes of one file after expansion; 2,000 members in quarter-hours need about half."""

BOM = b"\xef\xbb\xbf"


class UnreadableFileError(InvalidDataError):
    """A file cannot be read at all, or only up to a place.

    Attributes
    ----------
    place : str or None
        Line, where it is known.
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str, place: str | None = None) -> None:
        super().__init__(reason if place is None else f"{place}: {reason}")
        self.place = place
        self.reason = reason


def read_bytes(path: Path) -> bytes:
    """Read a file, expanding it when its name ends in ``.gz``.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    bytes
        Its content after expansion.

    Raises
    ------
    UnreadableFileError
        If it is missing, not a regular file, damaged, larger than ``LARGEST_FILE_BYTES``, or the
        operating system refuses.
    """
    if not path.exists():
        raise UnreadableFileError("is missing")
    # A pipe or a device would block for ever.
    if not path.is_file():
        raise UnreadableFileError("is not a regular file")
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(f"is not a complete gzip file ({error})") from error
    except OSError as error:
        raise UnreadableFileError(f"cannot be read ({error.strerror})") from error
    if len(data) > LARGEST_FILE_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_FILE_BYTES} bytes")
    return bytes(data)


def decode_text(data: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Parameters
    ----------
    data : bytes
        Content of a text file.

    Returns
    -------
    str
        The text without the mark.

    Raises
    ------
    UnreadableFileError
        If it is not UTF-8 or holds a NUL character.

    Examples
    --------
    >>> decode_text(b"a,b")
    'a,b'
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError("is not UTF-8 text", f"line {line}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFileError("holds a NUL character", f"line {line}")
    return text


def parse_csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Split CSV text into rows, leaving out blank lines.

    Parameters
    ----------
    text : str
        Text with commas between cells; cells may be quoted.

    Yields
    ------
    int
        Number of the row's last line, from 1.
    list of str
        Its cells.

    Raises
    ------
    UnreadableFileError
        If quotes are unbalanced or a cell is too long.

    Examples
    --------
    >>> list(parse_csv_rows('a,"b,c"'))
    [(1, ['a', 'b,c'])]
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in rows:
            if cells:
                yield rows.line_num, cells
    except csv.Error as error:
        raise UnreadableFileError(f"is not CSV ({error})", f"line {rows.line_num}") from error
