"""``consumption.*`` and ``production.*``: energy of every interval of the year."""

from collections.abc import Sequence
from pathlib import Path

from loaders.faults import FaultLog
from loaders.records import Energy
from loaders.series_files import (
    Limits,
    check_columns,
    find_series_file,
    read_series_table,
    read_values,
)
from loaders.series_steps import LocalYear, check_readable, check_steps

ENERGY_KWH = Limits(0.0, 2_147_483.647)
"""Energy of one interval: whole watt-hours in 32 bits."""


def read_energy(
    folder: Path,
    name: str,
    columns: Sequence[str] | None,
    year: LocalYear | None,
    log: FaultLog,
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

    Returns
    -------
    ndarray of float, shape (n_columns, n_steps), or None
        Energy [kWh an interval], not to be used when the log holds faults; None when there is no
        readable file.
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
    if columns is None:
        return read_values(table, table.names, ENERGY_KWH, faults)
    check_columns(table, columns, (), faults)
    in_table = set(table.names)
    present = [column for column in columns if column in in_table]
    return read_values(table, present, ENERGY_KWH, faults)
