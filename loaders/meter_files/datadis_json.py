"""Consumption as Datadis's interface answers it: JSON, version 1 bare, version 2 wrapped."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import orjson

from loaders.decoding import BOM, UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile, Rejections, RowCode
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import TextTable, column_of_texts
from loaders.meter_files.watt_hours import EnergyUnit
from loaders.number_text import excerpt_of
from models.values.json_size import MOST_JSON_VALUES, bound_json_values
from models.values.metering import Channel

LARGEST_JSON_BYTES = 1 << 26
"""Bytes of one answer; five years of a supply point's quarter-hours need half."""

DATADIS_JSON = SupplyForm(
    format=FileFormat.DATADIS_JSON_V2,
    times=("date", "time"),
    energies=(
        EnergyColumn("consumptionKWh", Channel.CONSUMPTION, EnergyUnit.KWH),
        EnergyColumn("surplusEnergyKWh", Channel.SURPLUS, EnergyUnit.KWH),
        EnergyColumn("generationEnergyKWh", Channel.ALLOCATED, EnergyUnit.KWH),
        EnergyColumn("selfConsumptionEnergyKWh", Channel.SELF_CONSUMED, EnergyUnit.KWH),
    ),
    method="obtainMethod",
)
"""Its fields, REGULATION 6.1; those of version 1 are the same."""

_ROWS = "timeCurve"
_ERRORS = "distributorError"
_ERRORS_TOLD = 10


class _ObjectPlaces:
    """Places of rows that are objects of a list."""

    def __init__(self, rows: Sequence[object]) -> None:
        self._rows = rows

    def line(self, row: int) -> None:
        """Say that JSON has no lines to speak of."""

    def excerpt(self, row: int) -> str:
        """Quote the beginning of the object."""
        return excerpt_of(_text(self._rows[row]))


def read_datadis_json(data: bytes, *, timezone: str) -> MeterFile:
    """Read an answer to ``get-consumption-data`` or ``get-consumption-data-v2``.

    Parameters
    ----------
    data : bytes
        Body of the answer.
    timezone : str
        IANA name of the supply points' clock.

    Returns
    -------
    MeterFile
        What the distributor answered instead of data (``distributorError``) is a note.

    Raises
    ------
    UnreadableFileError
        If it is too large, no JSON, or holds something else than such rows.

    Examples
    --------
    >>> body = (b'{"timeCurve": [{"cups": "ES0021000000000001RK", "date": "2023/07/01",'
    ...         b' "time": "01:00", "consumptionKWh": 0.459, "obtainMethod": "Real"}],'
    ...         b' "distributorError": []}')
    >>> read_datadis_json(body, timezone="Europe/Madrid").series[0].energy_wh
    array([459], dtype=int32)
    """
    body = _parse(data)
    found, errors = _unwrap(body)
    rows = [row for row in found if isinstance(row, dict)]
    if found and not any(row.keys() >= set(DATADIS_JSON.required) for row in rows):
        raise UnreadableFileError(
            f"has no row with the fields {', '.join(DATADIS_JSON.required)} of Datadis"
        )
    rejections = Rejections()
    for row in found:
        if not isinstance(row, dict):
            reason = "is no object with the fields of an interval"
            rejections.add(None, RowCode.MALFORMED, excerpt_of(_text(row)), reason)
    names = (*DATADIS_JSON.required, *DATADIS_JSON.optional)
    table = TextTable(
        columns={name: column_of_texts([_text(row.get(name)) for row in rows]) for name in names},
        n_rows=len(rows),
        n_file_rows=len(found),
        places=_ObjectPlaces(rows),
        rejections=rejections,
        notes=tuple(_note_errors(errors)),
    )
    is_first = isinstance(body, list)
    kind = FileFormat.DATADIS_JSON_V1 if is_first else FileFormat.DATADIS_JSON_V2
    return read_supply_table(table, replace(DATADIS_JSON, format=kind), timezone)


def _parse(data: bytes) -> object:
    if len(data) > LARGEST_JSON_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_JSON_BYTES} bytes; ask for less time")
    if bound_json_values(data) > MOST_JSON_VALUES:
        raise UnreadableFileError(f"holds more than {MOST_JSON_VALUES} values; ask for less time")
    try:
        return orjson.loads(data.removeprefix(BOM))
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(f"is no JSON ({error})") from error


def _unwrap(body: object) -> tuple[list[object], list[object]]:
    """Give the rows and the distributors' errors of either version."""
    if isinstance(body, list):
        return body, []
    if isinstance(body, dict) and _ROWS in body:
        rows, errors = body[_ROWS] or [], body.get(_ERRORS) or []
        if isinstance(rows, list) and isinstance(errors, list):
            return rows, errors
    raise UnreadableFileError(f"is neither a list of rows nor an object with a list {_ROWS}")


def _note_errors(errors: list[object]) -> Iterator[str]:
    for error in errors[:_ERRORS_TOLD]:
        yield f"Datadis passes on an error of the distributor: {excerpt_of(_text(error))}"
    if len(errors) > _ERRORS_TOLD:
        yield f"and {len(errors) - _ERRORS_TOLD} more errors of distributors"


def _text(value: object) -> str:
    """Write a value as an export would; what lies deeper than a row is left out."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_scalar_text(each)}" for key, each in value.items())
    return _scalar_text(value)


def _scalar_text(value: object) -> str:
    if isinstance(value, float):
        # the shortest decimals that mean this float, without an exponent
        return np.format_float_positional(value, trim="-")
    if isinstance(value, list | dict):
        return "..."
    return "" if value is None else str(value)
