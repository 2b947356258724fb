"""Other years of production, beside a community folder: the same plant under another sun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loaders.energy_series import ENERGY_KWH
from loaders.faults import FaultLog, FaultyInputError, FileFaults
from loaders.input_paths import require_file
from loaders.records import Energy
from loaders.series_files import SeriesFormat, check_columns, read_series_table, read_values
from loaders.series_steps import LocalYear, check_readable, check_steps
from loaders.series_table import SeriesTable
from models.values.calendar import Instants, local_day, year_steps

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_DAYS_BEFORE_LEAP_DAY = 59


@dataclass(frozen=True, slots=True, eq=False)
class ProductionYear:
    """What the plants generated in another year, by the intervals of the planned one.

    Attributes
    ----------
    year : int
        Local calendar year of the measurements.
    generation_kwh : ndarray, shape (n_installations, n_steps)
        Net generation [kWh an interval of the planned year].
    """

    year: int
    generation_kwh: Energy


def read_production_years(
    paths: Sequence[Path], columns: Sequence[str], planned: LocalYear
) -> tuple[ProductionYear, ...]:
    """Read files of other years' production, or say everything that is wrong with them.

    Parameters
    ----------
    paths : sequence of Path
        Files of the form of ``production.*``; each holds one whole local year, any but the
        planned one.
    columns : sequence of str, length n_installations
        Names of the plants' columns, see ``plant_columns``.
    planned : LocalYear
        The year that is planned; its clock and its step hold for the files too.

    Returns
    -------
    tuple of ProductionYear
        In the order of the files.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If anything in them is wrong; it carries the faults of all files.

    Notes
    -----
    Both years begin at local midnight of 1 January, and the sun knows no summer time: intervals
    are matched by the time passed since then, that is by UTC, not by the clock on the wall. 29
    February is dropped, or given the sun of 28 February, where the other year has none.
    """
    log = FaultLog()
    years: list[ProductionYear] = []
    for path in paths:
        require_file(path)
        faults = log.of(str(path))
        read = _read_year(path, columns, planned, faults)
        if read is not None and read.year in {planned.year, *(known.year for known in years)}:
            faults.add(None, f"is of {read.year}, which is there already; give another year")
        elif read is not None:
            years.append(read)
    if found := log.faults():
        raise FaultyInputError(found)
    return tuple(years)


def read_generation_profile(path: Path, year: LocalYear) -> Energy:
    """Read how a plant's generation is spread over a year.

    Parameters
    ----------
    path : Path
        File of the form of ``production.*`` with a column ``kwh``; of one whole local year, this
        one or another.
    year : LocalYear
        The year over which it is laid.

    Returns
    -------
    ndarray, shape (n_steps,)
        Each interval's part of the year [1]; they sum to one.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If anything in it is wrong, or nothing is generated.

    Notes
    -----
    Intervals are matched as ``read_production_years`` does.
    """
    require_file(path)
    log = FaultLog()
    faults = log.of(path.name)
    read = _read_year(path, ["kwh"], year, faults)
    total = 0.0 if read is None else float(read.generation_kwh.sum())
    if read is not None and total == 0:
        faults.add(None, "tells of no generation at all")
    if found := log.faults():
        raise FaultyInputError(found)
    assert read is not None, "what cannot be read has faults"
    profile: Energy = read.generation_kwh[0] / total
    return profile


def _read_year(
    path: Path, columns: Sequence[str], planned: LocalYear, faults: FileFaults
) -> ProductionYear | None:
    """Read one file, find its year and check it against it."""
    if not path.name.endswith(tuple(f".{form}" for form in SeriesFormat)):
        faults.add(None, f"is none of {', '.join(SeriesFormat)}")
        return None
    table = read_series_table(path, faults)
    if table is None:
        return None
    check_columns(table, columns, (), faults)
    check_readable(table, faults)
    year = _find_year(table, planned.timezone, faults)
    if year is None:
        return None
    measured = LocalYear(year, planned.timezone, planned.step)
    check_steps(table, measured, planned.step, faults)
    present = [column for column in columns if column in set(table.names)]
    values = read_values(table, present, ENERGY_KWH, faults)
    if table.n_rows != _steps_of(measured).size:
        return None  # its faults are noted, and there is nothing to match
    return ProductionYear(year, values[:, _match_steps(planned, measured)])


def _find_year(table: SeriesTable, timezone: str, faults: FileFaults) -> int | None:
    """Tell which local year the middle of the rows lies in."""
    seconds = table.instants.seconds[table.instants.is_readable]
    if not seconds.size:
        return None
    middle = int(np.sort(seconds)[seconds.size // 2])
    calendar_year = int(np.datetime64(middle, "s").astype("datetime64[Y]").astype(int)) + 1970
    if not _FIRST_YEAR <= calendar_year <= _LAST_YEAR:
        faults.add(None, f"is of {calendar_year}, not between {_FIRST_YEAR} and {_LAST_YEAR}")
        return None
    return local_day(datetime.fromtimestamp(middle, UTC), timezone).year


def _steps_of(year: LocalYear) -> Instants:
    """List the intervals of a local year."""
    return year_steps(year.year, year.timezone, year.step)


def _match_steps(planned: LocalYear, measured: LocalYear) -> NDArray[np.intp]:
    """Find the measured interval of each planned one; only 29 February can be too many or few."""
    day = 24 * planned.step.per_hour  # no clock changes in January or February
    leap_day = _DAYS_BEFORE_LEAP_DAY * day
    n_planned, n_measured = _steps_of(planned).size, _steps_of(measured).size
    positions = np.arange(n_measured)
    if n_measured > n_planned:
        return np.delete(positions, slice(leap_day, leap_day + day))
    if n_measured < n_planned:
        return np.insert(positions, leap_day, positions[leap_day - day : leap_day])
    return positions
