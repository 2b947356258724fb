from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.coefficient_table import (
    CoefficientTable,
    FaultyCoefficientsError,
    read_coefficient_table,
)
from loaders.decoding import UnreadableFileError
from loaders.distributor_file_faults import FaultCode
from models.values.errors import InvalidDataError
from tests.support.community_folders import make_cups
from tests.support.workbooks import make_workbook

ONE, TWO, THREE = make_cups(1), make_cups(2), make_cups(3)


def table(*shares: str, header: str = "CUPS;Coeficiente") -> bytes:
    rows = [f"{make_cups(place)};{share}" for place, share in enumerate(shares, 1)]
    return "\n".join([header, *rows]).encode()


@pytest.mark.parametrize(
    ("data", "millionths"),
    [
        (table("0,333333", "0,333333", "0,333334"), (333_333, 333_333, 333_334)),
        (table("0.5", "0.25", "0.25"), (500_000, 250_000, 250_000)),
        (table("12,3456 %", "50%", "37,6544%"), (123_456, 500_000, 376_544)),
        (table("12,3456", "50", "37,6544", header="cups;Porcentaje"), (123_456, 500_000, 376_544)),
        (table("25 %", "0,25", "0,5"), (250_000, 250_000, 500_000)),
        (table("0", "1", "0,000000"), (0, 1_000_000, 0)),
    ],
)
def test_shares_and_percentages_are_exact(data: bytes, millionths: tuple[int, ...]) -> None:
    read = read_coefficient_table(data)
    assert read.cups == (ONE, TWO, THREE)
    assert read.millionths == millionths


def test_workbooks_hold_what_a_spreadsheet_shows() -> None:
    rows = [["Reparto 2026"], ["CUPS", "β", "Beta"], [ONE, "x", 0.1 + 0.2], [TWO, "y", 0.7]]
    read = read_coefficient_table(make_workbook(rows))
    assert read == CoefficientTable(
        (ONE, TWO), (300_000, 700_000), ("numbers were read as shares of one",)
    )


def faults_of(data: bytes) -> Sequence[tuple[int | None, str]]:
    with pytest.raises(FaultyCoefficientsError) as caught:
        read_coefficient_table(data)
    return [(fault.line, fault.code.value) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (table("0,5", "0,4"), [(None, "sum")]),
        (table("0,3333333", "0,3333333", "0,3333334"), [(2, "scale"), (3, "scale"), (4, "scale")]),
        (table("33,33333 %", "66,66667 %"), [(2, "scale"), (3, "scale")]),
        (table("-0,5", "1,5"), [(2, "range"), (3, "range")]),
        (table("0,5", "medio", ""), [(3, "malformed_line"), (4, "malformed_line")]),
        (f"CUPS;Beta\n{ONE};0,5\n{ONE};0,5".encode(), [(3, "duplicate_cups")]),
        (f"CUPS;Beta\n{ONE};0,5\n{ONE[:20]};0,5".encode(), [(3, "duplicate_cups")]),
        (f"CUPS;Beta\n{ONE[:20]};0,5\n{ONE};0,5".encode(), [(3, "duplicate_cups")]),
        (
            b"CUPS;Beta\nES1;0,5\nES0031300000000002AA0F;0,5",
            [(2, "cups_length"), (3, "cups_check")],
        ),
        (f"CUPS;Beta\n{ONE};1\n{TWO}".encode(), [(3, "malformed_line")]),
        (b"CUPS;Beta", [(None, "malformed_line")]),
        (b"a;b\n1;2", [(None, "malformed_line"), (None, "malformed_line")]),
        (f"CUPS;Beta;Porcentaje;beta\n{ONE};1;100;1".encode(), [(None, "malformed_line")]),
    ],
)
def test_faults_have_the_codes_of_the_distributors_file(
    data: bytes, faults: list[tuple[int | None, str]]
) -> None:
    assert faults_of(data) == faults


def test_two_measuring_points_of_one_supply_are_two() -> None:
    data = f"CUPS;Beta\n{ONE};0,5\n{ONE[:20]}1P;0,5".encode()
    assert read_coefficient_table(data).millionths == (500_000, 500_000)


def test_the_error_tells_the_first_faults_and_counts_the_others() -> None:
    with pytest.raises(FaultyCoefficientsError) as caught:
        read_coefficient_table(table(*["x"] * 30))
    lines = str(caught.value).splitlines()
    assert lines[0] == "row 2: coefficient is 'x', not a number such as 0,123456"
    assert (len(lines), lines[-1]) == (21, "and 10 more")
    assert {fault.code for fault in caught.value.faults} == {FaultCode.MALFORMED_LINE}


def test_files_that_are_no_table() -> None:
    with pytest.raises(UnreadableFileError, match="is empty"):
        read_coefficient_table(b"\n\n")
    with pytest.raises(InvalidDataError, match="is no sound zip file"):
        read_coefficient_table(b"PK\x03\x04")


@given(cuts=st.sets(st.integers(1, 999_999), max_size=12), as_percent=st.booleans())
def test_any_coefficients_that_sum_to_one_come_back(cuts: set[int], as_percent: bool) -> None:
    borders = [0, *sorted(cuts), 1_000_000]
    millionths = tuple(b - a for a, b in pairwise(borders))
    texts = [
        f"{share // 10_000},{share % 10_000:04d} %" if as_percent else f"{share / 1e6:.6f}"
        for share in millionths
    ]
    assert read_coefficient_table(table(*texts)).millionths == millionths


@settings(max_examples=200)
@given(data=st.binary(max_size=300), prefix=st.sampled_from([b"", b"CUPS;Beta\n"]))
def test_any_bytes_give_coefficients_or_typed_errors(data: bytes, prefix: bytes) -> None:
    try:
        assert sum(read_coefficient_table(prefix + data).millionths) == 1_000_000
    except InvalidDataError:
        return
