"""Rows of a workbook (XLSX) as text, without trusting what it claims to hold."""

import io
import re
import zipfile
from datetime import MAXYEAR, date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from loaders.archived_files import refuse_oversized_workbook
from loaders.decoding import LARGEST_FILE_BYTES, UnreadableFileError
from loaders.number_text import excerpt_of

MOST_CELLS = 8_000_000
"""Cells that the corners of a sheet may span; 20 columns of quarter-hours need a third."""

LARGEST_TEXT_BYTES = 1 << 28
"""Bytes of all texts, if every cell held the longest one of the workbook."""

_SMALL_SPAN = 100_000
_SPAN_OF_CELL = 50
"""How many cells a sheet may span for each that it holds, and any sheet at all."""
_SPAN_SLACK = 4  # times the cells of an honest sheet that ``_count_spanned`` may count
_HALF_SECOND = 500_000  # microseconds
_DIGITS_SHOWN = 15  # of a number in a spreadsheet: 0.1 + 0.2 is 0.3 there
_WORKBOOK_PART = "xl/workbook.xml"
_TEXTS_PART = "xl/sharedStrings.xml"
_TEXT_PARTS = (".xml", ".rels")  # pictures and settings of printers stay behind
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']\$?([A-Za-z]*)\$?([0-9]+)[\"']")
_LONGEST_LETTERS, _LONGEST_NUMBER = 3, 7  # of XFD1048576, the last cell of a sheet
_SHEET_START = b"sheetData"
_ROW_START = re.compile(rb"<(?:[^\s<>/:]+:)?row\b")
_CELL_STARTS = (b"<c", b":c")  # of other elements too: more are counted than there are
_TEXT_END = re.compile(rb"</(?:[^\s<>/:]+:)?si>")

Row = tuple[int, list[str]]


def read_workbook_rows(
    data: bytes,
    most_bytes: int = LARGEST_FILE_BYTES,
    *,
    most_cells: int = MOST_CELLS,
    sheet: str | None = None,
    most_rows: int | None = None,
) -> list[Row]:
    """Read one sheet of a workbook.

    Parameters
    ----------
    data : bytes
        An XLSX file.
    most_bytes : int
        Bytes of all its parts together after expansion.
    most_cells : int
        Cells that any of its sheets may span: each is allocated, however empty. Where a sheet says
        of each cell where it stands, four times as many are counted.
    sheet : str, optional
        Name of the sheet; without it the first visible one.
    most_rows : int, optional
        How many rows to read from the top; all of them when None.

    Returns
    -------
    list of (int, list of str)
        Number of each row in the sheet, from 1, and its cells as text: numbers with a decimal
        point and the 15 digits that a spreadsheet shows, days as ``2026-07-01``, instants as
        ``2026-07-01T03:00:00``. Rows without any text are left out.

    Raises
    ------
    UnreadableFileError
        If it is no workbook, has no such sheet, or a sheet spans more than ``most_cells`` or by
        far more than it holds.
    FaultyArchiveError
        If it is damaged or encrypted.
    OversizedArchiveError
        If it expands to more than ``most_bytes``.
    """
    refuse_oversized_workbook(data, most_bytes)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(_repack(data, most_cells))) as workbook:
            chosen = _choose_sheet(workbook, sheet)
            rows = workbook.get_sheet_by_name(chosen).to_python(
                skip_empty_area=False, nrows=most_rows
            )
    except (CalamineError, PasswordError, XmlError, ZipError) as error:
        raise UnreadableFileError(f"is not a sound workbook ({error})") from error
    texts = ((number, [_show(cell) for cell in row]) for number, row in enumerate(rows, 1))
    return [row for row in texts if any(row[1])]


def _choose_sheet(workbook: CalamineWorkbook, wanted: str | None) -> str:
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
    ]
    if wanted is None and visible:
        return visible[0]
    if wanted in workbook.sheet_names:
        return wanted
    shown = ", ".join(map(excerpt_of, visible)) or "none that is visible"
    named = "" if wanted is None else f" {excerpt_of(wanted)}"
    raise UnreadableFileError(f"is a workbook without a sheet{named}; it has {shown}")


def _repack(data: bytes, most_cells: int) -> bytes:
    """Copy a workbook part by part: another reader of zip files then sees what was judged."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        names = source.namelist()
        if _WORKBOOK_PART not in names or len(set(names)) < len(names):
            raise UnreadableFileError("is not an XLSX workbook")
        n_cells = 0
        longest = 0
        for name in names:
            if not name.endswith(_TEXT_PARTS):
                continue
            part = source.read(name)
            if name == _TEXTS_PART:
                longest = max(map(len, _TEXT_END.split(part)))
            elif _SHEET_START in part:  # wherever it lies
                n_cells = max(n_cells, _count_spanned(part))
            copy.writestr(name, part)
    if n_cells > most_cells or n_cells * longest > LARGEST_TEXT_BYTES * _SPAN_SLACK:
        raise UnreadableFileError(f"has a sheet that spans more than {most_cells} cells")
    return target.getvalue()


def _count_spanned(part: bytes) -> int:
    """Bound the cells between the corners of a sheet from above.

    A row or cell that does not say where it stands follows the one before.
    """
    if b"\0" in part:
        raise UnreadableFileError("has a part that is not UTF-8 text")
    last_row, last_column = 0, 0
    for column, row in _REFERENCE.findall(part):
        if len(column) > _LONGEST_LETTERS or len(row) > _LONGEST_NUMBER:
            raise UnreadableFileError("names a cell that no sheet has")
        last_row = max(last_row, int(row))
        last_column = max(last_column, _number_column(column))
    pieces = _ROW_START.split(part)
    in_rows = [sum(map(piece.count, _CELL_STARTS)) for piece in pieces]
    n_spanned = (last_row + len(pieces) - 1) * (last_column + max(in_rows))
    if n_spanned > _SMALL_SPAN + _SPAN_OF_CELL * sum(in_rows):
        raise UnreadableFileError(
            f"has a sheet that spans {n_spanned} cells and holds {sum(in_rows)}: remove what "
            "stands far from the rest"
        )
    return n_spanned


def _number_column(letters: bytes) -> int:
    """Turn the letters of a column into its number: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _show(cell: object) -> str:
    """Write a cell as people would type it."""
    if isinstance(cell, str):  # most cells are
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return _show_number(cell)
    if isinstance(cell, datetime):
        return _round_to_second(cell).isoformat()
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)


def _round_to_second(instant: datetime) -> datetime:
    """Undo what a day's fraction in binary loses: 02:59:59.999999 was 03:00."""
    whole = instant.replace(microsecond=0)
    is_late = instant.microsecond >= _HALF_SECOND and instant.year < MAXYEAR
    return whole + timedelta(seconds=1) if is_late else whole


def _show_number(number: float) -> str:
    text = f"{number:.{_DIGITS_SHOWN}g}"
    return text if "e" not in text else f"{number:.{_DIGITS_SHOWN}f}".rstrip("0").rstrip(".")
