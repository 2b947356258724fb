"""Consumption that was not measured: a fault, unless gaps are accepted."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from loaders import series_table
from loaders.community_folder import read_community_folder
from loaders.faults import FaultyInputError
from loaders.records import CommunityYear
from tests.support.community_folders import assert_same_community
from tests.support.consumption_gaps import drop_column, empty_cells, with_gap
from tests.support.editing import replace_cell, replace_line
from tests.support.faults import faults_of

SECOND_HOUR = "2023-01-01T00:00:00Z"
"""What stands in line 3; line 2 begins the local year an hour earlier."""
M1, M2, M3, R1 = range(4)
WHOLE_YEAR = slice(None)


def faults_with_gaps(folder: Path) -> list[str]:
    with pytest.raises(FaultyInputError) as caught:
        read_community_folder(folder, accepts_gaps=True)
    return [str(fault) for fault in caught.value.faults]


def put_in_parquet(folder: Path, column: str, values: pa.Array) -> None:
    """Put a Parquet file with other values of a member in place of the CSV file."""
    path = folder / "consumption.csv"
    options = arrow_csv.ConvertOptions(column_types={"ts_utc": pa.string()})
    table = arrow_csv.read_csv(path, convert_options=options)
    path.unlink()
    place = table.column_names.index(column)
    parquet.write_table(table.set_column(place, column, values), folder / "consumption.parquet")


def test_a_whole_year_reads_the_same_with_gaps_accepted(
    folder: Path, community: CommunityYear
) -> None:
    assert_same_community(read_community_folder(folder, accepts_gaps=True), community)


def test_empty_cells_and_missing_columns_are_faults_by_default(folder: Path) -> None:
    empty_cells(folder, "M2", slice(1, 2))
    drop_column(folder, "R1")

    assert faults_of(folder) == [
        f"consumption.csv, {SECOND_HOUR}: column M2 is empty",
        "consumption.csv, column R1: is missing",
    ]


@pytest.mark.parametrize("is_packed", [False, True])
def test_empty_cells_of_csv_become_gaps(
    folder: Path, community: CommunityYear, is_packed: bool
) -> None:
    empty_cells(folder, "M2", slice(1, 900))
    empty_cells(folder, "R1", WHOLE_YEAR)
    path = folder / "consumption.csv"
    if is_packed:
        (folder / "consumption.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    expected = with_gap(with_gap(community, M2, slice(1, 900)), R1, WHOLE_YEAR)

    assert_same_community(read_community_folder(folder, accepts_gaps=True), expected)


@pytest.mark.parametrize("missing", [None, float("nan")], ids=["null", "nan"])
def test_nulls_and_nans_of_parquet_become_gaps(
    folder: Path, community: CommunityYear, missing: float | None
) -> None:
    values = [0.5, missing, *[0.25] * 8758]
    put_in_parquet(folder, "M1", pa.array(values, pa.float64()))
    read = read_community_folder(folder, accepts_gaps=True)

    assert read.consumption_kwh[M1, 0] == 0.5
    assert np.flatnonzero(np.isnan(read.consumption_kwh[M1])).tolist() == [1]
    np.testing.assert_array_equal(read.consumption_kwh[M2:], community.consumption_kwh[M2:])


def test_a_parquet_column_of_nulls_alone_is_one_gap(folder: Path, community: CommunityYear) -> None:
    put_in_parquet(folder, "M3", pa.nulls(8760))
    read = read_community_folder(folder, accepts_gaps=True)

    assert_same_community(read, with_gap(community, M3, WHOLE_YEAR))
    assert faults_of(folder)[0] == ("consumption.parquet, 2022-12-31T23:00:00Z: column M3 is empty")


def test_members_without_a_column_are_one_gap(folder: Path, community: CommunityYear) -> None:
    drop_column(folder, "M1")
    drop_column(folder, "M3")
    expected = with_gap(with_gap(community, M1, WHOLE_YEAR), M3, WHOLE_YEAR)

    assert_same_community(read_community_folder(folder, accepts_gaps=True), expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1", "is '-1', negative"),
        ("1e999", "is '1e999', not a finite number"),
        ("nan", "is 'nan', not a finite number"),
        ("NULL", "is 'NULL', not a finite number"),
        (" ", "is ' ', not a number"),
        ("0.5 kWh", "is '0.5 kWh', not a number"),
    ],
)
def test_what_is_no_energy_stays_a_fault(folder: Path, text: str, reason: str) -> None:
    empty_cells(folder, "M1", slice(0, 5))
    replace_cell(folder / "consumption.csv", 3, 2, text)

    assert faults_with_gaps(folder) == [f"consumption.csv, {SECOND_HOUR}: column M2 {reason}"]


def test_infinity_in_parquet_stays_a_fault(folder: Path) -> None:
    put_in_parquet(folder, "M1", pa.array([0.0, float("inf"), *[None] * 8758]))

    assert faults_with_gaps(folder) == [
        f"consumption.parquet, {SECOND_HOUR}: column M1 is 'inf', not a finite number"
    ]


def test_rows_columns_production_and_prices_must_still_be_whole(folder: Path) -> None:
    replace_line(folder / "consumption.csv", 4, None)
    replace_line(folder / "consumption.csv", 1, "ts_utc,M1,M2,M3,X9")
    replace_cell(folder / "production.csv", 3, 1, "")
    replace_cell(folder / "prices.csv", 3, 1, "")

    assert faults_with_gaps(folder) == [
        "consumption.csv, 2023-01-01T01:00:00Z: is missing",
        "consumption.csv, column X9: belongs to nothing that the folder lists",
        f"prices.csv, {SECOND_HOUR}: column energy_eur_kwh is empty",
        f"production.csv, {SECOND_HOUR}: column kwh is empty",
    ]


def test_a_list_far_longer_than_its_file_is_refused_before_it_fills_the_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_column(folder, "M1")
    drop_column(folder, "M2")
    monkeypatch.setattr(series_table, "MOST_COLUMNS", 3)  # of the file, the time column too

    assert faults_with_gaps(folder) == [
        "consumption.csv: with a column for everybody on the list it has 4 columns, more than 3"
    ]


def test_a_faulty_list_does_not_hide_faults_of_consumption(folder: Path) -> None:
    (folder / "members.csv").unlink()
    empty_cells(folder, "M1", slice(0, 5))
    replace_cell(folder / "consumption.csv", 3, 2, "-1")

    assert faults_with_gaps(folder) == [
        f"consumption.csv, {SECOND_HOUR}: column M2 is '-1', negative",
        "members.csv: is missing",
    ]
