import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.community_archive import FaultyArchiveError, OversizedArchiveError
from loaders.decoding import UnreadableFileError
from loaders.workbook_rows import read_workbook_rows
from models.values.errors import InvalidDataError
from tests.support.workbooks import make_workbook

THREE = datetime.combine(date(2026, 7, 1), time(3))  # a workbook knows no time zones
SOUND = make_workbook([["CUPS", "kW"], ["ES1", 4.6], ["ES2", 1]])


def replace_part(data: bytes, name: str, change: tuple[bytes, bytes] | None) -> bytes:
    """Change or leave out one part of a workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.namelist():
            part = source.read(entry)
            if entry != name:
                copy.writestr(entry, part)
            elif change is not None:
                assert change[0] in part
                copy.writestr(entry, part.replace(*change))
    return target.getvalue()


def test_cells_become_the_text_that_people_see() -> None:
    rows = [
        ["texto ", 4.6, 1, 0.1 + 0.2, 1e-7, True],
        [],
        [None, date(2026, 7, 1), THREE + timedelta(minutes=15), time(3, 15), 123456.789, -2],
    ]
    assert read_workbook_rows(make_workbook(rows)) == [
        (1, ["texto", "4.6", "1", "0.3", "0.0000001", "TRUE"]),
        (3, ["", "2026-07-01", "2026-07-01T03:15:00", "03:15:00", "123456.789", "-2"]),
    ]


def test_instants_are_rounded_to_the_second() -> None:
    rows = [[THREE - timedelta(milliseconds=1), THREE + timedelta(milliseconds=2)]]
    ((_, cells),) = read_workbook_rows(make_workbook(rows))
    assert cells == ["2026-07-01T03:00:00", "2026-07-01T03:00:00"]


def test_rows_keep_their_number_below_empty_ones() -> None:
    assert read_workbook_rows(make_workbook([[], [], ["a", "b"]])) == [(3, ["a", "b"])]


def test_hidden_sheets_are_passed_over_unless_they_are_asked_for() -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet("Datos")
    assert hidden is not None
    hidden.title, hidden.sheet_state = "Oculta", "hidden"
    hidden.append(["a"])
    shown.append(["b"])
    target = io.BytesIO()
    book.save(target)
    assert read_workbook_rows(target.getvalue()) == [(1, ["b"])]
    assert read_workbook_rows(target.getvalue(), sheet="Oculta") == [(1, ["a"])]
    with pytest.raises(UnreadableFileError, match="without a sheet 'Otra'; it has 'Datos'"):
        read_workbook_rows(target.getvalue(), sheet="Otra")


def test_sheets_that_span_the_grid_are_refused_before_they_are_allocated() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"], sheet["XFD1048576"] = 1, 2
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(UnreadableFileError, match=r"spans \d+ cells and holds \d+: remove"):
        read_workbook_rows(target.getvalue())


@pytest.mark.parametrize("place", ["AAAA900000", "XFD0001048576", "A12345678", "ZZZZ1"])
def test_cells_that_no_sheet_has_are_refused(place: str) -> None:
    cell = f'<sheetData><row><c r="{place}"><v>1</v></c></row>'.encode()
    data = replace_part(SOUND, "xl/worksheets/sheet1.xml", (b"<sheetData>", cell))
    with pytest.raises(UnreadableFileError, match="names a cell that no sheet has"):
        read_workbook_rows(data)


def test_sheets_are_judged_wherever_they_lie() -> None:
    far = b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    moved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as source, zipfile.ZipFile(moved, "w") as target:
        for name in source.namelist():
            part = source.read(name).replace(b"/xl/worksheets/", b"/sheets/")
            part = part.replace(b'"worksheets/sheet1.xml"', b'"/sheets/sheet1.xml"')
            place = name.replace("xl/worksheets/", "sheets/")
            target.writestr(place, part)
    assert read_workbook_rows(moved.getvalue()) == read_workbook_rows(SOUND)
    data = replace_part(moved.getvalue(), "sheets/sheet1.xml", (b"<sheetData>", far))
    with pytest.raises(UnreadableFileError, match="remove what stands far"):
        read_workbook_rows(data)


def test_only_the_first_rows_are_read_on_request() -> None:
    whole = read_workbook_rows(SOUND)
    assert read_workbook_rows(SOUND, most_rows=whole[0][0]) == whole[:1]


@pytest.mark.parametrize("rows", [b'<row r="1000000"/>', b"<row/>" * 3_000])
def test_rows_and_cells_that_do_not_say_where_they_stand_count_too(rows: bytes) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    wide = b"<sheetData><row>" + b"<c><v>1</v></c>" * 3_000 + b"</row>"
    data = replace_part(SOUND, sheet, (b"<sheetData>", wide + rows))
    with pytest.raises(UnreadableFileError, match=r"spans \d+ cells and holds \d+: remove"):
        read_workbook_rows(data)


def test_one_long_text_in_very_many_cells_is_refused() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(300):
            sheet.write_row(row, 0, ["x" * 32_000] * 100)
    assert len(target.getvalue()) < 1 << 17
    with pytest.raises(UnreadableFileError, match="spans more than"):
        read_workbook_rows(target.getvalue())


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [
        (b"", FaultyArchiveError, "is no sound zip file"),
        (SOUND[:-40], FaultyArchiveError, "is no sound zip file"),
        (replace_part(SOUND, "xl/workbook.xml", None), UnreadableFileError, "is not an XLSX"),
        (
            replace_part(SOUND, "xl/workbook.xml", (b"<sheets>", b"<sheets")),
            UnreadableFileError,
            "is not a sound workbook",
        ),
        (
            replace_part(SOUND, "xl/workbook.xml", (b'state="visible"', b'state="hidden"')),
            UnreadableFileError,
            "without a sheet; it has none that is visible",
        ),
        (
            replace_part(SOUND, "xl/worksheets/sheet1.xml", (b"<row", b"\0<row")),
            UnreadableFileError,
            "has a part that is not UTF-8 text",
        ),
    ],
)
def test_other_files_are_refused(data: bytes, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        read_workbook_rows(data)


def test_bombs_are_given_up() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", b" " * 3_000_000)
    with pytest.raises(OversizedArchiveError):
        read_workbook_rows(target.getvalue(), 1_000_000)


def test_pictures_are_left_behind() -> None:
    target = io.BytesIO(SOUND)
    with zipfile.ZipFile(target, "a") as book:
        book.writestr("xl/media/logo.png", b"\x89PNG\0")
    assert len(read_workbook_rows(target.getvalue())) == 3


@settings(max_examples=200)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=6),
    length=st.integers(0, len(SOUND)),
)
def test_damaged_workbooks_give_rows_or_typed_errors(
    flips: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(SOUND)
    for position, mask in flips:
        damaged[position % len(damaged)] ^= mask
    for data in (bytes(damaged), SOUND[:length]):
        try:
            read_workbook_rows(data)
        except InvalidDataError:
            continue
