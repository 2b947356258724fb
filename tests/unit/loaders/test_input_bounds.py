"""What a hostile folder cannot do: fill the memory, take minutes, or stop the reader short."""

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from loaders import decoding, series_csv
from loaders.community_folder import read_community_folder
from loaders.decoding import LARGEST_FILE_BYTES, LARGEST_LIST_BYTES
from loaders.series_csv import LONGEST_HEADER_BYTES, LONGEST_LINE_BYTES
from loaders.series_table import MOST_COLUMNS, MOST_ROWS
from tests.support.editing import replace_cell, replace_line
from tests.support.faults import faults_of

MIB = 1 << 20


POOLS: list[pa.MemoryPool] = []  # one must outlive every buffer that it lent


def most_memory(call: Callable[[], object]) -> int:
    """Bytes that Python and Arrow held at most during a call, whatever the process held before."""
    usual = pa.default_memory_pool()
    POOLS.append(pa.proxy_memory_pool(usual))
    pa.set_memory_pool(POOLS[-1])
    tracemalloc.start()
    try:
        call()
        _, python = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)
    return python + (POOLS[-1].max_memory() or 0)


def write_gzip(path: Path, *parts: tuple[bytes, int]) -> None:
    """Compress parts, each repeated."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part, times in parts:
            for _ in range(times):
                file.write(part)


def test_500_members_in_quarter_hours_fit_a_text_file() -> None:
    # a stamp, and for each member a comma and watt-hours of an interval up to 99 kWh
    assert 35_136 * (len("2023-01-01T00:00:00Z") + 500 * len(",12.345") + 2) < LARGEST_FILE_BYTES


def test_decompression_stops_at_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "consumption.csv").unlink()
    write_gzip(folder / "consumption.csv.gz", (b"ts_utc,M1\n", 1), (b"a" * MIB, 40))
    monkeypatch.setattr(decoding, "LARGEST_FILE_BYTES", 4 * MIB)
    found: list[str] = []
    faults_of(folder)  # what the first call imports is not held for the file
    held = most_memory(lambda: found.extend(faults_of(folder)))
    assert found == [f"consumption.csv.gz: is larger than {4 * MIB} bytes"]
    assert held < 24 * MIB


def test_an_endless_line_is_refused_before_it_is_decoded(folder: Path) -> None:
    path = folder / "production.csv"
    text = f"ts_utc,kwh\n{'a' * (LONGEST_LINE_BYTES + 1)}\U0001f600\n"
    path.write_bytes(text.encode())
    assert faults_of(folder) == [
        f"production.csv, line 2: is longer than {LONGEST_LINE_BYTES} bytes"
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_the_longest_line_is_found_among_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, line_end: str
) -> None:
    monkeypatch.setattr(series_csv, "LONGEST_LINE_BYTES", 60)
    path = folder / "production.csv"
    path.write_text(line_end.join(["ts_utc,kwh", "1" * 50, "2" * 50, "3" * 61, "4"]))
    assert faults_of(folder) == ["production.csv, line 4: is longer than 60 bytes"]


def test_an_endless_header_is_refused_unread(folder: Path) -> None:
    (folder / "production.csv").write_bytes(b"," * (LONGEST_HEADER_BYTES + 1))
    assert faults_of(folder) == [
        f"production.csv, line 1: is longer than {LONGEST_HEADER_BYTES} bytes"
    ]


def test_a_header_of_too_many_columns(folder: Path) -> None:
    (folder / "production.csv").write_bytes(b"ts_utc" + b"," * MOST_COLUMNS + b"\n")
    assert faults_of(folder) == [
        f"production.csv, header: has {MOST_COLUMNS + 1} columns, more than {MOST_COLUMNS}"
    ]


def test_lines_are_counted_before_they_are_parsed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_csv, "_parse_rows", pytest.fail)
    (folder / "production.csv").write_bytes(b"ts_utc,kwh\n" + b",\r" * (MOST_ROWS + 1))
    (folder / "prices.csv").unlink()
    (folder / "consumption.csv").write_bytes(
        b"ts_utc" + b"".join(b",%d" % number for number in range(500)) + b"\n" * 100_000
    )
    assert faults_of(folder) == [
        f"consumption.csv: expands to {99_999 * 501 * 8} bytes, more than {LARGEST_FILE_BYTES}",
        f"production.csv: holds {MOST_ROWS + 1} rows of one interval, more than {MOST_ROWS}",
    ]


def as_parquet(folder: Path, stamps: list[str], **options: object) -> None:
    """Put Parquet in place of the production, with other stamps."""
    path = folder / "production.csv"
    table = arrow_csv.read_csv(path).set_column(0, "ts_utc", pa.array(stamps, pa.string()))
    path.unlink()
    parquet.write_table(table, folder / "production.parquet", **options)


def test_one_long_stamp_in_every_row_of_parquet_is_not_expanded(folder: Path) -> None:
    as_parquet(folder, ["x" * 20_000] * 8760, compression="gzip")
    found: list[str] = []
    held = most_memory(lambda: found.extend(faults_of(folder)))
    assert found == ["production.parquet, ts_utc: holds a text of 20000 bytes, longer than 64"]
    assert held < 8 * 20_000 * 8760


def test_texts_that_share_their_beginnings_are_refused_in_parquet(folder: Path) -> None:
    encoding = {"ts_utc": "DELTA_BYTE_ARRAY"}
    as_parquet(folder, ["x" * 2_000] * 8760, use_dictionary=False, column_encoding=encoding)
    (fault,) = faults_of(folder)
    advice = "write it plain or as a dictionary"
    assert fault == f"production.parquet, ts_utc: is encoded as DELTA_BYTE_ARRAY; {advice}"


def test_too_many_rows_of_parquet_are_refused_unread(folder: Path) -> None:
    (folder / "production.csv").unlink()
    table = pa.table({"ts_utc": ["x"] * (MOST_ROWS + 1), "kwh": [0.0] * (MOST_ROWS + 1)})
    parquet.write_table(table, folder / "production.parquet")
    assert faults_of(folder) == [
        f"production.parquet: holds {MOST_ROWS + 1} rows of one interval, more than {MOST_ROWS}"
    ]


@pytest.mark.parametrize("name", ["members.csv", "community.json"])
def test_lists_are_small(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\n" * (LARGEST_LIST_BYTES + 1))
    assert f"{name}: is larger than {LARGEST_LIST_BYTES} bytes" in faults_of(folder)


def test_a_column_of_thousands_of_digits(folder: Path) -> None:
    replace_cell(folder / "production.csv", 1, 1, "7" * 5_000)
    assert faults_of(folder) == [
        f"production.csv, header: names a column by more than 100 characters: '{'7' * 40}'..."
    ]


def test_a_member_of_thousands_of_digits(folder: Path) -> None:
    replace_cell(folder / "members.csv", 2, 0, "7" * 5_000)
    found = faults_of(folder)
    assert f"consumption.csv, column '{'7' * 40}'...: is missing" in found
    assert max(map(len, found)) < 200


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
@pytest.mark.parametrize("target", ["nowhere", "itself"])
def test_a_link_that_leads_nowhere_is_no_missing_file(
    folder: Path, ending: str, target: str
) -> None:
    (folder / "prices.csv").unlink()
    link = folder / f"prices.{ending}"
    link.symlink_to(link if target == "itself" else folder / "nowhere")
    assert faults_of(folder) == [f"prices.{ending}: is a link that leads nowhere"]


def test_a_link_to_a_file_reads_like_the_file(folder: Path, tmp_path: Path) -> None:
    (folder / "prices.csv").rename(tmp_path / "elsewhere")
    (folder / "prices.csv").symlink_to(tmp_path / "elsewhere")
    assert read_community_folder(folder).energy_eur_per_kwh is not None


def test_torn_lines_are_kept_without_their_text(folder: Path) -> None:
    path = folder / "production.csv"
    replace_line(path, 3, f"2023-01-01T00:00:00Z,{',' * 100_000}")
    assert faults_of(folder) == ["production.csv, line 3: has 100002 cells, the header has 2"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"a\n" * 700_000 + b"\xff", "line 700001: is not UTF-8 text"),
        (b"a" * (MIB - 2) + "\U0001f600\n".encode() + b"\xff", "line 2: is not UTF-8 text"),
        (b"a" * (MIB - 2) + b"\n\xf0\x9f", "line 2: is not UTF-8 text"),
        (b"a" * (MIB + 2) + b"\n\0", "line 2: holds a NUL character"),
    ],
    ids=["far", "after a character on the border", "cut at the end", "NUL"],
)
def test_bytes_that_are_no_text_have_their_line(data: bytes, fault: str) -> None:
    with pytest.raises(decoding.UnreadableFileError) as caught:
        decoding.refuse_other_than_text(data)
    assert str(caught.value) == fault


def test_a_character_on_the_border_of_two_pieces_is_text() -> None:
    decoding.refuse_other_than_text(b"a" * (MIB - 2) + "\U0001f600".encode())
    decoding.refuse_other_than_text(b"")
