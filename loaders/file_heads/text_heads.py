"""Text by its first lines."""

from loaders.decoding import BOM, UnreadableFileError, find_separator, parse_csv_rows
from loaders.file_formats import Confidence, Detection, FileFormat
from loaders.file_heads.headers import detect_header
from loaders.file_heads.json_heads import detect_json
from loaders.file_heads.meter_lines import LINES_JUDGED, detect_data_lines
from loaders.file_heads.xml_heads import detect_xml
from loaders.price_files.omie import MARGINAL_HEADER

_PVGIS_START = "Latitude (decimal degrees)"
_PVGIS_TYPICAL, _PVGIS_HOURLY = "time(utc),", "time,"
_OMIE_TITLES = ("OMIE - Mercado de electricidad;", "OMEL - Mercado de electricidad;")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def detect_text(name: str, head: bytes) -> Detection:
    """Tell what a file that is not packed is.

    Parameters
    ----------
    name : str
        Its name.
    head : bytes
        Its first bytes; the last line may be cut.

    Returns
    -------
    Detection
        Unknown for what is no text.
    """
    if head.startswith(_UTF_16_MARKS):
        return Detection.none("is UTF-16 text; save it as UTF-8")
    if b"\0" in head:
        return Detection.none("is not text, and no archive or workbook that is known")
    text = _decode(head)
    if not text.strip():
        return Detection.none("is empty")
    begun = text.lstrip()
    if begun.startswith("<"):
        return detect_xml(begun)
    if begun.startswith(("{", "[")):
        return detect_json(begun)
    lines = [line for line in text.splitlines() if line.strip()]
    return _detect_lines(name, lines)


def _decode(head: bytes) -> str:
    """Decode UTF-8 whose last character may be cut, or ISO 8859-1."""
    head = head.removeprefix(BOM)
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        is_cut = error.start >= len(head) - 3
        return head[: error.start].decode() if is_cut else head.decode("latin-1")


def _detect_lines(name: str, lines: list[str]) -> Detection:
    first = lines[0].strip().lstrip('"')  # spreadsheets quote what holds a comma
    if first == MARGINAL_HEADER:
        return Detection(FileFormat.OMIE_MARGINALPDBC, f"begins with {MARGINAL_HEADER}")
    if first.startswith(_OMIE_TITLES):
        return Detection(FileFormat.OMIE_DAY_REPORT, "begins with OMIE's title of a day")
    if first.startswith(_PVGIS_START):
        return _detect_pvgis(lines)
    by_lines = detect_data_lines(name, lines)
    if by_lines:
        return by_lines
    rows = [_split(line) for line in lines[:LINES_JUDGED]]
    for number, cells in enumerate(rows, 1):
        by_header = detect_header(cells)
        if by_header:
            return by_header if number == 1 else _below(by_header, number)
    return _detect_plain_table(rows)


def _below(detection: Detection, number: int) -> Detection:
    reason = f"{detection.reason}; the headings stand in line {number} of those that are not blank"
    return Detection(detection.format, reason, Confidence.LIKELY)


def _detect_pvgis(lines: list[str]) -> Detection:
    for line in lines:
        header = line.lower().replace('"', "")
        if header.startswith(_PVGIS_TYPICAL):
            reason = "is a typical year of PVGIS, which is no real year; send its hourly series"
            return Detection(FileFormat.PVGIS_TMY, reason)
        if header.startswith(_PVGIS_HOURLY):
            reason = "begins like PVGIS's files, and its table has a column time"
            return Detection(FileFormat.PVGIS_HOURLY_CSV, reason)
    return Detection.none("begins like PVGIS's files, but its head has no table of hours")


def _split(line: str) -> list[str]:
    try:
        return next((cells for _, cells in parse_csv_rows(line, find_separator(line))), [])
    except UnreadableFileError:
        return []


def _detect_plain_table(rows: list[list[str]]) -> Detection:
    """Accept any table of two columns or more, for a mapping of its columns."""
    n_columns = len(rows[0])
    is_table = n_columns > 1 and all(len(cells) == n_columns for cells in rows[:2])
    if is_table and len(rows) > 1:
        reason = f"is a table of {n_columns} columns that no format has; map its columns by hand"
        return Detection(FileFormat.TABLE_CSV, reason, Confidence.LIKELY)
    return Detection.none("is text that is no table and no format that is known")
