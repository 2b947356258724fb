from datetime import date
from pathlib import Path

import pytest

from loaders.community_folder import read_community_folder
from loaders.faults import FaultyInputError, MissingInputError
from loaders.members_list import read_members_cups
from tests.support.community_folders import make_cups
from tests.support.editing import replace_cell, replace_line
from tests.support.faults import faults_of

HEADER = "member_id,role,kind,cups,tariff,contracted_kw"
MEMBER_ID, ROLE, KIND, CUPS, TARIFF, CONTRACTED_KW = range(6)
BETWEEN_KW = "not between 0 and 2147483.647"


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        (MEMBER_ID, "", "member_id is empty"),
        (MEMBER_ID, " M2", "member_id is ' M2', with spaces around or unprintable"),
        (MEMBER_ID, "M\x072", "member_id is 'M\\x072', with spaces around or unprintable"),
        (MEMBER_ID, "M" * 101, "member_id has 101 characters, more than 100"),
        (MEMBER_ID, "ts_utc", "member_id is ts_utc, the name of the time column"),
        (MEMBER_ID, "M1", "member_id 'M1' stands already in line 2"),
        (ROLE, "", "role is empty"),
        (ROLE, "Member", "role is 'Member', neither member nor reserve"),
        (KIND, "k" * 101, "kind has 101 characters, more than 100"),
        (KIND, "k\x07", "kind is 'k\\x07', which holds unprintable characters"),
        (CUPS, "", "cups is empty"),
        (CUPS, make_cups(1), f"cups '{make_cups(1)}' stands already in line 2"),
        (CUPS, "ES1", "cups is 'ES1', which has 3 characters, not 20 or 22"),
        (
            CUPS,
            make_cups(2).lower(),
            (
                f"cups is '{make_cups(2).lower()}', which is not ES, 16 digits and 2 letters;"
                f" write {make_cups(2)}"
            ),
        ),
        (
            CUPS,
            f" ES-{make_cups(2)[2:12]} {make_cups(2)[12:]}",
            (
                f"cups is ' ES-{make_cups(2)[2:12]} {make_cups(2)[12:]}',"
                f" which has 25 characters, not 20 or 22; write {make_cups(2)}"
            ),
        ),
        (
            CUPS,
            "es0031300000000002aa0f",
            "cups is 'es0031300000000002aa0f', which is not ES, 16 digits and 2 letters",
        ),
        (
            CUPS,
            "ES0031300000000002AA0F",
            "cups is 'ES0031300000000002AA0F', which has check letters AA, should be EB",
        ),
        (TARIFF, "", "tariff is empty"),
        (TARIFF, "2.0A", "tariff is '2.0A', not one of 2.0TD, 3.0TD, 6.1TD"),
        (CONTRACTED_KW, "", "contracted_kw is empty"),
        (CONTRACTED_KW, "0", "contracted_kw is 0, not above zero"),
        (CONTRACTED_KW, "-1", f"contracted_kw is '-1', {BETWEEN_KW}"),
        (CONTRACTED_KW, "1e400", f"contracted_kw is '1e400', {BETWEEN_KW}"),
        (CONTRACTED_KW, "nan", "contracted_kw is 'nan', not a finite number"),
        (
            CONTRACTED_KW,
            '"4,6"',
            "contracted_kw is '4,6', with a decimal comma; write a point",
        ),
        (CONTRACTED_KW, "0x10", "contracted_kw is '0x10', not a number"),
        (CONTRACTED_KW, "1_0", "contracted_kw is '1_0', not a number"),
        (
            CONTRACTED_KW,
            "15.5",
            (
                "contracted_kw is 15.5: 15.5 kW are contracted, and 2.0TD is for at most 15 kW:"
                " correct the power or the tariff"
            ),
        ),
        (
            CONTRACTED_KW,
            "15.0005",
            (
                "contracted_kw is 15.0005: 15.0005 kW are contracted, and 2.0TD is for at most 15"
                " kW: correct the power or the tariff"
            ),
        ),
        (CONTRACTED_KW, "4.6 ", "contracted_kw is '4.6 ', not a number"),
    ],
)
def test_one_wrong_cell_is_one_fault(folder: Path, column: int, text: str, reason: str) -> None:
    replace_cell(folder / "members.csv", 3, column, text)
    in_list = [fault for fault in faults_of(folder) if fault.startswith("members.csv")]
    assert in_list == [f"members.csv, line 3: {reason}"]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("current_beta", "1.1", "is '1.1', not between 0 and 1"),
        ("current_beta", "-0.1", "is '-0.1', not between 0 and 1"),
        ("current_beta", "inf", "is 'inf', not a finite number"),
        ("investment_eur", "-1", "is '-1', not between 0 and 21474836.47"),
        ("lat", "90.5", "is '90.5', not between -90 and 90"),
        ("yearly_kwh", "-1", "is '-1', not between 0 and 1000000000"),
        ("lon", "east", "is 'east', not a number"),
        ("joined_on", "2023-02-30", "is '2023-02-30', which the calendar lacks"),
        ("joined_on", "20230201", "is '20230201', not a date such as 2023-07-01"),
    ],
)
def test_optional_columns_are_checked_when_they_are_there(
    folder: Path, column: str, text: str, reason: str
) -> None:
    add_column(folder / "members.csv", column, ["", text, "", ""])
    assert faults_of(folder) == [f"members.csv, line 3: {column} {reason}"]


def add_column(path: Path, name: str, cells: list[str]) -> None:
    lines = path.read_text().splitlines()
    path.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, [name, *cells], strict=True)))


def test_optional_columns_are_read_and_empty_cells_are_none(folder: Path) -> None:
    path = folder / "members.csv"
    for name, text in {
        "current_beta": "0.25",
        "investment_eur": "1500.50",
        "lat": "-1",
        "lon": "2",
        "joined_on": "2023-07-01",
        "yearly_kwh": "2450.5",
        "unknown": "ignored",
    }.items():
        add_column(path, name, [text, "", "", ""])
    first, second, *_ = read_community_folder(folder).members
    assert (first.current_beta, first.investment_eur) == (0.25, 1500.5)
    assert (first.lat, first.lon, first.joined_on) == (-1.0, 2.0, date(2023, 7, 1))
    assert (second.current_beta, second.investment_eur, second.lat) == (None, None, None)
    assert (second.lon, second.joined_on) == (None, None)
    assert (first.yearly_kwh, second.yearly_kwh) == (2450.5, None)


def test_ids_stay_text(folder: Path) -> None:
    texts = ["NA", "007", "1e5", "null"]
    for line, text in enumerate(texts, 2):
        replace_cell(folder / "members.csv", line, MEMBER_ID, text)
    replace_line(folder / "consumption.csv", 1, "ts_utc,NA,007,1e5,null")
    read = read_community_folder(folder)
    assert [member.member_id for member in read.members] == texts


def test_quotes_marks_line_ends_and_blank_lines_do_not_matter(folder: Path) -> None:
    path = folder / "members.csv"
    text = path.read_text().replace("M1,member", '"M1","member"').replace("home", '"a, ""b"""')
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\r\n", "\n").encode() + b"\n\n\r\n")
    assert read_community_folder(folder).members[0].kind == 'a, "b"'


def test_rows_of_empty_cells_are_skipped_and_keep_their_number(folder: Path) -> None:
    path = folder / "members.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], ",,,,,", *lines[2:], ",,,,,", ",,,", '"",""']))
    assert len(read_community_folder(folder).members) == 4
    path.write_text("\n".join([*lines[:2], ",,,,,", lines[2].replace("member", "boss")]))
    assert "members.csv, line 4: role is 'boss', neither member nor reserve" in faults_of(folder)


@pytest.mark.parametrize(
    ("text", "faults_of_list"),
    [
        ("", [": is empty"]),
        ("\n\n", [": is empty"]),
        (HEADER, [": nobody has the role member"]),
        (HEADER.replace(",", ";"), [", line 1: separates its columns by ';', should be ','"]),
        (
            "member_id,role,cups",
            [", line 1: column contracted_kw is missing", ", line 1: column tariff is missing"],
        ),
        (f"{HEADER},role", [", line 1: column role stands twice"]),
        (
            f"{HEADER}\nM1,member",
            [", line 2: has 2 cells, the header has 6"],
        ),
        (
            f"{HEADER}\nR1,reserve,,{make_cups(1)},2.0TD,3",
            [": nobody has the role member"],
        ),
        (f'{HEADER}\n"M1', [", line 2: is not CSV (unexpected end of data)"]),
    ],
)
def test_a_list_without_its_form(folder: Path, text: str, faults_of_list: list[str]) -> None:
    (folder / "members.csv").write_text(text)
    in_list = [fault for fault in faults_of(folder) if fault.startswith("members.csv")]
    assert in_list == [f"members.csv{fault}" for fault in faults_of_list]


def test_latin_1_is_refused_with_its_line(folder: Path) -> None:
    path = folder / "members.csv"
    path.write_bytes(path.read_bytes().replace(b"home", "piña".encode("latin-1")))
    assert faults_of(folder) == ["members.csv, line 2: is not UTF-8 text"]


def test_a_folder_in_place_of_the_list(folder: Path) -> None:
    (folder / "members.csv").unlink()
    (folder / "members.csv").mkdir()
    assert faults_of(folder) == ["members.csv: is not a regular file"]


def test_cups_of_members_without_the_reserve(folder: Path) -> None:
    cups = read_members_cups(folder / "members.csv")
    assert cups == [make_cups(1), make_cups(2), make_cups(3)]


def test_cups_of_a_faulty_or_missing_list(folder: Path) -> None:
    path = folder / "members.csv"
    renamed = path.rename(folder / "list.csv")
    with pytest.raises(MissingInputError):
        read_members_cups(path)
    replace_cell(renamed, 2, ROLE, "boss")
    with pytest.raises(FaultyInputError, match=r"list\.csv, line 2: role is 'boss'"):
        read_members_cups(renamed)
    renamed.write_bytes(b"")
    with pytest.raises(FaultyInputError, match=r"list\.csv: is empty"):
        read_members_cups(renamed)
