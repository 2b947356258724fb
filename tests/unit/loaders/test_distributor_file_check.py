import csv
import re
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import distributor_file_faults, distributor_file_lines
from loaders.distributor_file_check import validate_distributor_file
from loaders.distributor_file_faults import FaultCode
from loaders.distributor_file_lines import HOURS
from loaders.faults import FaultyInputError, MissingInputError
from loaders.members_list import read_members_cups
from loaders.number_text import excerpt_of
from models.values.cups import Cups
from tests.support.community_folders import make_cau, make_cups

CAU = make_cau(1)
ONE, TWO, THREE = MEMBERS = [make_cups(number) for number in (1, 2, 3)]
SOUND = [f"{ONE};0,333333", f"{TWO};0,333333", f"{THREE};0,333334"]
SHORT = Cups(THREE[:20])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("file") / f"{CAU}_2026.txt"


def check(folder: Path, *lines: str, name: str = f"{CAU}_2026.txt") -> list[str]:
    """Write a file of lines in CRLF and give its faults as text."""
    return check_bytes(folder, "".join(f"{line}\r\n" for line in lines).encode(), name)


def check_bytes(folder: Path, data: bytes, name: str = f"{CAU}_2026.txt") -> list[str]:
    path = folder / name
    path.write_bytes(data)
    faults = validate_distributor_file(path, members=MEMBERS, cau=CAU)
    return [f"{fault.line} {fault.code} {fault.message}" for fault in faults]


def test_a_sound_file_has_no_fault_whatever_its_order_and_line_ends(tmp_path: Path) -> None:
    assert check(tmp_path, *SOUND) == []
    assert check(tmp_path, *SOUND[::-1]) == []
    assert check_bytes(tmp_path, "\n".join(SOUND).encode()) == []
    assert validate_distributor_file(tmp_path / f"{CAU}_2026.txt") == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("coeficientes.txt", "name_shape name 'coeficientes.txt' is not CAU_YYYY.txt"),
        (f"{CAU}_2026.TXT", f"name_shape name '{CAU}_2026.TXT' is not CAU_YYYY.txt"),
        (f"{CAU}_26.txt", f"name_shape name '{CAU}_26.txt' is not CAU_YYYY.txt"),
        (
            f"{CAU.lower()}_2026.txt",
            f"name_shape name '{CAU.lower()}_2026.txt' is not CAU_YYYY.txt",
        ),
        (
            f"{CAU[:-1]}X_2026.txt",
            f"cau_check name: CAU '{CAU[:-1]}X': does not end in A and 3 digits",
        ),
        (f"{make_cau(2)}_2026.txt", f"cau_mismatch name carries {make_cau(2)}, not {CAU}"),
    ],
)
def test_the_name_is_checked(tmp_path: Path, name: str, fault: str) -> None:
    assert check(tmp_path, *SOUND, name=name) == [f"None {fault}"]


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("", ["malformed_line the line is empty, should be CUPS;coefficient"]),
        (f"{TWO} 0,333333", [f"malformed_line '{TWO} 0,333333' is not CUPS;coefficient"]),
        (f"{TWO};0,333333;", [f"malformed_line '{TWO};0,333333;' is not CUPS;coefficient"]),
        (f"{TWO};1;0,333333", [f"malformed_line '{TWO};1;0,333333' is not CUPS;coefficient"]),
        (
            f"{TWO};0,3\r33333",
            [f"malformed_line '{TWO};0,3\\r33333' holds a carriage return without a line feed"],
        ),
        (f"{TWO};", ["malformed_line coefficient '' is not a number such as 0,123456"]),
        (f"{TWO};x", ["malformed_line coefficient 'x' is not a number such as 0,123456"]),
        (
            f"{TWO};0,333333 ",
            ["malformed_line coefficient '0,333333 ' is not a number such as 0,123456"],
        ),
        (
            f"{TWO};00,333333",
            ["malformed_line coefficient '00,333333' is not a number such as 0,123456"],
        ),
        (
            f"{TWO};0,{'3' * 60}",
            [
                f"malformed_line coefficient '0,{'3' * 38}'... is not a number such as 0,123456"
            ],
        ),
        (
            f"{TWO};０,333333",
            ["encoding '" + f"{TWO};０,333333".encode().decode("latin-1").replace("\x90", "\\x90")
             .replace("\xa0", "\\xa0") + "' holds characters outside ASCII"],
        ),
        (
            f"{TWO};0.333333",
            ["decimal_separator coefficient 0.333333 has a decimal point, should be a comma"],
        ),
        (f"{TWO};0,3333330", ["scale coefficient 0,3333330 has 7 decimals, should be 6"]),
        (
            f"{TWO[:20]};0,333333",
            [f"cups_length CUPS '{TWO[:20]}' has 20 characters, should be 22"],
        ),
        (
            f"{TWO[:-1]};0,333333",
            [f"cups_length CUPS '{TWO[:-1]}' has 21 characters, should be 22"],
        ),
        (
            f"{TWO.lower()};0,333333",
            [f"cups_check CUPS '{TWO.lower()}': is not ES, 16 digits and 2 letters"],
        ),
        (
            f"{TWO[:18]}AA0F;0,333333",
            [f"cups_check CUPS '{TWO[:18]}AA0F': has check letters AA, should be {TWO[18:20]}"],
        ),
        (
            f"{TWO[:18]}AA;0,333333",
            [
                f"cups_length CUPS '{TWO[:18]}AA' has 20 characters, should be 22",
                f"cups_check CUPS '{TWO[:18]}AA': has check letters AA, should be {TWO[18:20]}",
            ],
        ),
    ],
)  # fmt: skip
def test_a_wrong_line_is_reported_without_what_follows_from_it(
    tmp_path: Path, line: str, faults: list[str]
) -> None:
    found = check(tmp_path, SOUND[0], line, SOUND[2])
    if not line:  # nothing in an empty line can be the second member's coefficient
        assert found.pop(1) == f"None missing_cups member {TWO} has no line"
        assert found.pop(1) == "None sum coefficients sum to 0,666667, should be 1,000000"
    assert found == [f"2 {fault}" for fault in faults]


def test_values_out_of_range_still_count_in_the_sum(tmp_path: Path) -> None:
    lines = [f"{ONE};-0,5", f"{TWO};1.500000", f"{THREE};0,100000"]
    assert check(tmp_path, *lines) == [
        "1 scale coefficient -0,5 has 1 decimals, should be 6",
        "1 range coefficient -0,5 is not between 0 and 1",
        "2 decimal_separator coefficient 1.500000 has a decimal point, should be a comma",
        "2 range coefficient 1.500000 is not between 0 and 1",
        "None sum coefficients sum to 1,100000, should be 1,000000",
    ]


def test_a_coefficient_of_one_and_zeros_is_sound(tmp_path: Path) -> None:
    assert check(tmp_path, f"{ONE};1,000000", f"{TWO};0,000000", f"{THREE};0,000000") == []


@pytest.mark.parametrize(
    ("third", "shown"), [("0,333333", "0,999999"), ("0,3333341", "1,000000100000")]
)
def test_the_sum_is_exact(tmp_path: Path, third: str, shown: str) -> None:
    found = check(tmp_path, SOUND[0], SOUND[1], f"{THREE};{third}")
    assert found[-1] == f"None sum coefficients sum to {shown}, should be 1,000000"


def test_a_repeated_line_is_not_also_a_wrong_sum(tmp_path: Path) -> None:
    repeated = f"4 duplicate_cups {ONE} stands already in line 1"
    assert check(tmp_path, *SOUND, SOUND[0]) == [repeated]
    assert check(tmp_path, *SOUND, f"{ONE};0,000000") == [repeated]
    assert check(tmp_path, *SOUND[:2], f"{THREE};0,333333", f"{ONE};0,000002") == [
        repeated,
        "None sum coefficients sum to 1,000001, should be 1,000000",
    ]


def test_unknown_and_missing_members(tmp_path: Path) -> None:
    stranger = make_cups(4)
    assert check(tmp_path, *SOUND[:2], f"{stranger};0,333334") == [
        f"3 unknown_cups CUPS {stranger} is not among the members",
        f"None missing_cups member {THREE} has no line",
    ]


def test_a_heading_cannot_hide_a_member(tmp_path: Path) -> None:
    assert check(tmp_path, "CUPS;Coeficiente", *SOUND[:2]) == [
        "1 malformed_line coefficient 'Coeficiente' is not a number such as 0,123456",
        f"None missing_cups member {THREE} has no line",
        "None sum coefficients sum to 0,666666, should be 1,000000",
    ]


def test_a_member_listed_with_20_characters_is_the_one_with_22(tmp_path: Path) -> None:
    path = tmp_path / f"{CAU}_2026.txt"
    path.write_text("\n".join(SOUND))
    assert validate_distributor_file(path, members=[ONE, TWO, SHORT]) == []


def test_an_empty_file(tmp_path: Path) -> None:
    assert check(tmp_path) == [
        *(f"None missing_cups member {cups} has no line" for cups in MEMBERS),
        "None sum coefficients sum to 0,000000, should be 1,000000",
    ]


def test_marks_and_other_encodings(tmp_path: Path) -> None:
    text = "\r\n".join(SOUND)
    assert check_bytes(tmp_path, text.encode("utf-8-sig")) == [
        "1 bom the file begins with a byte order mark; save it without"
    ]
    assert check_bytes(tmp_path, text.encode("utf-16")) == [
        "1 encoding the file is UTF-16; save it as ASCII"
    ]
    assert check_bytes(tmp_path, text.encode() + b"\r\n\xf1\r\n") == [
        "4 encoding 'ñ' holds characters outside ASCII"
    ]


def test_old_macintosh_line_ends_are_one_fault(tmp_path: Path) -> None:
    (fault,) = [f for f in check_bytes(tmp_path, "\r".join(SOUND).encode()) if f[0] == "1"]
    assert fault.endswith("holds a carriage return without a line feed")


def hourly(*changes: tuple[int, str, str]) -> list[str]:
    """Give a sound hourly file, some of whose lines are replaced: (hour, cups, new line)."""
    replaced = {(hour, cups): line for hour, cups, line in changes}
    lines = [
        replaced.get((hour, cups), f"{cups};{hour:04d};{share}")
        for hour in range(1, HOURS + 1)
        for cups, share in zip(MEMBERS, ("0,333333", "0,333333", "0,333334"), strict=True)
    ]
    return [line for line in lines if line]


def test_a_sound_hourly_file_has_no_fault(tmp_path: Path) -> None:
    assert check(tmp_path, *hourly()) == []
    assert check(tmp_path, *(re.sub(";0+(?=[0-9]+;)", ";", line) for line in hourly())) == []
    assert check(tmp_path, *sorted(hourly())) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ([(5, TWO, "")], [f"None hour_missing {TWO} has no line for hour 5"]),
        (
            [(5, TWO, ""), (6, TWO, "")],
            [f"None hour_missing {TWO} has no line for hours 5 to 6"],
        ),
        (
            [(5, TWO, f"{TWO};0004;0,333333")],
            [
                f"14 hour_repeated hour 4 of {TWO} stands already in line 11",
                f"None hour_missing {TWO} has no line for hour 5",
            ],
        ),
        (
            [(5, TWO, f"{TWO};5;0,333332"), (7, ONE, f"{ONE};7;0,333335")],
            [
                "13 sum hour 5: coefficients sum to 0,999999, should be 1,000000",
                "19 sum hour 7: coefficients sum to 1,000002, should be 1,000000",
            ],
        ),
        (
            [(8760, TWO, f"{TWO};8761;0,333333")],
            [
                "26279 range hour 8761 is not between 1 and 8760",
                f"None hour_missing {TWO} has no line for hour 8760",
            ],
        ),
        (
            [(1, TWO, f"{TWO};0;0,333333")],
            [
                "2 range hour 0 is not between 1 and 8760",
                f"None hour_missing {TWO} has no line for hour 1",
            ],
        ),
        (
            [(5, TWO, f"{TWO};00005;0,333333")],
            ["14 malformed_line hour '00005' is not a whole number of up to four digits"],
        ),
        (
            [(5, TWO, f"{TWO};0005;x")],
            ["14 malformed_line coefficient 'x' is not a number such as 0,123456"],
        ),
        (
            [(5, TWO, f"{TWO};0,333333")],
            [f"14 malformed_line '{TWO};0,333333' is not CUPS;hour;coefficient"],
        ),
        (
            [(5, TWO, f"{TWO.lower()};0005;0,333333")],
            [f"14 cups_check CUPS '{TWO.lower()}': is not ES, 16 digits and 2 letters"],
        ),
        (
            [(5, TWO, f"{TWO};0005;0.333333")],
            ["14 decimal_separator coefficient 0.333333 has a decimal point, should be a comma"],
        ),
    ],
)
def test_faults_of_an_hourly_file(
    tmp_path: Path, changes: list[tuple[int, str, str]], faults: list[str]
) -> None:
    found = check(tmp_path, *hourly(*changes))
    # the sum of an hour stands at its first line, with what concerns the whole file
    assert sorted(found) == sorted(faults)


def test_an_hourly_file_that_ends_early(tmp_path: Path) -> None:
    assert check(tmp_path, *hourly()[:30]) == [
        f"None hour_missing {cups} has no line for hours 11 to 8760" for cups in MEMBERS
    ]


def test_an_hourly_file_without_any_real_hour(tmp_path: Path) -> None:
    found = check(tmp_path, f"{ONE};9000;1,000000")
    assert [text.split()[1] for text in found] == [
        "range",
        "missing_cups",
        "missing_cups",
        "hour_missing",
    ]


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError):
        validate_distributor_file(tmp_path / "none.txt")
    with pytest.raises(FaultyInputError, match="is not a regular file"):
        validate_distributor_file(tmp_path)


def expected_codes(samples: Path) -> dict[str, set[str]]:
    with (samples / "expected.csv").open(newline="") as file:
        return {row["folder"]: set(row["codes"].split()) for row in csv.DictReader(file)}


def test_shared_samples_give_their_codes(shared_data: Path) -> None:
    samples = shared_data / "formats" / "coeficientes"
    members = read_members_cups(samples / "members.csv")
    found = {}
    for folder in expected_codes(samples):
        (path,) = (samples / folder).iterdir()
        faults = validate_distributor_file(path, members=members)
        found[folder] = {fault.code.value for fault in faults}
    # two samples hold more than they are named for, and it is true of them
    beyond = {"duplicate": {"missing_cups"}, "several": {"sum"}}
    assert found == {
        folder: codes | beyond.get(folder, set())
        for folder, codes in expected_codes(samples).items()
    }


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06", b"\xd0\xcf\x11\xe0\x00"])
def test_a_workbook_is_one_fault(tmp_path: Path, start: bytes) -> None:
    assert check_bytes(tmp_path, start + bytes(range(256)) * 9) == [
        "1 encoding the file is not text, perhaps a workbook; save it as ASCII text"
    ]


def test_faults_of_one_kind_without_end_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributor_file_faults, "ALIKE_LISTED", 2)
    assert check(tmp_path, *["x"] * 5, *[f"{ONE[:21]};0,3"] * 3) == [
        "1 malformed_line 'x' is not CUPS;coefficient",
        "2 malformed_line 'x' is not CUPS;coefficient",
        "6 scale coefficient 0,3 has 1 decimals, should be 6",
        f"6 cups_length CUPS '{ONE[:21]}' has 21 characters, should be 22",
        "7 scale coefficient 0,3 has 1 decimals, should be 6",
        f"7 duplicate_cups {ONE[:21]} stands already in line 6",
        f"8 duplicate_cups {ONE[:21]} stands already in line 6",
        f"None missing_cups member {TWO} has no line",
        f"None missing_cups member {THREE} has no line",
        "None sum coefficients sum to 0,900000, should be 1,000000",
        "None malformed_line and 3 more like it",
        "None scale and 1 more like it",
    ]


def test_a_file_of_endless_lines_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributor_file_lines, "MOST_LINES", 10)
    with pytest.raises(FaultyInputError, match="holds 12 lines, more than 10"):
        check(tmp_path, *["x"] * 11)


def test_a_file_of_endless_supply_points_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributor_file_lines, "MOST_SUPPLIES", 2)
    with pytest.raises(FaultyInputError, match="names more than 2 supply points"):
        check(tmp_path, *SOUND)
    with pytest.raises(FaultyInputError, match="names more than 2 supply points"):
        check(tmp_path, *[f"{line};" for line in SOUND])


def test_a_hostile_file_is_judged_in_bounded_time(tmp_path: Path) -> None:
    started = perf_counter()
    found = check_bytes(tmp_path, f"{ONE};0001;0.1\n".encode() * 1_000_000)
    assert perf_counter() - started < 20  # about 1.5 on a quiet machine
    assert len(found) == 3007
    assert found[-3:] == [
        "None decimal_separator and 999000 more like it",
        "None scale and 999000 more like it",
        "None hour_repeated and 998999 more like it",
    ]


def test_blocks_of_lines_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [*SOUND, f"{ONE};0.3333331", "", f"{TWO[:20]};0,5", "x1", f"{THREE};0,0000004"]
    whole = check(tmp_path, *lines)
    assert len(whole) == 9
    tails = [f"{cups};{hour};0,333333{hour}" for hour in (1, 2) for cups in MEMBERS]
    by_hour = check(tmp_path, *tails)
    assert by_hour[-1] == "4 sum hour 2: coefficients sum to 0,999999600000, should be 1,000000"
    monkeypatch.setattr(distributor_file_lines, "_LINES_AT_ONCE", 2)
    assert check(tmp_path, *lines) == whole
    assert check(tmp_path, *tails) == by_hour


coefficients = st.builds(
    lambda sign, whole, decimals: f"{sign}{whole}{decimals and ','}{decimals}",
    st.sampled_from(["", "-"]),
    st.integers(0, 999_999),
    st.text("0123456789", max_size=30),
)


@given(texts=st.lists(coefficients, min_size=1, max_size=8))
def test_sums_are_exact_whatever_the_decimals(file: Path, texts: list[str]) -> None:
    lines = [f"{make_cups(number)};{text}" for number, text in enumerate(texts)]
    file.write_text("\n".join(lines))
    total = sum(Fraction(text.replace(",", ".")) for text in texts)

    sums = [fault for fault in validate_distributor_file(file) if fault.code is FaultCode.SUM]
    assert bool(sums) is (total != 1)


@pytest.mark.parametrize(
    ("texts", "is_one"),
    [
        (["0,333333333333333333333333333333"] * 3, False),
        (["0,333333333333333333333333333333"] * 2 + ["0,333333333333333333333333333334"], True),
        (["1,000000000000000000000000000001", "-0,000000000000000000000000000001"], True),
        (["0,999999999999", "0,000000000001"], True),
        (["0,9999999999999", "0,000000000001"], False),
    ],
)
def test_sums_carry_from_decimal_to_decimal(file: Path, texts: list[str], is_one: bool) -> None:
    lines = [f"{make_cups(number)};{text}" for number, text in enumerate(texts)]
    file.write_text("\n".join(lines))
    codes = {fault.code for fault in validate_distributor_file(file)}
    assert (FaultCode.SUM not in codes) is is_one


def test_a_millionth_of_a_millionth_above_one_is_out_of_range(tmp_path: Path) -> None:
    found = check(tmp_path, f"{ONE};1,000000000001", f"{TWO};-0,000000", f"{THREE};1,0000000")
    assert [text for text in found if "range" in text] == [
        "1 range coefficient 1,000000000001 is not between 0 and 1",
        "2 range coefficient -0,000000 is not between 0 and 1",
    ]


@pytest.mark.parametrize("text", ["1000000,000000", f"0,{'1' * 31}"])
def test_numbers_beyond_any_measure_are_malformed(tmp_path: Path, text: str) -> None:
    found = check(tmp_path, *SOUND[:2], f"{THREE};{text}")
    assert found == [
        f"3 malformed_line coefficient {excerpt_of(text)} is not a number such as 0,123456"
    ]


@given(data=st.binary(max_size=200))
def test_whatever_the_bytes_faults_are_found(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    faults = validate_distributor_file(file, members=MEMBERS, cau=CAU)
    assert faults
    assert all(fault.line is None or 1 <= fault.line <= data.count(b"\n") + 1 for fault in faults)


@pytest.mark.parametrize("cut", range(1, 64))
def test_a_torn_file_has_faults(file: Path, cut: int) -> None:
    data = "\r\n".join(SOUND).encode()
    file.write_bytes(data[: len(data) * cut // 64])
    assert validate_distributor_file(file, members=MEMBERS, cau=CAU)


def test_in_doubt_about_the_usual_number_of_lines_the_greater_counts(tmp_path: Path) -> None:
    found = check(tmp_path, *hourly()[:4])
    assert not [text for text in found if "sum" in text]


def test_a_line_of_semicolons_is_malformed(tmp_path: Path) -> None:
    (fault, *_) = check(tmp_path, ";" * 1_000_000)
    assert fault == f"1 malformed_line '{';' * 40}'... is not CUPS;coefficient"
