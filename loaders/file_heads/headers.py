"""Tables by their headings."""

from collections.abc import Sequence

from loaders.file_formats import Confidence, Detection, FileFormat
from loaders.list_columns import find_list_columns
from loaders.meter_files.datadis_csv import DATADIS_CSV
from loaders.meter_files.edistribucion import EDISTRIBUCION
from loaders.meter_files.ide import IDE
from loaders.meter_files.text_table import plain_name
from loaders.meter_files.ufd import UFD
from loaders.price_files.esios import CSV_COLUMNS
from loaders.price_files.price_table import KNOWN_COLUMNS, TIME_COLUMN

_LIST_COLUMNS = ("member_id", "cups", "tariff", "contracted_kw")
_LIST_COLUMNS_ENOUGH = 3


_METER_TABLES = (DATADIS_CSV, EDISTRIBUCION, IDE, UFD)


def detect_header(header: Sequence[str]) -> Detection | None:
    """Tell a table by its headings.

    Parameters
    ----------
    header : sequence of str
        Cells of one line.

    Returns
    -------
    Detection or None
        None when they are not those of a format that is known.
    """
    names = [cell.strip().lower() for cell in header]
    meter = _detect_meter_table(header)
    if meter:
        return meter
    if tuple(names) == CSV_COLUMNS:
        return Detection(FileFormat.ESIOS_CSV, "has the headings of an export of ESIOS")
    if TIME_COLUMN in names and not KNOWN_COLUMNS.keys().isdisjoint(names):
        reason = f"has {TIME_COLUMN} and a column of prices that is known"
        return Detection(FileFormat.PRICE_TABLE, reason)
    return _detect_list(header)


def _detect_meter_table(header: Sequence[str]) -> Detection | None:
    """Tell an export of a distributor by the columns without which its reader refuses it."""
    names = {plain_name(cell) for cell in header}
    for form in _METER_TABLES:
        if names.issuperset(form.required):
            reason = f"has the columns {', '.join(form.required)}"
            return Detection(form.format, reason)
    return None


def _detect_list(header: Sequence[str]) -> Detection | None:
    """Tell a list of people, which may state coefficients too, from one of coefficients only."""
    of_people = find_list_columns(header, "columns")
    found = [column for column in _LIST_COLUMNS if column in of_people]
    if "cups" in of_people and len(found) >= _LIST_COLUMNS_ENOUGH:
        reason = f"is a list of members or candidates: it has {', '.join(found)}"
        return Detection(FileFormat.MEMBERS_LIST, reason, Confidence.LIKELY)
    of_coefficients = find_list_columns(header, "coefficient_columns")
    if {"cups", "coefficient"} <= of_coefficients.keys():
        reason = "is a table of coefficients: it has a CUPS and a coefficient a line"
        return Detection(FileFormat.COEFFICIENT_TABLE, reason, Confidence.LIKELY)
    return None
