"""Tables as CSV: for Spanish Excel, or plain for programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum

Cell = str | int | float | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class CsvDialect(StrEnum):
    """Who reads the table."""

    EXCEL_ES = "excel-es"
    PLAIN = "plain"


def format_table_csv(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], dialect: CsvDialect
) -> bytes:
    r"""Write a table as CSV.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequences
        Cells: text, numbers, or None for an empty one.
    dialect : CsvDialect
        ``excel-es``: byte order mark, semicolons, decimal commas, and an apostrophe before text
        that Excel would run as a formula. ``plain``: commas and decimal points, cells as they are.

    Returns
    -------
    bytes
        UTF-8, lines that end in CRLF, the last one too.

    Examples
    --------
    >>> format_table_csv(["id", "kwh"], [["=1+1", 2.5]], CsvDialect.PLAIN)
    b'id,kwh\r\n=1+1,2.5\r\n'
    >>> format_table_csv(["id", "kwh"], [["=1+1", 2.5]], CsvDialect.EXCEL_ES).decode("utf-8-sig")
    "id;kwh\r\n'=1+1;2,5\r\n"
    """
    for_excel = dialect is CsvDialect.EXCEL_ES
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";" if for_excel else ",", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_for_excel(cell) for cell in row] if for_excel else row)
    return buffer.getvalue().encode("utf-8-sig" if for_excel else "utf-8")


def _for_excel(cell: Cell) -> Cell:
    """Write a number with a comma, and keep text from being run."""
    if isinstance(cell, float):
        return repr(cell).replace(".", ",")
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
