"""Exports of meters as tables of text: columns by a plain name, few distinct texts each.

Distributors separate cells by semicolons, quote some, put lines above the header, and vary the
case, accents and spaces of its names. No cell of theirs holds a quote, a semicolon or a line end,
so a quote never reaches past its own cell.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from loaders.decoding import (
    BOM,
    LARGEST_FILE_BYTES,
    UnreadableFileError,
    refuse_other_than_text,
)
from loaders.meter_files.records import Rejections, RowCode
from loaders.meter_files.row_places import LinePlaces, RowPlaces
from loaders.number_text import excerpt_of

MOST_ROWS = 8_000_000
"""Rows of one file; 900 members with a year of hours have fewer."""

HEADER_LINES = 30
"""Lines among which the header is looked for."""

_HEADER_BYTES = 1 << 16
_MOST_TORN = 100_000
_BLOCK_BYTES = 1 << 24
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTENT = re.compile(rb"[^\r\n]")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_QUOTED = r'^"[^"]*"$'


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column as its distinct texts.

    Attributes
    ----------
    texts : pyarrow.StringArray, length n_texts
        What the cells hold, without quotes and spaces around it.
    codes : ndarray of int, shape (n_rows,)
        Position of each row's text.
    """

    texts: pa.StringArray
    codes: NDArray[np.integer]

    def text(self, row: int) -> str:
        """Give what a row holds."""
        return str(self.texts[int(self.codes[row])])


@dataclass(frozen=True, slots=True)
class TextTable:
    """The rows of an export that have the cells of its header.

    Attributes
    ----------
    columns : mapping of str to TextColumn
        Those that were wanted and are there, by plain name.
    n_rows : int
        Rows of the table.
    n_file_rows : int
        Rows of the file, those without the cells of the header included.
    places : RowPlaces
        Knows where each row stands.
    rejections : Rejections
        Rows without the cells of the header.
    notes : tuple of str
        What was decided in reading it.
    """

    columns: Mapping[str, TextColumn]
    n_rows: int
    n_file_rows: int
    places: RowPlaces
    rejections: Rejections
    notes: tuple[str, ...] = ()


def plain_name(cell: str) -> str:
    """Reduce the name of a column to its letters and digits.

    Parameters
    ----------
    cell : str
        As a header writes it.

    Returns
    -------
    str
        Without case, accents, quotes, spaces and signs.

    Examples
    --------
    >>> plain_name('"EHCR (kWh)"'), plain_name("Método_obtención"), plain_name("INV / VER")
    ('ehcrkwh', 'metodoobtencion', 'invver')
    """
    letters = unicodedata.normalize("NFKD", cell.casefold())
    return _NOT_PLAIN.sub("", letters)


def parse_text_table(
    data: bytes, required: Sequence[str], optional: Sequence[str] = ()
) -> TextTable:
    """Split an export into columns of text.

    Parameters
    ----------
    data : bytes
        UTF-8 or Latin-1, with or without a byte order mark, any kind of line end, cells separated
        by semicolons.
    required : sequence of str
        Plain names that the header must have; the first line that has them is the header.
    optional : sequence of str
        Plain names of columns that are read when they are there.

    Returns
    -------
    TextTable

    Raises
    ------
    UnreadableFileError
        If it is larger than allowed, holds a NUL character, has no such header, names a column
        twice, or is no table.
    """
    data, notes = _as_utf8(data)
    header, start = _find_header(data, required)
    names = _fit_names(header, data, start)
    return _cut_rows(data, start, names, {*required, *optional}, notes, model="the header has")


def parse_plain_rows(
    data: bytes, names: Sequence[str], n_least: int, wanted: Set[str]
) -> TextTable:
    """Split a file without a header into columns of text.

    Parameters
    ----------
    data : bytes
        As ``parse_text_table`` takes it; a semicolon may end each line.
    names : sequence of str
        Names of the columns in their order; the first rows tell how many of them there are.
    n_least : int
        How many of them most of the first rows must have.
    wanted : set of str
        Those that are read when they are there.

    Returns
    -------
    TextTable

    Raises
    ------
    UnreadableFileError
        If it is larger than allowed, holds a NUL character, is no table, or its rows have more
        cells than names or fewer than ``n_least``.
    """
    data, notes = _as_utf8(data)
    n_cells, has_end = _usual_cells(data)
    if not n_least <= n_cells <= len(names):
        raise UnreadableFileError(f"has {n_cells} cells a row, should be {n_least} to {len(names)}")
    fitted = [*names[:n_cells], *([""] if has_end else [])]
    return _cut_rows(data, 0, fitted, wanted, notes, model="most rows have")


def _cut_rows(
    data: bytes, start: int, names: list[str], read: Set[str], notes: tuple[str, ...], *, model: str
) -> TextTable:
    """Cut what follows the header into the columns that are read."""
    n_lines = data.count(b"\n", start) + data.count(b"\r", start) - data.count(b"\r\n", start)
    if n_lines >= MOST_ROWS:
        raise UnreadableFileError(f"has {n_lines} lines, more than {MOST_ROWS}; split it")
    wanted = [name for name in names if name in read]
    repeated = {name for name in wanted if wanted.count(name) > 1}
    if repeated:
        raise UnreadableFileError(f"names a column twice: {', '.join(sorted(repeated))}", "header")
    torn: dict[int, int] = {}
    table = _parse_rows(data, start, names, wanted, torn)
    places = LinePlaces(data, start, list(torn))
    rejections = Rejections()
    for row, n_cells in torn.items():
        reason = f"has {n_cells} cells, {model} {len(names)}"
        line, excerpt = places.line_of_file_row(row), places.excerpt_of_file_row(row)
        rejections.add(line, RowCode.MALFORMED, excerpt, reason)
    columns = {name: _clean(table.column(name)) for name in wanted}
    n_rows = table.num_rows
    return TextTable(columns, n_rows, n_rows + len(torn), places, rejections, notes)


def column_of_texts(cells: Sequence[str]) -> TextColumn:
    """Make a column of texts.

    Parameters
    ----------
    cells : sequence of str, length n_rows
        One text a row.

    Returns
    -------
    TextColumn

    Examples
    --------
    >>> column_of_texts(["a", "b", " a"]).text(2)
    'a'
    """
    return _clean(pa.chunked_array([pa.array(cells, pa.string())]).dictionary_encode())


def _as_utf8(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Take what is not UTF-8 as Latin-1, in which any bytes are text."""
    if len(data) > LARGEST_FILE_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_FILE_BYTES} bytes")
    try:
        refuse_other_than_text(data)
    except UnreadableFileError as error:
        data = data.decode("latin-1").encode()
        refuse_other_than_text(data)
        return data, (f"{error.place} is not UTF-8; the file was read as Latin-1",)
    return data.removeprefix(BOM), ()


def _find_header(data: bytes, required: Sequence[str]) -> tuple[list[str], int]:
    """Find the first line that names the required columns, and where the next one begins."""
    start, top = 0, data[:_HEADER_BYTES]
    for _ in range(HEADER_LINES):
        found = _LINE_END.search(top, start)
        end, following = found.span() if found else (len(top), len(top))
        names = [plain_name(cell) for cell in top[start:end].decode(errors="replace").split(";")]
        if set(required) <= set(names):
            return names, following
        start = following
    raise UnreadableFileError(
        f"has no header with the columns {', '.join(required)}, separated by semicolons, "
        f"in its first {HEADER_LINES} lines"
    )


def _fit_names(names: list[str], data: bytes, start: int) -> list[str]:
    """Take or leave the empty cell behind a last semicolon, as the first row has it."""
    line = data[start : start + _HEADER_BYTES].lstrip(b"\r\n")
    first_row = _LINE_END.split(line, maxsplit=1)[0]
    n_cells = first_row.count(b";") + 1
    if n_cells == len(names) - 1 and not names[-1]:
        return names[:-1]
    if n_cells == len(names) + 1 and first_row.endswith(b";"):
        return [*names, ""]
    return names


def _usual_cells(data: bytes) -> tuple[int, bool]:
    """Tell how many cells most of the first rows have, and whether a semicolon ends them."""
    rows = [row for row in _LINE_END.split(data[:_HEADER_BYTES])[:HEADER_LINES] if row]
    shapes = Counter((row.removesuffix(b";").count(b";") + 1, row.endswith(b";")) for row in rows)
    return shapes.most_common(1)[0][0] if shapes else (0, False)


def _parse_rows(
    data: bytes, start: int, names: list[str], wanted: list[str], torn: dict[int, int]
) -> pa.Table:
    """Split the lines below the header; those of another length come apart, by row of the file."""

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        torn[row.number - 1] = row.actual_columns
        return "skip" if len(torn) <= _MOST_TORN else "error"

    if not _CONTENT.search(data, start):
        return pa.table({name: pa.array([], pa.string()).dictionary_encode() for name in wanted})
    unique_names = [name if name in wanted else f" {place}" for place, name in enumerate(names)]
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(memoryview(data)[start:])),
            # Arrow numbers rows only without threads
            arrow_csv.ReadOptions(
                column_names=unique_names, use_threads=False, block_size=_BLOCK_BYTES
            ),
            arrow_csv.ParseOptions(delimiter=";", quote_char=False, invalid_row_handler=set_aside),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, text), include_columns=wanted
            ),
        )
    except pa.ArrowException as error:
        raise UnreadableFileError(f"is no table of cells ({excerpt_of(str(error))})") from error


def _clean(column: pa.ChunkedArray) -> TextColumn:
    """Join the pieces of a column, and free its texts from quotes and spaces."""
    whole = column.unify_dictionaries().combine_chunks()
    texts = pc.utf8_trim_whitespace(whole.dictionary)
    is_quoted = pc.match_substring_regex(texts, _QUOTED)
    texts = pc.if_else(is_quoted, pc.utf8_slice_codeunits(texts, 1, -1), texts)
    return TextColumn(pc.utf8_trim_whitespace(texts), whole.indices.to_numpy())
