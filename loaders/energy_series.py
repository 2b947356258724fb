"""``consumption.*`` and ``production.*``: energy of every interval of the year."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from loaders.decoding import UnreadableFileError
from loaders.faults import FaultLog, FileFaults
from loaders.records import Energy
from loaders.series_files import (
    Limits,
    check_columns,
    find_series_file,
    read_series_table,
    read_values,
)
from loaders.series_steps import LocalYear, check_readable, check_steps
from loaders.series_table import refuse_size

ENERGY_KWH = Limits(0.0, 2_147_483.647)
"""Energy of one interval: whole watt-hours in 32 bits."""


def read_energy(
    folder: Path,
    name: str,
    columns: Sequence[str] | None,
    year: LocalYear | None,
    log: FaultLog,
    *,
    accepts_gaps: bool = False,
) -> Energy | None:
    """Read the energy of several meters over a year.

    Parameters
    ----------
    folder : Path
        A community folder.
    name : str
        ``consumption`` or ``production``.
    columns : sequence of str, length n_columns, or None
        Columns that the file must have; None when the folder leaves them open.
    year : LocalYear or None
        Year that the rows must cover; None when the folder leaves it open.
    log : FaultLog
        Takes every fault.
    accepts_gaps : bool
        Whether cells may be empty and columns missing.

    Returns
    -------
    ndarray of float, shape (n_columns, n_steps), or None
        Energy [kWh an interval], NaN in gaps, not to be used when the log holds faults; None when
        there is no readable file.
    """
    path = find_series_file(folder, name, log, is_required=True)
    if path is None:
        return None
    faults = log.of(path.name)
    table = read_series_table(path, faults)
    if table is None:
        return None
    check_readable(table, faults)
    if year is not None:
        check_steps(table, year, year.step, faults)
    limits = replace(ENERGY_KWH, allows_gaps=accepts_gaps)
    if columns is None:
        return read_values(table, table.names, limits, faults)
    required, optional = ((), columns) if accepts_gaps else (columns, ())
    check_columns(table, required, optional, faults)
    in_table = set(table.names)
    rows = [row for row, column in enumerate(columns) if column in in_table]
    values = read_values(table, [columns[row] for row in rows], limits, faults)
    if not accepts_gaps or len(rows) == len(columns):
        return values
    return _leave_gaps(values, rows, len(columns), faults)


def _leave_gaps(
    values: Energy, rows: Sequence[int], n_columns: int, faults: FileFaults
) -> Energy | None:
    """Give columns that are not there a row of NaN."""
    try:
        refuse_size(n_rows=values.shape[1], n_columns=n_columns)
    except UnreadableFileError as error:
        faults.add(None, f"with a column for everybody on the list it {error.reason}")
        return None
    energy_kwh = np.full((n_columns, values.shape[1]), np.nan)
    energy_kwh[rows] = values
    return energy_kwh
