"""Tables of intervals in CSV: every cell is text until it proves to be a number."""

import re
from collections.abc import Container
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from loaders.decoding import BOM, UnreadableFileError, decode_text, parse_csv_rows
from loaders.faults import FileFaults
from loaders.number_text import NUMBER_PATTERN
from loaders.series_table import (
    TIME_COLUMN,
    Numbers,
    SeriesTable,
    refuse_header,
    text_instants,
)

_BLOCK_BYTES = 1 << 24
_STRAY_QUOTE = re.compile(rb'[^,\r\n]"[^,\r\n]')
_LINE_END = re.compile(rb"\r\n|\r|\n")


def parse_series_csv(data: bytes, faults: FileFaults) -> SeriesTable:
    """Split CSV into the columns of a series.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark, any kind of line end.
    faults : FileFaults
        Takes every line that does not have the cells of the header.

    Returns
    -------
    SeriesTable
        The other lines.

    Raises
    ------
    UnreadableFileError
        If it is not CSV text with a header that names each column once, ``ts_utc`` among them.
    """
    header = _parse_header(decode_text(data))
    data = data.removeprefix(BOM)
    _refuse_stray_quotes(data)
    table, torn = _parse_rows(data, header)
    rows = _RowLines(data, torn)
    for row, cells in torn.items():
        place = rows.line_of_file_row(row)
        faults.add(place, f"has {cells.actual_columns} cells, the header has {len(header)}")
    columns = dict(zip(header, table.columns, strict=True))
    return SeriesTable(
        names=tuple(name for name in header if name != TIME_COLUMN),
        n_rows=table.num_rows,
        instants=text_instants(columns[TIME_COLUMN]),
        numbers=lambda name: _parse_numbers(columns[name]),
        row_place=rows.line,
        torn_stamps=frozenset(cells.text.split(",", 1)[0].strip('"') for cells in torn.values()),
    )


def _parse_header(text: str) -> list[str]:
    if text[:1] in ("\r", "\n"):
        raise UnreadableFileError("is blank; the first line names the columns", "line 1")
    _, header = next(parse_csv_rows(text), (0, []))
    refuse_header(header)
    return header


def _refuse_stray_quotes(data: bytes) -> None:
    """Refuse ``5,"6"7``, which Arrow would read as 67; only the header may escape quotes."""
    if b'"' not in data:
        return
    first_row = _LINE_END.search(data)
    stray = _STRAY_QUOTE.search(data, first_row.end() if first_row else len(data))
    if stray:
        line = len(data[: stray.end()].splitlines())
        raise UnreadableFileError("has a quote inside a cell", f"line {line}")


def _parse_rows(data: bytes, header: list[str]) -> tuple[pa.Table, dict[int, arrow_csv.InvalidRow]]:
    """Split the lines below the header; those of another length come apart, by row of the file."""
    torn: dict[int, arrow_csv.InvalidRow] = {}

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        torn[row.number - 2] = row
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(_with_final_line_end(data)),
            # Arrow numbers rows only without threads
            arrow_csv.ReadOptions(
                column_names=header, skip_rows=1, use_threads=False, block_size=_BLOCK_BYTES
            ),
            arrow_csv.ParseOptions(invalid_row_handler=set_aside),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
        )
    except pa.ArrowException as error:
        raise UnreadableFileError(f"is not CSV ({error})") from error
    return table, torn


def _with_final_line_end(data: bytes) -> bytes:
    """Arrow fails on a header without a line end."""
    return data if data.endswith((b"\n", b"\r")) else data + b"\n"


def _parse_numbers(column: pa.ChunkedArray) -> Numbers:
    is_number = pc.match_substring_regex(column, NUMBER_PATTERN)
    numbers = pc.if_else(is_number, column, "nan").cast(pa.float64())
    return Numbers(numbers.to_numpy(), lambda row: column[row].as_py())


class _RowLines:
    """Finds the line of a row, once a fault asks: blank and torn lines are no rows."""

    def __init__(self, data: bytes, torn: Container[int]) -> None:
        self._data = data
        self._torn = torn

    @cached_property
    def _file_lines(self) -> list[int]:
        """Line of each row of the file."""
        lines = self._data.splitlines()
        return [number for number, line in enumerate(lines, 1) if line][1:]

    @cached_property
    def _lines(self) -> list[int]:
        """Line of each row of the table."""
        return [line for row, line in enumerate(self._file_lines) if row not in self._torn]

    def line_of_file_row(self, row: int) -> str:
        return f"line {self._file_lines[row]}"

    def line(self, row: int) -> str:
        return f"line {self._lines[row]}"
