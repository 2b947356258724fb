"""The rows of a table against their year: each step once, in order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.faults import FileFaults
from loaders.number_text import excerpt_of
from loaders.series_table import (
    TIME_COLUMN,
    SeriesTable,
    are_few,
    describe_few,
    format_instants,
)
from models.values.calendar import Step, year_steps


@dataclass(frozen=True, slots=True)
class LocalYear:
    """The calendar year that a folder covers, and its step."""

    year: int
    timezone: str
    step: Step

    def __str__(self) -> str:
        return f"{self.year} in {self.timezone}"


def check_steps(table: SeriesTable, year: LocalYear, step: Step, faults: FileFaults) -> None:
    """Compare the rows of a table with the steps that its year has.

    Parameters
    ----------
    table : SeriesTable
        The table; rows whose instant is unreadable are left out, see ``check_readable``, and all
        are when these are nearly all.
    year : LocalYear
        The year that the rows must cover.
    step : Step
        Length of the table's intervals.
    faults : FileFaults
        Takes every step that is missing, repeated, foreign or out of order; one fault instead
        when nearly all rows are foreign.
    """
    wanted = year_steps(year.year, year.timezone, step).astype(np.int64)
    instants = table.instants
    if instants.is_readable.all() and np.array_equal(instants.seconds, wanted):
        return
    rows = np.flatnonzero(instants.is_readable)
    if are_few(rows.size, table.n_rows):
        return
    seconds = instants.seconds[rows]
    is_known = np.isin(seconds, wanted)
    if are_few(int(is_known.sum()), rows.size):
        _note_all_foreign(table, rows, wanted, year, faults)
        return
    _note_foreign(table, rows[~is_known], wanted, year, faults)
    rows, seconds = rows[is_known], seconds[is_known]
    _, first = np.unique(seconds, return_index=True)
    is_first = np.zeros(rows.size, dtype=bool)
    is_first[first] = True
    for row in rows[~is_first].tolist():
        reason = f"stands again in {table.row_place(row)}"
        faults.add(instants.text(row), reason, kind="stands again")
    _note_disorder(table, rows[is_first], faults)
    _note_missing(table, np.setdiff1d(wanted, seconds), faults)


def check_readable(table: SeriesTable, faults: FileFaults) -> None:
    """Note every row whose instant cannot be read, or once that nearly all cannot.

    Parameters
    ----------
    table : SeriesTable
        The table.
    faults : FileFaults
        Takes every such row.
    """
    instants = table.instants
    rows = np.flatnonzero(~instants.is_readable).tolist()
    n_readable = table.n_rows - len(rows)
    if are_few(n_readable, table.n_rows):
        found = describe_few(n_readable, table.n_rows, "stamps", ("is", "are"))
        first = f"{table.row_place(rows[0])} has {excerpt_of(instants.text(rows[0]))}"
        faults.add(f"column {TIME_COLUMN}", f"{found} of the form YYYY-MM-DDTHH:MM:SSZ; {first}")
        return
    advice = "write it like 2023-06-30T22:00:00Z"
    for row in rows:
        text = instants.text(row)
        found = f"is {excerpt_of(text)}" if text else "is empty"
        faults.add(table.row_place(row), f"{TIME_COLUMN} {found}; {advice}", kind=advice)


def _note_all_foreign(
    table: SeriesTable,
    rows: NDArray[np.intp],
    wanted: NDArray[np.int64],
    year: LocalYear,
    faults: FileFaults,
) -> None:
    """Say once that the rows belong to another year, or lie between the steps of this one."""
    seconds = table.instants.seconds[rows]
    is_inside = (wanted[0] <= seconds) & (seconds <= wanted[-1])
    n_inside = int(is_inside.sum())
    if are_few(n_inside, rows.size):
        found = describe_few(n_inside, rows.size, "rows", ("lies", "lie"))
        first, last = format_instants(np.array([seconds.min(), seconds.max()])).to_pylist()
        faults.add(None, f"{found} in the local year {year}; they are from {first} to {last}")
        return
    is_known = np.isin(seconds, wanted)
    found = describe_few(int(is_known.sum()), rows.size, "rows", ("is", "are"))
    row = int(rows[~is_known][0])
    first = f"{table.row_place(row)} has {table.instants.text(row)}"
    faults.add(f"column {TIME_COLUMN}", f"{found} the start of an interval; {first}")


def _note_foreign(
    table: SeriesTable,
    rows: NDArray[np.intp],
    wanted: NDArray[np.int64],
    year: LocalYear,
    faults: FileFaults,
) -> None:
    for row in rows.tolist():
        inside = wanted[0] <= table.instants.seconds[row] <= wanted[-1]
        reason = "is not the start of an interval" if inside else f"lies outside {year}"
        place = table.row_place(row)
        faults.add(table.instants.text(row), f"{reason} ({place})", kind=reason)


def _note_disorder(table: SeriesTable, rows: NDArray[np.intp], faults: FileFaults) -> None:
    seconds = table.instants.seconds[rows]
    is_late = seconds < np.maximum.accumulate(seconds)
    for row in rows[is_late].tolist():
        reason = f"is out of order: {table.row_place(row)} comes after a later interval"
        faults.add(table.instants.text(row), reason, kind="is out of order")


def _note_missing(table: SeriesTable, missing: NDArray[np.int64], faults: FileFaults) -> None:
    for stamp in format_instants(missing).to_pylist() if missing.size else ():
        if stamp not in table.torn_stamps:
            faults.add(stamp, "is missing")


def place_of(table: SeriesTable, row: int) -> str:
    """Name a row by its instant, or by its place in the file when that is unreadable.

    Parameters
    ----------
    table : SeriesTable
        The table.
    row : int
        Row, from 0.

    Returns
    -------
    str
        Such as ``2023-06-30T22:00:00Z`` or ``line 4``.
    """
    instants = table.instants
    return instants.text(row) if instants.is_readable[row] else table.row_place(row)
