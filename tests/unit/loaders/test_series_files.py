"""Faults of consumption, production and prices, in every format."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from loaders import decoding, series_csv, series_table
from loaders import faults as faults_module
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear
from tests.support.community_folders import assert_same_community
from tests.support.editing import replace_cell, replace_line
from tests.support.faults import faults_of

SECOND_HOUR = "2023-01-01T00:00:00Z"
"""What stands in line 3; line 2 begins the local year an hour earlier."""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("-0.001", "is '-0.001', negative"),
        ("nan", "is 'nan', not a finite number"),
        ("inf", "is 'inf', not a finite number"),
        ("1e400", "is '1e400', not a finite number"),
        ("2147483.648", "is '2147483.648', not between 0 and 2147483.647"),
        ("0x10", "is '0x10', not a number"),
        ("1_0", "is '1_0', not a number"),
        (" 1", "is ' 1', not a number"),
        ('"0,5"', "is '0,5', with a decimal comma; write a point"),
        ("x", "is 'x', not a number"),
    ],
)
def test_a_wrong_energy_has_its_instant_and_column(folder: Path, text: str, reason: str) -> None:
    path = folder / "production.csv"
    replace_line(path, 3, f"{SECOND_HOUR},{text}")
    assert faults_of(folder) == [f"production.csv, {SECOND_HOUR}: column kwh {reason}"]


@pytest.mark.parametrize("text", ["0", "-0", "+1", "1.", ".5", "1e-3", '"2"'])
def test_plain_numbers_are_energy(folder: Path, text: str) -> None:
    replace_line(folder / "production.csv", 3, f"{SECOND_HOUR},{text}")
    expected = float(text.strip('"'))
    assert read_community_folder(folder).generation_kwh[0, 1] == expected


@pytest.mark.parametrize("text", ["", "nan", "x", "1e7"])
def test_prices_must_be_finite(folder: Path, text: str) -> None:
    replace_cell(folder / "prices.csv", 3, 2, text)
    (fault,) = faults_of(folder)
    assert fault.startswith(f"prices.csv, {SECOND_HOUR}: column surplus_eur_kwh is ")


def test_prices_may_be_negative(folder: Path) -> None:
    replace_cell(folder / "prices.csv", 3, 1, "-0.5")
    prices = read_community_folder(folder).energy_eur_per_kwh
    assert prices is not None
    assert prices[1] == -0.5


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2023-01-01 00:00:00Z", "ts_utc is '2023-01-01 00:00:00Z'"),
        ("2023-01-01T00:00:00", "ts_utc is '2023-01-01T00:00:00'"),
        ("2023-01-01T00:00:00+00:00", "ts_utc is '2023-01-01T00:00:00+00:00'"),
        ("2023-02-30T00:00:00Z", "ts_utc is '2023-02-30T00:00:00Z'"),
        ("2023-1-01T00:00:00Z", "ts_utc is '2023-1-01T00:00:00Z'"),
        (" 2023-01-01T00:00:00Z", "ts_utc is ' 2023-01-01T00:00:00Z'"),
        ("", "ts_utc is empty"),
    ],
)
def test_a_malformed_instant_has_its_line(folder: Path, text: str, fault: str) -> None:
    replace_line(folder / "production.csv", 3, f"{text},-1")
    assert faults_of(folder) == [
        f"production.csv, {SECOND_HOUR}: is missing",
        "production.csv, line 3: column kwh is '-1', negative",
        f"production.csv, line 3: {fault}; write it like 2023-06-30T22:00:00Z",
    ]


def test_a_missing_interval(folder: Path) -> None:
    replace_line(folder / "consumption.csv", 3, None)
    assert faults_of(folder) == [f"consumption.csv, {SECOND_HOUR}: is missing"]


def test_a_repeated_interval(folder: Path) -> None:
    path = folder / "production.csv"
    replace_line(path, 3, f"{SECOND_HOUR},0\r\n{SECOND_HOUR},0")
    assert faults_of(folder) == [f"production.csv, {SECOND_HOUR}: stands again in line 4"]


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("2022-12-31T22:00:00Z", "lies outside 2023 in Europe/Madrid (line 3)"),
        ("2023-12-31T23:00:00Z", "lies outside 2023 in Europe/Madrid (line 3)"),
        ("2023-01-01T00:30:00Z", "is not the start of an interval (line 3)"),
    ],
)
def test_a_foreign_interval(folder: Path, stamp: str, reason: str) -> None:
    replace_line(folder / "production.csv", 3, f"{stamp},0\r\n{SECOND_HOUR},0")
    assert faults_of(folder) == [f"production.csv, {stamp}: {reason}"]


@pytest.mark.parametrize("stamp", ["31/12/2022 23:00", "2022-12-31 23:00:00", ""])
def test_stamps_of_another_form_are_one_fault(folder: Path, stamp: str) -> None:
    change_stamps(folder / "production.csv", lambda _: stamp)
    assert faults_of(folder) == [
        (
            "production.csv, column ts_utc: none of its 8760 stamps is of the form"
            f" YYYY-MM-DDTHH:MM:SSZ; line 2 has '{stamp}'"
        )
    ]


def test_nearly_all_stamps_of_another_form_are_one_fault(folder: Path) -> None:
    change_stamps(folder / "production.csv", lambda text: text.replace("23:00:00Z", "23:00"))
    change_stamps(folder / "consumption.csv", lambda text: text.replace(":00Z", ""))
    replace_line(folder / "consumption.csv", 2, "2022-12-31T23:00:00Z,1,1,1,1")
    found = faults_of(folder)
    assert found[0] == (
        "consumption.csv, column ts_utc: only 1 of its 8760 stamps is of the form"
        " YYYY-MM-DDTHH:MM:SSZ; line 3 has '2023-01-01T00:00'"
    )
    assert len(found) == 1 + 2 * 365
    assert found[-1] == (
        "production.csv, line 8738: ts_utc is '2023-12-30T23:00';"
        " write it like 2023-06-30T22:00:00Z"
    )


def test_no_row_of_the_local_year_is_one_fault(folder: Path) -> None:
    path = folder / "production.csv"
    change_stamps(path, lambda _: "2020-12-31T23:00:00Z")
    assert faults_of(folder) == [
        (
            "production.csv: none of its 8760 rows lies in the local year 2023 in Europe/Madrid;"
            " they are from 2020-12-31T23:00:00Z to 2020-12-31T23:00:00Z"
        )
    ]


def test_a_wrong_year_in_the_properties_is_one_fault_a_file(folder: Path) -> None:
    path = folder / "community.json"
    path.write_text(path.read_text().replace('"year": 2023', '"year": 2024'))
    change_stamps(folder / "prices.csv", lambda text: text.replace("2022-12-31", "2023-12-31"))
    run = "they are from 2022-12-31T23:00:00Z to 2023-12-31T22:00:00Z"
    place = "the local year 2024 in Europe/Madrid"
    assert faults_of(folder) == [
        f"consumption.csv: none of its 8760 rows lies in {place}; {run}",
        (
            f"prices.csv: only 1 of its 8760 rows lies in {place}; they are from"
            " 2023-01-01T00:00:00Z to 2023-12-31T23:00:00Z"
        ),
        f"production.csv: none of its 8760 rows lies in {place}; {run}",
    ]


def test_rows_between_the_steps_are_one_fault(folder: Path) -> None:
    change_stamps(folder / "production.csv", lambda text: text.replace(":00:00Z", ":30:00Z"))
    assert faults_of(folder) == [
        (
            "production.csv, column ts_utc: none of its 8760 rows is the start of an interval;"
            " line 2 has 2022-12-31T23:30:00Z"
        )
    ]


def change_stamps(path: Path, change: Callable[[str], str]) -> None:
    """Change what stands in the first column of every line below the header."""
    header, *lines = path.read_text().splitlines()
    rows = [line.split(",", 1) for line in lines]
    path.write_bytes(
        "\r\n".join([header, *(f"{change(stamp)},{rest}" for stamp, rest in rows)]).encode()
    )


def test_intervals_out_of_order(folder: Path) -> None:
    path = folder / "production.csv"
    lines = path.read_bytes().split(b"\r\n")
    lines[2], lines[3] = lines[3], lines[2]
    path.write_bytes(b"\r\n".join(lines))
    assert faults_of(folder) == [
        f"production.csv, {SECOND_HOUR}: is out of order: line 4 comes after a later interval"
    ]


def test_every_kind_of_fault_of_every_file_in_one_pass(folder: Path) -> None:
    replace_cell(folder / "members.csv", 2, 4, "9.9TD")
    replace_cell(folder / "consumption.csv", 4, 1, "-1")
    replace_cell(folder / "consumption.csv", 4, 2, "")
    replace_line(folder / "production.csv", 8761, None)
    replace_line(folder / "prices.csv", 5, f"2023-01-01T02:00:00Z,0.1,0.1\r\n{SECOND_HOUR},1,1")
    assert faults_of(folder) == [
        "consumption.csv, 2023-01-01T01:00:00Z: column M1 is '-1', negative",
        "consumption.csv, 2023-01-01T01:00:00Z: column M2 is empty",
        "members.csv, line 2: tariff is '9.9TD', not one of 2.0TD, 3.0TD, 6.1TD",
        f"prices.csv, {SECOND_HOUR}: stands again in line 6",
        "production.csv, 2023-12-31T22:00:00Z: is missing",
    ]


def test_values_are_checked_even_where_year_members_and_plants_are_unknown(folder: Path) -> None:
    (folder / "community.json").write_text("{}")
    (folder / "members.csv").write_text("")
    for name in ("consumption", "production", "prices"):
        replace_cell(folder / f"{name}.csv", 3, 1, "x")
    found = [text for text in faults_of(folder) if not text.startswith("community.json")]
    assert found == [
        f"consumption.csv, {SECOND_HOUR}: column M1 is 'x', not a number",
        "members.csv: is empty",
        f"prices.csv, {SECOND_HOUR}: column energy_eur_kwh is 'x', not a number",
        f"production.csv, {SECOND_HOUR}: column kwh is 'x', not a number",
    ]


def test_a_member_without_a_column_and_a_column_without_a_member(folder: Path) -> None:
    replace_cell(folder / "consumption.csv", 1, 2, "m2")
    assert faults_of(folder) == [
        "consumption.csv, column M2: is missing",
        "consumption.csv, column m2: belongs to nothing that the folder lists",
    ]


def test_columns_stand_in_any_order(folder: Path, community: CommunityYear) -> None:
    path = folder / "consumption.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("\n".join(",".join(row[::-1]) for row in rows))
    assert_same_community(read_community_folder(folder), community)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("ts_utc,M1,M2,M1,R1", "header: names a column twice: 'M1'"),
        ("ts,M1,M2,M3,R1", "header: column ts_utc is missing"),
        ("ts_utc,M1,M2,M\x073,R1", "header: is not printable: 'M\\x073'"),
        ("ts_utc;M1;M2;M3;R1", "header: separates its columns by ';', should be ','"),
        ('ts_utc,"M1,M2,M3,R1', "line 2878: is not CSV (field larger than field limit"),
        ('ts_utc,"M1"x,M2,M3,R1', "line 1: is not CSV (',' expected after '\"')"),
        ("", "line 1: is blank; the first line names the columns"),
    ],
)
def test_a_header_that_cannot_be_used(folder: Path, header: str, fault: str) -> None:
    replace_line(folder / "consumption.csv", 1, header)
    (found,) = faults_of(folder)
    assert found.startswith(f"consumption.csv, {fault}")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ", header: column ts_utc is missing"),
        (b"ts_utc,kwh", ": holds 0 rows of one interval"),
        (b"ts_utc,kwh\r\n\r\n", ": holds 0 rows of one interval"),
        (b"ts_utc,kwh\n\xff\xfe,1\n", ", line 2: is not UTF-8 text"),
        (b"ts_utc,kwh\n\n\0,1\n", ", line 3: holds a NUL character"),
        (b'ts_utc,kwh\n2023-01-01T00:00:00Z,"6"7\n', ", line 2: has a quote inside a cell"),
    ],
)
def test_content_that_is_no_table(folder: Path, content: bytes, fault: str) -> None:
    (folder / "production.csv").write_bytes(content)
    assert faults_of(folder) == [f"production.csv{fault}"]


def test_a_line_without_end_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_csv, "_BLOCK_BYTES", 20)
    (fault,) = [text for text in faults_of(folder) if text.startswith("production")]
    assert fault.startswith("production.csv: is not CSV (straddling object")


def test_torn_lines_have_their_line_and_are_not_missing_too(folder: Path) -> None:
    path = folder / "production.csv"
    replace_line(path, 3, f"{SECOND_HOUR},0,5\r\n\r\n2023-01-01T00:30:00Z,0")
    replace_line(path, 8, "2023-01-01T03:00:00Z")
    assert faults_of(folder) == [
        "production.csv, 2023-01-01T00:30:00Z: is not the start of an interval (line 5)",
        "production.csv, line 3: has 3 cells, the header has 2",
        "production.csv, line 8: has 1 cells, the header has 2",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"\r\n", b"\r"),
        lambda data: data.removesuffix(b"\r\n"),
        lambda data: data + b"\r\n\r\n\n",
        lambda data: b'"' + data.replace(b",", b'","').replace(b"\r\n", b'"\n"')[:-1],
    ],
    ids=["mark", "LF", "CR", "no final line end", "trailing blank lines", "quotes"],
)
def test_marks_line_ends_and_quotes_do_not_matter(
    folder: Path, community: CommunityYear, change: Callable[[bytes], bytes]
) -> None:
    path = folder / "consumption.csv"
    path.write_bytes(change(path.read_bytes()))
    assert_same_community(read_community_folder(folder), community)


def test_a_missing_file_and_one_in_two_formats(folder: Path) -> None:
    (folder / "consumption.csv").unlink()
    (folder / "prices.csv.gz").touch()
    assert faults_of(folder) == [
        "consumption: is missing; give it as csv, csv.gz or parquet",
        "prices: stands in several files (prices.csv, prices.csv.gz); keep one",
    ]


def test_gzip_reads_like_plain_text(folder: Path, community: CommunityYear) -> None:
    path = folder / "consumption.csv"
    (folder / "consumption.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert_same_community(read_community_folder(folder), community)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-20], lambda _: b"no gzip", lambda data: data[:40] + b"x" + data[41:]],
    ids=["truncated", "plain", "flipped"],
)
def test_damaged_gzip_is_a_fault(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    path = folder / "production.csv"
    (folder / "production.csv.gz").write_bytes(damage(gzip.compress(path.read_bytes())))
    path.unlink()
    (fault,) = faults_of(folder)
    assert fault.startswith("production.csv.gz: is not a complete gzip file (")


def test_what_expands_without_end_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LARGEST_FILE_BYTES", 300_000)
    assert "consumption.csv: is larger than 300000 bytes" in faults_of(folder)


def test_too_many_rows_are_one_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_table, "MOST_ROWS", 8760)
    replace_line(folder / "production.csv", 3, f"{SECOND_HOUR},0\r\n{SECOND_HOUR},0")
    assert faults_of(folder) == ["production.csv: holds 8761 rows of one interval, more than 8760"]


def test_unquoted_decimal_commas_are_one_fault(folder: Path) -> None:
    path = folder / "consumption.csv"
    path.write_bytes(path.read_bytes().replace(b".", b","))
    assert faults_of(folder) == [
        (
            "consumption.csv: none of its 8760 rows has the 5 cells of the header; line 2 has 9:"
            " perhaps its numbers have decimal commas; write 0.126, not 0,126"
        )
    ]


def test_rows_of_too_few_cells_are_one_fault(folder: Path) -> None:
    path = folder / "consumption.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], *(line.replace(",", ";") for line in lines[3:])]))
    assert faults_of(folder) == [
        "consumption.csv: only 2 of its 8760 rows have the 5 cells of the header; line 4 has 1"
    ]


def test_quoted_decimal_commas_are_counted_by_column(folder: Path) -> None:
    path = folder / "consumption.csv"
    header, *lines = path.read_text().splitlines()
    quoted = [re.sub(r",([0-9]+)\.([0-9]+)", r',"\1,\2"', line) for line in lines]
    quoted[4] = quoted[4].rsplit(",", 2)[0] + ",-1"
    path.write_text("\n".join([header, *quoted]))
    found = faults_of(folder)
    assert len(found) == 1000 + 1 + 4
    assert found[5] == "consumption.csv, 2023-01-01T03:00:00Z: column R1 is '-1', negative"
    like = "more like it: with a decimal comma; write a point"
    assert found[-4:] == [
        f"consumption.csv, column M1: and 7760 {like}",
        f"consumption.csv, column M2: and 8760 {like}",
        f"consumption.csv, column M3: and 8760 {like}",
        f"consumption.csv, column R1: and 8759 {like}",
    ]


def test_a_thousand_alike_are_listed_one_by_one(folder: Path) -> None:
    path = folder / "production.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[1001:]]))
    found = faults_of(folder)
    assert len(found) == 1000
    assert found[-1] == "production.csv, 2023-02-11T14:00:00Z: is missing"
    path.write_text("\n".join([lines[0], *lines[1002:]]))
    assert faults_of(folder) == [*found, "production.csv: and 1 more like it: is missing"]


def test_faults_without_end_are_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_module, "FAULTS_KEPT", 5)
    path = folder / "production.csv"
    path.write_bytes(path.read_bytes().replace(b"Z,", b"Z,-1"))
    found = faults_of(folder)
    assert len(found) == 6
    assert found[0] == "production.csv, 2022-12-31T23:00:00Z: column kwh is '-10.0', negative"
    assert found[5] == "production.csv: 8755 more faults are not listed"


def test_an_unreadable_file_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(decoding, "open", refuse, raising=False)
    assert "members.csv: cannot be read (Permission denied)" in faults_of(folder)


def test_hourly_prices_without_surplus(folder: Path) -> None:
    path = folder / "prices.csv"
    lines = [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    read = read_community_folder(folder)
    assert read.surplus_eur_per_kwh is not None
    np.testing.assert_array_equal(read.surplus_eur_per_kwh, np.zeros(8760))


def test_prices_of_the_market_are_a_column_of_their_own(folder: Path) -> None:
    path = folder / "prices.csv"
    heading, *lines = path.read_text().splitlines()
    market = [f"{line},{hour % 24 / 1000}" for hour, line in enumerate(lines)]
    path.write_text("\n".join([f"{heading},day_ahead_eur_kwh", *market]))
    read = read_community_folder(folder)
    assert read.day_ahead_eur_per_kwh is not None
    np.testing.assert_array_equal(read.day_ahead_eur_per_kwh, np.arange(8760) % 24 / 1000)


def test_a_price_column_of_another_name_is_a_fault(folder: Path) -> None:
    replace_cell(folder / "prices.csv", 1, 1, "energy")
    replace_line(folder / "prices.csv", 3, None)
    assert faults_of(folder) == [
        f"prices.csv, {SECOND_HOUR}: is missing",
        "prices.csv, column energy: belongs to nothing that the folder lists",
        "prices.csv, column energy_eur_kwh: is missing",
    ]
