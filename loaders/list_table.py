"""Lists that people keep in spreadsheets, as workbooks or as what Spanish Excel writes as CSV."""

from collections.abc import Iterable
from dataclasses import dataclass

from loaders.archived_files import is_workbook
from loaders.decoding import (
    LARGEST_LIST_BYTES,
    UnreadableFileError,
    decode_text,
    find_separator,
    parse_csv_rows,
)
from loaders.list_columns import find_list_columns
from loaders.workbook_rows import read_workbook_rows

MOST_LIST_CELLS = 1_000_000
"""Cells that a sheet with a list may span."""

_LARGEST_WORKBOOK_BYTES = 1 << 25
_HEADER_ROWS = 20

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class ListTable:
    """A list whose columns were found.

    Attributes
    ----------
    is_workbook : bool
        Whether numbers were numbers, and not typed by somebody.
    header_place : str
        Where the headings stand.
    header : tuple of str
        The headings.
    columns : dict of str to list of int
        Positions of the headings that name each column; more than one is ambiguous.
    rows : tuple of (int, list of str)
        Number and cells of each row below, without spaces around them and without empty rows.
    """

    is_workbook: bool
    header_place: str
    header: tuple[str, ...]
    columns: dict[str, list[int]]
    rows: tuple[Row, ...]

    def place(self, number: int) -> str:
        """Name a row for people."""
        return f"row {number}" if self.is_workbook else f"line {number}"


def read_list_table(data: bytes, kind: str) -> ListTable:
    """Read a list and find its columns by what their headings mean.

    Parameters
    ----------
    data : bytes
        XLSX, or CSV in UTF-8 or ISO 8859-1 separated by semicolons, tabs or commas. Rows may stand
        above the headings, as titles do.
    kind : str
        Which columns, as ``find_list_columns`` takes it.

    Returns
    -------
    ListTable
        The row that names most columns is the header.

    Raises
    ------
    UnreadableFileError
        If it is neither, is too large or holds nothing.
    FaultyArchiveError
        If it is a damaged workbook.
    OversizedArchiveError
        If it is a workbook that expands beyond measure.
    """
    if len(data) > LARGEST_LIST_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_LIST_BYTES} bytes")
    in_workbook = is_workbook(data)
    rows = _read_workbook(data) if in_workbook else list(_strip(_read_csv(data)))
    if not rows:
        raise UnreadableFileError("is empty")
    found = [find_list_columns(cells, kind) for _, cells in rows[:_HEADER_ROWS]]
    position = max(range(len(found)), key=lambda row: len(found[row]))
    number, header = rows[position]
    return ListTable(
        is_workbook=in_workbook,
        header_place=f"row {number}" if in_workbook else f"line {number}",
        header=tuple(header),
        columns=found[position],
        rows=tuple(rows[position + 1 :]),
    )


def _read_workbook(data: bytes) -> list[Row]:
    return read_workbook_rows(data, _LARGEST_WORKBOOK_BYTES, most_cells=MOST_LIST_CELLS)


def _read_csv(data: bytes) -> Iterable[Row]:
    text = decode_text(data, "latin-1")
    return parse_csv_rows(text, find_separator(text))


def _strip(rows: Iterable[Row]) -> Iterable[Row]:
    """Free the cells from spaces, and leave out empty rows and what stands behind the last cell."""
    for number, cells in rows:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield number, stripped
