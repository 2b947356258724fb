"""Hours of sun from PVGIS, the European Commission's service: a plant's generation, modelled."""

import io

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loaders.decoding import UnreadableFileError, decode_text
from loaders.file_formats import FileFormat
from loaders.json_text import parse_json_object
from loaders.meter_files.records import MeterFile, MeterSeries, Rejections
from loaders.plant_power import Plant, model_power_kw
from models.values.calendar import Instants, Step
from models.values.cau import Cau
from models.values.cil import Cil
from models.values.energy import round_to_wh
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.metering import Channel, Quality

LARGEST_BYTES = 1 << 26
"""Bytes of a file; twenty years as JSON need about half."""

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_TYPICAL_YEAR_MARKS = (b"time(UTC)", b'"tmy_hourly"', b'"months_selected"')
_CSV_END = "PVGIS (c)"
_IRRADIANCE_PARTS = ("poa_direct", "poa_sky_diffuse", "poa_ground_diffuse")


class TypicalYearError(InvalidDataError):
    """The file is a typical meteorological year of PVGIS."""

    def __init__(self) -> None:
        super().__init__(
            "is a typical year (TMY) of PVGIS: its months come from different years and its sun "
            "falls on level ground, so it is no year of a plant; download hourly data instead"
        )


class UnknownPlantError(InvalidArgumentError):
    """The file says how much sun there was, and nobody said what plant stood in it."""

    def __init__(self) -> None:
        super().__init__(
            "the PVGIS file has irradiance but no power (column P); say which plant it shines on, "
            "or download it again with PV power"
        )


def read_pvgis_hourly(data: bytes, *, code: Cau | Cil, plant: Plant | None = None) -> MeterFile:
    """Read hourly data of PVGIS, CSV or JSON.

    Parameters
    ----------
    data : bytes
        The file.
    code : Cau or Cil
        The installation that the generation is taken for; the file names none.
    plant : Plant, optional
        What the sun falls on, needed when the file has no power.

    Returns
    -------
    MeterFile
        One series of generation, marked as estimated: it is modelled, not measured.

    Raises
    ------
    UnreadableFileError
        If it is not such a file, or a torn one.
    TypicalYearError
        If it is a typical year.
    UnknownPlantError
        If it has no power and no plant was named.
    InvalidDataError
        If a power is negative, not finite or too large.

    Notes
    -----
    A sample stands for the UTC hour that it lies in (SARAH: hh:10), its power for the mean of that
    hour. pvlib reads the file.
    """
    if any(mark in data for mark in _TYPICAL_YEAR_MARKS):
        raise TypicalYearError
    if len(data) > LARGEST_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_BYTES} bytes")
    text = decode_text(data)
    is_json = text.lstrip().startswith("{")
    table = _read_table(text, is_json=is_json)
    starts = _find_hours(table)
    power_kw, source = _find_power(table, plant)
    n_rows = starts.size
    series = MeterSeries(
        code=code,
        channel=Channel.GENERATION,
        step=Step.HOUR,
        starts=starts,
        energy_wh=round_to_wh(power_kw),
        quality=np.full(n_rows, Quality.ESTIMATED, dtype=np.uint8),
    )
    notes = [source, "the sample of each hour stands for the mean of its UTC hour"]
    if not is_json and _CSV_END not in text:
        notes.append("the legend at the end is missing: the file may be cut short")
    kind = FileFormat.PVGIS_HOURLY_JSON if is_json else FileFormat.PVGIS_HOURLY_CSV
    return MeterFile(kind, (series,), n_rows, Rejections(), tuple(notes))


def _read_table(text: str, *, is_json: bool) -> pd.DataFrame:
    """Let pvlib read what is known to be sound JSON or a whole table."""
    if is_json:
        _refuse_other_json(text)
    else:
        text = text.replace('"', "")  # spreadsheets quote the lines above the header
        _refuse_other_csv(text)
    # Loaded for those who read such a file, not for every worker: it brings all of SciPy along.
    from pvlib.iotools import read_pvgis_hourly as read_with_pvlib  # noqa: PLC0415

    try:
        table: pd.DataFrame
        table, _ = read_with_pvlib(
            io.StringIO(text), pvgis_format="json" if is_json else "csv", map_variables=True
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError) as error:
        raise UnreadableFileError(f"is not a whole hourly file of PVGIS ({error})") from error
    if not isinstance(table.index, pd.DatetimeIndex) or table.empty:
        raise UnreadableFileError("holds no hours")
    return table


def _refuse_other_json(text: str) -> None:
    outputs = parse_json_object(text).get("outputs")
    if not isinstance(outputs, dict) or "hourly" not in outputs:
        raise UnreadableFileError("is JSON without hourly values of PVGIS")


def _refuse_other_csv(text: str) -> None:
    """Refuse other files, and rows of another length than the header, which pandas fills up."""
    if not text.startswith("Latitude (decimal degrees):"):
        raise UnreadableFileError("is not an hourly file of PVGIS: it names no latitude first")
    n_cells = 0
    for number, line in enumerate(io.StringIO(text), 1):
        if not n_cells:
            n_cells = line.count(",") + 1 if line.startswith("time,") else 0
        elif not line.strip():
            return
        elif line.count(",") + 1 != n_cells:
            found = line.count(",") + 1
            raise UnreadableFileError(f"has {found} cells, the header {n_cells}", f"line {number}")


def _find_hours(table: pd.DataFrame) -> Instants:
    """Begin each interval at the full hour before its sample."""
    samples = pd.DatetimeIndex(table.index).tz_localize(None)
    if samples.hasnans or not samples.year.isin(range(_FIRST_YEAR, _LAST_YEAR + 1)).all():
        raise UnreadableFileError(f"has times outside {_FIRST_YEAR} to {_LAST_YEAR}")
    starts: Instants = samples.to_numpy().astype("datetime64[h]").astype("datetime64[s]")
    if (np.diff(starts) <= np.timedelta64(0)).any():
        raise UnreadableFileError("has hours that repeat or go back")
    return starts


def _find_power(table: pd.DataFrame, plant: Plant | None) -> tuple[NDArray[np.float64], str]:
    """Take the power that PVGIS worked out, or work it out from the sun; say which."""
    if "P" in table:
        return _numbers(table, "P") / 1000, "generation is the power that PVGIS worked out"
    if plant is None:
        raise UnknownPlantError
    if "poa_global" in table:
        irradiance = _numbers(table, "poa_global")
    else:
        irradiance = np.sum([_numbers(table, part) for part in _IRRADIANCE_PARTS], axis=0)
    weather = _numbers(table, "temp_air"), _numbers(table, "wind_speed")
    source = f"generation is worked out from irradiance for a plant of {plant.peak_kw:g} kW"
    return model_power_kw(plant, irradiance, *weather), source


def _numbers(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in table:
        raise UnreadableFileError(f"has no column {column}")
    try:
        values = table[column].to_numpy(dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise UnreadableFileError(f"has a {column} that is not a number") from error
    if values.ndim != 1:
        raise UnreadableFileError(f"names the column {column} twice")
    return values
