"""Tables of intervals in CSV: every cell is text until it proves to be a number."""

import re
from collections.abc import Container
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from loaders.decoding import (
    BOM,
    UnreadableFileError,
    parse_csv_rows,
    refuse_other_than_text,
)
from loaders.faults import FileFaults
from loaders.number_text import NUMBER_PATTERN
from loaders.series_table import (
    TIME_COLUMN,
    Numbers,
    SeriesTable,
    are_few,
    describe_few,
    refuse_header,
    refuse_size,
    text_instants,
)

LONGEST_HEADER_BYTES = 1 << 20
"""Bytes of the first line; 20,000 columns of CAU need about half."""

LONGEST_LINE_BYTES = 1 << 22
"""Bytes of any line; 20,000 columns need about a twentieth."""

_BLOCK_BYTES = 1 << 24
_LONGEST_STAMP = 64
_STRAY_QUOTE = re.compile(rb'[^,\r\n]"[^,\r\n]')
_LINE_END = re.compile(rb"\r\n|\r|\n")


class _TornRow(NamedTuple):
    """What is kept of a line that has not the cells of the header."""

    n_cells: int
    stamp: str


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
        If it is not CSV text with a header that names each column once, ``ts_utc`` among them, if
        hardly a line has the cells of the header, or if it is larger than a year's series can be.
    """
    refuse_other_than_text(data)
    data = data.removeprefix(BOM)
    header = _parse_header(data)
    _refuse_lines(data, len(header))
    _refuse_stray_quotes(data)
    table, torn = _parse_rows(data, header)
    rows = _RowLines(data, torn)
    if are_few(table.num_rows, table.num_rows + len(torn)) and torn:
        raise UnreadableFileError(_explain_torn(torn, table.num_rows, len(header), rows))
    for row, line in torn.items():
        place = rows.line_of_file_row(row)
        faults.add(place, f"has {line.n_cells} cells, the header has {len(header)}")
    columns = dict(zip(header, table.columns, strict=True))
    return SeriesTable(
        names=tuple(name for name in header if name != TIME_COLUMN),
        n_rows=table.num_rows,
        instants=text_instants(columns[TIME_COLUMN]),
        numbers=lambda name: _parse_numbers(columns[name]),
        row_place=rows.line,
        torn_stamps=frozenset(line.stamp for line in torn.values()),
    )


def _parse_header(data: bytes) -> list[str]:
    if data[:1] in (b"\r", b"\n"):
        raise UnreadableFileError("is blank; the first line names the columns", "line 1")
    start = data[: LONGEST_HEADER_BYTES + 1]
    line_end = _LINE_END.search(start)
    if line_end is None and len(start) > LONGEST_HEADER_BYTES:
        raise UnreadableFileError(f"is longer than {LONGEST_HEADER_BYTES} bytes", "line 1")
    refuse_size(n_rows=0, n_columns=start.count(b",", 0, line_end and line_end.start()) + 1)
    # the cut may fall inside a character, but not of the first line
    _, header = next(parse_csv_rows(start.decode(errors="ignore")), (0, []))
    refuse_header(header)
    return header


def _refuse_lines(data: bytes, n_columns: int) -> None:
    """Refuse more or longer lines than a year's series can have."""
    n_lines = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
    n_lines += not data.endswith((b"\n", b"\r"))
    refuse_size(n_rows=n_lines - 1, n_columns=n_columns)
    start = 0
    while len(data) - start > LONGEST_LINE_BYTES:
        end = start + LONGEST_LINE_BYTES
        line_end = max(data.rfind(b"\n", start, end), data.rfind(b"\r", start, end))
        if line_end < 0:
            place = f"line {len(data[:start].splitlines()) + 1}"
            raise UnreadableFileError(f"is longer than {LONGEST_LINE_BYTES} bytes", place)
        start = line_end + 1


def _refuse_stray_quotes(data: bytes) -> None:
    """Refuse ``5,"6"7``, which Arrow would read as 67; only the header may escape quotes."""
    if b'"' not in data:
        return
    first_row = _LINE_END.search(data)
    stray = _STRAY_QUOTE.search(data, first_row.end() if first_row else len(data))
    if stray:
        line = len(data[: stray.end()].splitlines())
        raise UnreadableFileError("has a quote inside a cell", f"line {line}")


def _parse_rows(data: bytes, header: list[str]) -> tuple[pa.Table, dict[int, _TornRow]]:
    """Split the lines below the header; those of another length come apart, by row of the file."""
    torn: dict[int, _TornRow] = {}

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        stamp = row.text[:_LONGEST_STAMP].split(",", 1)[0].strip('"')
        torn[row.number - 2] = _TornRow(row.actual_columns, stamp)
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


def _explain_torn(
    torn: dict[int, _TornRow], n_sound: int, n_columns: int, rows: "_RowLines"
) -> str:
    """Say once what is wrong with lines that nearly all have other cells than the header."""
    row, line = next(iter(torn.items()))
    found = describe_few(n_sound, n_sound + len(torn), "rows", ("has", "have"))
    reason = (
        f"{found} the {n_columns} cells of the header; "
        f"{rows.line_of_file_row(row)} has {line.n_cells}"
    )
    if line.n_cells < n_columns:
        return reason
    return f"{reason}: perhaps its numbers have decimal commas; write 0.126, not 0,126"


def _with_final_line_end(data: bytes) -> bytes:
    """Arrow fails on a header without a line end."""
    return data if data.endswith((b"\n", b"\r")) else data + b"\n"


def _parse_numbers(column: pa.ChunkedArray) -> Numbers:
    is_number = pc.match_substring_regex(column, NUMBER_PATTERN)
    numbers = pc.if_else(is_number, column, "nan").cast(pa.float64())
    is_missing = pc.equal(column, "").to_numpy().astype(np.bool_)
    return Numbers(numbers.to_numpy(), is_missing, lambda row: column[row].as_py())


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
