"""Series files: found by name, read in any format, their columns and values checked."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from loaders.decoding import UnreadableFileError, read_bytes
from loaders.faults import FaultLog, FileFaults
from loaders.number_text import excerpt_of, explain_number
from loaders.records import Energy
from loaders.series_csv import parse_series_csv
from loaders.series_parquet import parse_series_parquet
from loaders.series_steps import place_of
from loaders.series_table import LONGEST_NAME, SeriesTable


class SeriesFormat(StrEnum):
    """Formats of a series file, by the ending of its name."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value of a series may be, both ends included, and whether it may be missing."""

    least: float
    most: float
    allows_gaps: bool = False


def find_series_file(folder: Path, name: str, log: FaultLog, *, is_required: bool) -> Path | None:
    """Find the one file that holds a series.

    Parameters
    ----------
    folder : Path
        A community folder.
    name : str
        Name without ending, such as ``consumption``.
    log : FaultLog
        Takes the fault when several formats hold it, or none that must.
    is_required : bool
        Whether the folder must have it.

    Returns
    -------
    Path or None
        None when there is none, or more than one.
    """
    paths = [folder / f"{name}.{form}" for form in SeriesFormat]
    # a link that leads nowhere is there too: it was meant to give something
    present = [path for path in paths if os.path.lexists(path)]
    if len(present) > 1:
        names = ", ".join(path.name for path in present)
        log.of(name).add(None, f"stands in several files ({names}); keep one")
    if is_required and not present:
        log.of(name).add(None, "is missing; give it as csv, csv.gz or parquet")
    return present[0] if len(present) == 1 else None


def read_series_table(path: Path, faults: FileFaults) -> SeriesTable | None:
    """Read a series file.

    Parameters
    ----------
    path : Path
        A file whose name ends in one of ``SeriesFormat``.
    faults : FileFaults
        Takes every fault.

    Returns
    -------
    SeriesTable or None
        None when it cannot be read or holds no rows.
    """
    try:
        data = read_bytes(path)
        is_parquet = path.suffix == f".{SeriesFormat.PARQUET}"
        table = parse_series_parquet(data) if is_parquet else parse_series_csv(data, faults)
    except UnreadableFileError as error:
        faults.add(error.place, error.reason)
        return None
    if table.n_rows == 0:
        faults.add(None, "holds 0 rows of one interval")
        return None
    return table


def check_columns(
    table: SeriesTable, required: Sequence[str], optional: Sequence[str], faults: FileFaults
) -> None:
    """Compare the columns of a table with those that it must and may have.

    Parameters
    ----------
    table : SeriesTable
        The table.
    required, optional : sequence of str
        Names of columns.
    faults : FileFaults
        Takes every column that is missing or that nothing asks for.
    """
    present = set(table.names)
    for name in required:
        if name not in present:
            shown = name if len(name) <= LONGEST_NAME else excerpt_of(name)
            faults.add(f"column {shown}", "is missing")
    for name in sorted(present.difference(required, optional)):
        faults.add(f"column {name}", "belongs to nothing that the folder lists")


def read_values(
    table: SeriesTable, columns: Sequence[str], limits: Limits, faults: FileFaults
) -> Energy:
    """Read columns as numbers.

    Parameters
    ----------
    table : SeriesTable
        The table.
    columns : sequence of str, length n_columns
        Names of columns that the table has.
    limits : Limits
        What a value may be.
    faults : FileFaults
        Takes every cell that is empty, no finite number, or outside the limits; an empty one only
        where the limits allow no gaps.

    Returns
    -------
    ndarray of float, shape (n_columns, n_rows)
        A column a row, in the order asked for; NaN in gaps.
    """
    values = np.empty((len(columns), table.n_rows))
    for position, name in enumerate(columns):
        numbers = table.numbers(name)
        values[position] = numbers.values
        # written so that NaN fails it
        is_good = (numbers.values >= limits.least) & (numbers.values <= limits.most)
        if limits.allows_gaps:
            is_good |= numbers.is_missing
        bad_rows = np.flatnonzero(~is_good).tolist()
        room = faults.room
        for row in bad_rows[:room]:
            text = numbers.text(row)
            reason = _explain(numbers.values[row], text, limits)
            faults.add(
                place_of(table, row),
                f"column {name} {reason}",
                kind=reason.removeprefix(f"is {excerpt_of(text)}, "),
                column=name,
            )
        faults.omit(len(bad_rows[room:]))
    return values


def _explain(value: float, text: str, limits: Limits) -> str:
    if not np.isfinite(value):
        return explain_number(text)
    if value < limits.least == 0.0:
        return f"is {excerpt_of(text)}, negative"
    return f"is {excerpt_of(text)}, not between {limits.least:g} and {limits.most:.10g}"
