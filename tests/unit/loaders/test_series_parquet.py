"""Series files in Parquet: kinds of columns, and their faults."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from loaders import series_parquet, series_table
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear
from tests.support.community_folders import assert_same_community
from tests.support.editing import replace_cell
from tests.support.faults import faults_of

SECOND_HOUR = "2023-01-01T00:00:00Z"
"""What stands in line 3; line 2 begins the local year an hour earlier."""


def as_parquet(
    folder: Path, name: str, change: Callable[[pa.Table], pa.Table] = lambda table: table
) -> Path:
    """Put a Parquet file in place of a CSV file."""
    path = folder / f"{name}.csv"
    options = arrow_csv.ConvertOptions(column_types={"ts_utc": pa.string()})
    table = change(arrow_csv.read_csv(path, convert_options=options))
    path.unlink()
    parquet.write_table(table, folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


def with_instants(kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    """Make a table's instants timestamps."""

    def change(table: pa.Table) -> pa.Table:
        stamps = np.array([text.rstrip("Z") for text in table["ts_utc"].to_pylist()], "M8[s]")
        column = pa.array(stamps).cast(pa.timestamp("s")).cast(kind)
        return table.set_column(0, "ts_utc", column)

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table,
        with_instants(pa.timestamp("s")),
        with_instants(pa.timestamp("ns")),
        with_instants(pa.timestamp("us", "UTC")),
        with_instants(pa.timestamp("ms", "UTC")),
        lambda table: table.set_column(0, "ts_utc", table["ts_utc"].cast(pa.large_string())),
        lambda table: table.set_column(0, "ts_utc", table["ts_utc"].dictionary_encode()),
    ],
    ids=["text", "naive s", "naive ns", "aware us", "aware ms", "large text", "dictionary"],
)
def test_instants_of_parquet(
    folder: Path, community: CommunityYear, change: Callable[[pa.Table], pa.Table]
) -> None:
    as_parquet(folder, "consumption", change)
    assert_same_community(read_community_folder(folder), community)


def test_a_wrong_value_of_parquet_has_its_instant(folder: Path) -> None:
    replace_cell(folder / "consumption.csv", 3, 2, "-1")
    as_parquet(folder, "consumption", with_instants(pa.timestamp("us", "UTC")))
    assert faults_of(folder) == [
        f"consumption.parquet, {SECOND_HOUR}: column M2 is '-1.0', negative"
    ]


def with_column(values: pa.Array) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(1, "kwh", values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([3] * 8760, pa.int16()), 3.0),
        (pa.array([0.1] * 8760, pa.float32()), float(np.float32(0.1))),
        (pa.array([0.5] * 8760).cast(pa.decimal128(10, 3)), 0.5),
    ],
    ids=["integer", "float32", "decimal"],
)
def test_numbers_of_parquet(folder: Path, values: pa.Array, expected: float) -> None:
    as_parquet(folder, "production", with_column(values))
    assert (read_community_folder(folder).generation_kwh == expected).all()


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (pa.array(["1"] * 8760), ", column kwh: holds string, no numbers"),
        (pa.array([True] * 8760), ", column kwh: holds bool, no numbers"),
        (
            pa.array([1.0, None] + [0.0] * 8758),
            f", {SECOND_HOUR}: column kwh is empty",
        ),
        (
            pa.array([1.0, float("nan")] + [0.0] * 8758),
            f", {SECOND_HOUR}: column kwh is 'nan', not a finite number",
        ),
        (
            pa.array([1.0, -2.5] + [0.0] * 8758),
            f", {SECOND_HOUR}: column kwh is '-2.5', negative",
        ),
    ],
    ids=["text", "bool", "null", "nan", "negative"],
)
def test_wrong_numbers_of_parquet(folder: Path, values: pa.Array, fault: str) -> None:
    as_parquet(folder, "production", with_column(values))
    assert faults_of(folder) == [f"production.parquet{fault}"]


def one_instant(value: object, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    """Replace the second instant of a table."""

    def change(table: pa.Table) -> pa.Table:
        column = with_instants(kind)(table)["ts_utc"].to_pylist()
        column[1] = value
        return table.set_column(0, "ts_utc", pa.array(column, kind))

    return change


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        (None, pa.timestamp("us"), "is empty"),
        (1_672_531_200_000_001, pa.timestamp("us"), "is '2023-01-01T00:00:00.000001'"),
        (2**60, pa.timestamp("ms"), "is '36536598-01-28T21:54:06.976'"),
    ],
)
def test_wrong_instants_of_parquet(
    folder: Path, value: object, kind: pa.DataType, found: str
) -> None:
    as_parquet(folder, "production", one_instant(value, kind))
    assert faults_of(folder) == [
        f"production.parquet, {SECOND_HOUR}: is missing",
        f"production.parquet, row 2: ts_utc {found}; write it like 2023-06-30T22:00:00Z",
    ]


def test_instants_of_another_kind_are_a_fault(folder: Path) -> None:
    as_parquet(
        folder, "production", lambda table: table.set_column(0, "ts_utc", pa.array([0] * 8760))
    )
    assert faults_of(folder) == ["production.parquet, ts_utc: holds int64, no instants"]


def test_a_column_twice_in_parquet_is_a_fault(folder: Path) -> None:
    as_parquet(folder, "production", lambda table: table.append_column("kwh", table["kwh"]))
    assert faults_of(folder) == ["production.parquet, header: names a column twice: 'kwh'"]


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda _: b"", lambda _: b"PAR1PAR1"])
def test_damaged_parquet_is_a_fault(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    path = as_parquet(folder, "production")
    path.write_bytes(damage(path.read_bytes()))
    (fault,) = faults_of(folder)
    assert fault.startswith("production.parquet: is not a sound Parquet file (")


def test_parquet_that_expands_too_far_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_parquet(folder, "production")
    (folder / "consumption.csv").unlink()
    (folder / "prices.csv").unlink()
    missing = "consumption: is missing; give it as csv, csv.gz or parquet"
    monkeypatch.setattr(series_table, "LARGEST_FILE_BYTES", 140_000)
    assert faults_of(folder) == [
        missing,
        "production.parquet: expands to 140160 bytes, more than 140000",
    ]
    monkeypatch.undo()
    monkeypatch.setattr(series_parquet, "LARGEST_FILE_BYTES", 140_160)
    _, fault = faults_of(folder)
    assert re.fullmatch(r"production.parquet: expands to [0-9]+ bytes, more than 140160", fault)
