"""Bytes of untrusted files, bounded and decoded strictly."""

import codecs
import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from models.values.errors import InvalidDataError

LARGEST_FILE_BYTES = 1 << 28
"""Bytes of one file after expansion; 500 members in quarter-hours need about half."""

LARGEST_LIST_BYTES = 1 << 21
"""Bytes of a file whose every cell becomes an object; 10,000 members need about half."""

BOM = b"\xef\xbb\xbf"
_CHUNK_BYTES = 1 << 20
_SEPARATORS = (";", "\t", ",")
_LONGEST_HEADER = 1 << 16


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


def read_bytes(path: Path, most_bytes: int | None = None) -> bytes:
    """Read a file, expanding it when its name ends in ``.gz``.

    Parameters
    ----------
    path : Path
        A regular file.
    most_bytes : int, optional
        Bytes after expansion that it may hold, instead of ``LARGEST_FILE_BYTES``.

    Returns
    -------
    bytes
        Its content after expansion.

    Raises
    ------
    UnreadableFileError
        If it is missing, not a regular file, damaged, larger than allowed, or the operating system
        refuses.
    """
    # unlike those of Path, these take any name, however long
    if not os.path.exists(path):  # noqa: PTH110
        is_link = os.path.islink(path)  # noqa: PTH114
        raise UnreadableFileError("is a link that leads nowhere" if is_link else "is missing")
    # A pipe or a device would block for ever.
    if not path.is_file():
        raise UnreadableFileError("is not a regular file")
    try:
        return _read_up_to(path, most_bytes or LARGEST_FILE_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(f"is not a complete gzip file ({error})") from error
    except OSError as error:
        raise UnreadableFileError(f"cannot be read ({error.strerror})") from error


def _read_up_to(path: Path, most_bytes: int) -> bytes:
    """Read piece by piece: what expands without end is given up at the limit."""
    opener = gzip.open if path.suffix == ".gz" else open
    content = io.BytesIO()
    with opener(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            content.write(chunk)
            if content.tell() > most_bytes:
                raise UnreadableFileError(f"is larger than {most_bytes} bytes")
    return content.getvalue()


def refuse_other_than_text(data: bytes) -> None:
    """Refuse what is not UTF-8, without holding the decoded text.

    Parameters
    ----------
    data : bytes
        Content of a text file.

    Raises
    ------
    UnreadableFileError
        If it is not UTF-8 or holds a NUL character.
    """
    nul = data.find(b"\0")
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK_BYTES):
        kept = len(decoder.getstate()[0])
        end = start + _CHUNK_BYTES
        try:
            decoder.decode(view[start:end], final=end >= len(data))
        except UnicodeDecodeError as error:
            place = _line_of(data, start - kept + error.start)
            raise UnreadableFileError("is not UTF-8 text", place) from error
    if nul >= 0:
        raise UnreadableFileError("holds a NUL character", _line_of(data, nul))


def _line_of(data: bytes, position: int) -> str:
    number = data.count(b"\n", 0, position) + 1
    return f"line {number}"


def decode_text(data: bytes, fallback: str | None = None) -> str:
    r"""Decode UTF-8, with or without a byte order mark.

    Parameters
    ----------
    data : bytes
        Content of a text file.
    fallback : str, optional
        Encoding of one byte a character, for what is not UTF-8.

    Returns
    -------
    str
        The text without the mark.

    Raises
    ------
    UnreadableFileError
        If it holds a NUL character, or is not UTF-8 and there is no other encoding to try.

    Examples
    --------
    >>> decode_text(b"a,b")
    'a,b'
    >>> decode_text(b"A\xf1o", "latin-1")
    'Año'
    """
    try:
        refuse_other_than_text(data)
    except UnreadableFileError:
        if fallback is None or b"\0" in data:
            raise
        return data.decode(fallback)
    return data.decode("utf-8-sig")


def find_separator(text: str) -> str:
    """Tell what separates the cells of a table by its first line.

    Parameters
    ----------
    text : str
        CSV.

    Returns
    -------
    str
        Semicolon, tab or comma, whichever stands in it most often.

    Examples
    --------
    >>> find_separator("cups;coeficiente, en tanto por uno")
    ';'
    """
    first_line = text.lstrip("\r\n")[:_LONGEST_HEADER].partition("\n")[0]
    return max(_SEPARATORS, key=first_line.count)


def parse_csv_rows(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Split CSV text into rows, leaving out blank lines.

    Parameters
    ----------
    text : str
        Text with one separator between cells; cells may be quoted.
    separator : str
        One character.

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
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in rows:
            if cells:
                yield rows.line_num, cells
    except csv.Error as error:
        raise UnreadableFileError(f"is not CSV ({error})", f"line {rows.line_num}") from error
