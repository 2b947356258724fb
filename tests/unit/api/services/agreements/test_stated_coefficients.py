"""What files of coefficients state, and what is said of those that do not."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.agreements.stated_coefficients import (
    FileYearContradictedError,
    NotCoefficientsError,
    SeveralFilesError,
    UnnamedPlantError,
    is_distributor_file,
    read_stated_coefficients,
    unpack_only_file,
)
from loaders.archived_files import NamedFile
from loaders.community_archive import OversizedArchiveError
from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.faults import FaultyInputError
from loaders.file_formats import FileFormat
from models.values.errors import CommunityError
from tests.support.community_folders import make_cau, make_cups
from tests.support.distributor_files import draw_shares
from tests.support.workbooks import make_workbook

CAU, YEAR = make_cau(1), 2026
NAME = name_distributor_file(CAU, YEAR)
CUPS = [make_cups(number) for number in (3, 1, 2)]
SHARES = [500_000, 300_000, 200_000]
STATED = dict(zip(CUPS, SHARES, strict=True))
CONSTANT = format_constant_file(CAU, YEAR, CUPS, SHARES)
TABLE = "\n".join(
    ["CUPS;Coeficiente", *(f"{cups};{share / 10_000} %" for cups, share in STATED.items())]
).encode()


def zip_files(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (NAME, CONSTANT),
        (f"{NAME}.gz", gzip.compress(CONSTANT, mtime=0)),
        ("all.zip", zip_files(**{f"2026/{NAME}": CONSTANT})),
    ],
)
@pytest.mark.parametrize("told", [{}, {"cau": CAU, "file_year": YEAR}])
def test_a_distributors_file_names_plant_and_year(name, data, told):
    stated = read_stated_coefficients(unpack_only_file(name, data), **told)
    assert (stated.cau, stated.file_year, stated.notes) == (CAU, YEAR, ())
    assert (stated.millionths, stated.hours) == (STATED, None)


def test_an_hourly_file_states_every_hour_and_the_means():
    shares = draw_shares(3, seed=8)
    file = NamedFile(NAME, format_hourly_file(CAU, YEAR, CUPS, shares))
    stated = read_stated_coefficients(file)
    assert list(stated.hours) == CUPS
    np.testing.assert_array_equal(np.stack(list(stated.hours.values())), shares)
    assert sum(stated.millionths.values()) == 1_000_000
    means = shares.mean(axis=1)
    assert all(
        abs(stated.millionths[cups] - mean) < 1 for cups, mean in zip(CUPS, means, strict=True)
    )


@pytest.mark.parametrize(
    "data",
    [
        TABLE,
        TABLE.replace(b"CUPS;", b"\xd1;CUPS;").replace(b"\nES", b"\nx;ES"),
        make_workbook([["CUPS", "Beta"], *[[cups, n / 1e6] for cups, n in STATED.items()]]),
    ],
    ids=["percentages", "further column, latin-1", "workbook"],
)
def test_a_table_states_shares_of_the_plant_that_is_told(data):
    stated = read_stated_coefficients(NamedFile("reparto", data), cau=CAU, file_year=YEAR)
    assert (stated.cau, stated.file_year, stated.hours) == (CAU, YEAR, None)
    assert stated.millionths == STATED
    assert len(stated.notes) == 1


@pytest.mark.parametrize("told", [{}, {"cau": CAU}, {"file_year": YEAR}])
def test_a_table_without_plant_or_year_is_refused(told):
    with pytest.raises(UnnamedPlantError, match="reparto is a table, which names no plant"):
        read_stated_coefficients(NamedFile("reparto", TABLE), **told)


def test_another_year_than_that_of_the_name_is_refused():
    with pytest.raises(FileYearContradictedError, match="is the file of 2026, not of 2027") as seen:
        read_stated_coefficients(NamedFile(NAME, CONSTANT), file_year=2027)
    assert (seen.value.named, seen.value.asked) == (2026, 2027)


def faults_of(name: str, data: bytes, **told) -> list[tuple[str | None, str | None]]:
    with pytest.raises(FaultyInputError) as caught:
        read_stated_coefficients(NamedFile(name, data), **told)
    assert {fault.file for fault in caught.value.faults} == {name}
    return [(fault.place, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "data", "faults"),
    [
        ("upload", CONSTANT, [(None, "name_shape")]),
        (name_distributor_file(make_cau(2), YEAR), CONSTANT, [(None, "cau_mismatch")]),
        (NAME, b"\xef\xbb\xbf" + CONSTANT.replace(b",5", b".4", 1), [
            ("line 1", "bom"), ("line 1", "decimal_separator"), (None, "sum")]),
        (NAME, CONSTANT.decode().encode("utf-16"), [("line 1", "encoding")]),
        ("reparto.csv", TABLE.replace(b"50.0", b"50.00001"), [(None, "sum"), ("row 2", "scale")]),
        ("reparto.csv", TABLE + b'\n"x', [("line 5", None)]),
        ("x.csv", b"CUPS;Nombre\nES0;x\n", [(None, "malformed_line")]),
    ],
)  # fmt: skip
def test_all_faults_are_told_with_their_codes(name, data, faults):
    assert faults_of(name, data, cau=CAU, file_year=YEAR) == faults


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        (b"<Facturae/>", FileFormat.FACTURAE_XML, "it is a Facturae invoice"),
        (b"MARGINALPDBC;\n", FileFormat.OMIE_MARGINALPDBC, "it begins with MARGINALPDBC"),
        (b"hello", FileFormat.UNKNOWN, "it is text that is no table"),
        (b"", FileFormat.UNKNOWN, "it is empty"),
    ],
)
def test_other_files_are_refused_by_what_they_are(data, form, words):
    with pytest.raises(NotCoefficientsError, match=words) as caught:
        read_stated_coefficients(NamedFile("x", data), cau=CAU, file_year=YEAR)
    assert caught.value.format is form


def test_one_file_is_taken():
    with pytest.raises(SeveralFilesError, match=r"all\.zip packs several files"):
        unpack_only_file("all.zip", zip_files(a=CONSTANT, b=TABLE))
    with pytest.raises(OversizedArchiveError):
        unpack_only_file("x", CONSTANT, len(CONSTANT) - 1)
    assert unpack_only_file("x", CONSTANT, len(CONSTANT)).content == CONSTANT


@pytest.mark.parametrize(
    ("file", "is_filed"),
    [
        (NamedFile("x", CONSTANT), True),
        (NamedFile(f"folder/{NAME}", b"\0"), True),
        (NamedFile(NAME.lower(), TABLE), False),
    ],
)
def test_a_distributors_file_is_told_by_content_or_name(file, is_filed):
    assert is_distributor_file(file) is is_filed


@given(
    base=st.sampled_from([CONSTANT, TABLE]),
    name=st.sampled_from([NAME, "reparto.csv"]),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.binary(min_size=1, max_size=3),
)
def test_torn_and_altered_files_give_typed_errors_only(base, name, place, byte):
    cut = int(place * len(base))
    for data in (base[:cut], base[:cut] + byte + base[cut + 1 :]):
        try:
            stated = read_stated_coefficients(NamedFile(name, data), cau=CAU, file_year=YEAR)
        except CommunityError:
            continue
        assert sum(stated.millionths.values()) == 1_000_000
