"""Writes a community folder that reads back as the same community."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from loaders.atomic_files import make_folder, replace_file
from loaders.community_folder import MEMBERS_FILE, PROPERTIES_FILE, plant_columns
from loaders.price_series import ENERGY_COLUMN, MARKET_COLUMN, SURPLUS_COLUMN
from loaders.records import CommunityYear, Energy, InstallationRecord, MemberRecord
from loaders.series_files import SeriesFormat
from loaders.series_table import TIME_COLUMN, format_instants


def write_community_folder(
    community: CommunityYear, folder: Path, *, energy_format: SeriesFormat = SeriesFormat.PARQUET
) -> None:
    """Write a community folder, each file whole or not at all.

    Series of the same names in other formats are removed, so that the folder stays readable.

    Parameters
    ----------
    community : CommunityYear
        What to write; numbers keep every bit.
    folder : Path
        Where to; made if need be.
    energy_format : SeriesFormat
        Format of consumption, production and prices.

    Raises
    ------
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    make_folder(folder)
    _replace(folder / PROPERTIES_FILE, _format_properties(community))
    _replace(folder / MEMBERS_FILE, _format_members(community.members))
    ids = [member.member_id for member in community.members]
    series: dict[str, tuple[Sequence[str], Sequence[Energy] | Energy]] = {
        "consumption": (ids, community.consumption_kwh),
        "production": (plant_columns(community.installations), community.generation_kwh),
        "prices": _price_columns(community),
    }
    for name, (columns, values) in series.items():
        path = folder / f"{name}.{energy_format}"
        if columns:
            _replace(path, _format_series(community, columns, values, energy_format))
        for other in SeriesFormat:
            if other is not energy_format or not columns:
                (folder / f"{name}.{other}").unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    with replace_file(path) as file:
        file.write(content)


def _format_properties(community: CommunityYear) -> bytes:
    plants = [_describe_plant(plant) for plant in community.installations]
    properties = {
        "id": community.community_id,
        "name": community.name,
        "timezone": community.timezone,
        "zone": community.zone.value,
        "year": community.year,
        "step": community.step.value,
        **plants[0],
    }
    if len(plants) > 1:
        properties["caus"] = plants
    return f"{json.dumps(properties, ensure_ascii=False, indent=1)}\n".encode()


def _describe_plant(plant: InstallationRecord) -> dict[str, object]:
    place = {"lat": plant.lat, "lon": plant.lon}
    known = {name: degrees for name, degrees in place.items() if degrees is not None}
    return {"cau": plant.cau, "pv_kw": plant.pv_kw, **known}


def _format_members(members: Sequence[MemberRecord]) -> bytes:
    columns = [field.name for field in fields(MemberRecord)]
    if not any(member.caus for member in members):
        columns.remove("caus")
    rows = [[_format_cell(getattr(member, column)) for column in columns] for member in members]
    return _format_rows([columns, *rows])


def _format_cell(value: object) -> object:
    """Write several codes into one cell."""
    return " ".join(value) if isinstance(value, tuple) else value


def _format_rows(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _price_columns(community: CommunityYear) -> tuple[list[str], list[Energy]]:
    columns = {
        ENERGY_COLUMN: community.energy_eur_per_kwh,
        SURPLUS_COLUMN: community.surplus_eur_per_kwh,
        MARKET_COLUMN: community.day_ahead_eur_per_kwh,
    }
    known = {name: prices for name, prices in columns.items() if prices is not None}
    return list(known), list(known.values())


def _format_series(
    community: CommunityYear,
    columns: Sequence[str],
    values: Sequence[Energy] | Energy,
    form: SeriesFormat,
) -> bytes:
    stamps = format_instants(community.starts.astype("int64"))
    arrays = [stamps, *(pa.array(row) for row in values)]
    table = pa.Table.from_arrays(arrays, names=[TIME_COLUMN, *columns])
    buffer = io.BytesIO()
    if form is SeriesFormat.PARQUET:
        parquet.write_table(table, buffer)
        return buffer.getvalue()
    buffer.write(_format_rows([table.column_names]))
    # Arrow would put every instant in quotes
    arrow_csv.write_csv(
        table, buffer, arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    )
    text = buffer.getvalue()
    # without a time inside, the same community gives the same bytes
    return gzip.compress(text, mtime=0) if form is SeriesFormat.CSV_GZ else text
