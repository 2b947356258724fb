"""The cells of a CSV or workbook that a mapping names, each column as its distinct texts."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loaders.archived_files import is_workbook
from loaders.decoding import UnreadableFileError, decode_text, find_separator, parse_csv_rows
from loaders.meter_files.records import Rejections, RowCode
from loaders.meter_files.table_mapping import TableMapping
from loaders.meter_files.text_table import TextColumn
from loaders.number_text import excerpt_of
from loaders.workbook_rows import read_workbook_rows

LARGEST_BYTES = 1 << 27
"""Bytes of a table after expansion; a year of 100 meters in quarter-hours has fewer."""

MOST_ROWS = 4_000_000
"""Rows of a table."""

_LONGEST_HEAD = 1 << 16
_COLUMNS_NAMED = 20

Rows = Iterable[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class MappedCells:
    """Rows that reach all columns of the mapping; it finds their places, too.

    Attributes
    ----------
    columns : mapping of str to TextColumn
        By the names of the mapping.
    numbers : ndarray of int64, shape (n_rows,)
        Line of each row, or row of the sheet.
    n_file_rows : int
        Rows below the header, those that are too short included.
    rejections : Rejections
        Rows that are too short.
    is_workbook : bool
        Whether it is a workbook.
    """

    columns: Mapping[str, TextColumn]
    numbers: NDArray[np.int64]
    n_file_rows: int
    rejections: Rejections
    is_workbook: bool

    def line(self, row: int) -> int:
        """Give the row's line, or its row in the sheet."""
        return int(self.numbers[row])

    def excerpt(self, row: int) -> str:
        """Quote the cells of the row that are read."""
        return excerpt_of("; ".join(column.text(row) for column in self.columns.values()))


def read_mapped_cells(data: bytes, mapping: TableMapping) -> MappedCells:
    """Read the columns that a mapping names.

    Parameters
    ----------
    data : bytes
        CSV in UTF-8 or ISO 8859-1, or XLSX.
    mapping : TableMapping
        Where the header stands and what it calls the columns; case and spaces around do not count.

    Returns
    -------
    MappedCells

    Raises
    ------
    UnreadableFileError
        If it is too large, no table, or its header lacks a column or names one twice.
    FaultyArchiveError
        If it is a damaged workbook.
    OversizedArchiveError
        If it is a workbook that expands beyond measure.
    """
    if len(data) > LARGEST_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_BYTES} bytes")
    in_workbook = is_workbook(data)
    rows = _read_workbook(data, mapping) if in_workbook else _read_csv(data, mapping)
    below = iter(rows)
    for number, cells in below:
        if number >= mapping.header_row:
            positions = _find_columns(cells, mapping, f"row {number}")
            return _collect(below, positions, in_workbook=in_workbook)
    raise UnreadableFileError(f"has no row {mapping.header_row} to name its columns")


def _read_workbook(data: bytes, mapping: TableMapping) -> Rows:
    return read_workbook_rows(data, LARGEST_BYTES, sheet=mapping.sheet)


def _read_csv(data: bytes, mapping: TableMapping) -> Rows:
    text = decode_text(data, "latin-1")
    separator = mapping.separator
    if separator is None:
        lines = text[:_LONGEST_HEAD].splitlines()
        separator = find_separator("".join(lines[mapping.header_row - 1 : mapping.header_row]))
    return parse_csv_rows(text, separator)


def _find_columns(header: list[str], mapping: TableMapping, place: str) -> dict[str, int]:
    """Find where the columns of the mapping stand."""
    names = [cell.strip().casefold() for cell in header]
    positions = {}
    for column in mapping.columns:
        name = column.strip().casefold()
        if names.count(name) != 1:
            found = ", ".join(excerpt_of(cell.strip()) for cell in header[:_COLUMNS_NAMED])
            how = "twice" if name in names else "not"
            reason = f"the column {excerpt_of(column)} stands {how} among {found}"
            raise UnreadableFileError(reason, place)
        positions[column] = names.index(name)
    return positions


def _collect(rows: Rows, positions: Mapping[str, int], *, in_workbook: bool) -> MappedCells:
    """Gather the cells, with each text once."""
    columns = {name: _Gatherer() for name in positions}
    reach = max(positions.values())
    numbers, rejections, n_file_rows = array("q"), Rejections(), 0
    for number, cells in rows:
        if not any(cells):
            continue
        n_file_rows += 1
        if n_file_rows > MOST_ROWS:
            raise UnreadableFileError(f"has more than {MOST_ROWS} rows; split it")
        if len(cells) <= reach and not in_workbook:
            reason = f"has {len(cells)} cells, too few for the columns of the mapping"
            rejections.add(number, RowCode.MALFORMED, excerpt_of("; ".join(cells)), reason)
            continue
        numbers.append(number)
        for name, position in positions.items():
            # a sheet's rows end with their last cell
            columns[name].add(cells[position] if position < len(cells) else "")
    return MappedCells(
        columns={name: column.column() for name, column in columns.items()},
        numbers=np.array(numbers, dtype=np.int64),
        n_file_rows=n_file_rows,
        rejections=rejections,
        is_workbook=in_workbook,
    )


class _Gatherer:
    """Gathers the cells of a column, keeping each text once."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._rows = array("l")

    def add(self, cell: str) -> None:
        self._rows.append(self._codes.setdefault(cell.strip(), len(self._codes)))

    def column(self) -> TextColumn:
        texts = pa.array(list(self._codes), pa.string())
        return TextColumn(texts, np.array(self._rows, dtype=np.int64))
