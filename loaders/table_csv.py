"""Tables as CSV: for Spanish Excel, or plain for programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import IO

Cell = str | int | float | Decimal | date | None

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
    buffer = io.BytesIO()
    write_table_csv(buffer, header, rows, dialect)
    return buffer.getvalue()


def write_table_csv(
    file: IO[bytes],
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    dialect: CsvDialect,
) -> None:
    r"""Write a table that may be longer than the memory as CSV.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    header : sequence of str
        Names of the columns.
    rows : iterable of sequences
        Cells: text, numbers, days, or None for an empty one.
    dialect : CsvDialect
        As ``format_table_csv``; days as ``31/12/2026`` and ``2026-12-31``, instants as
        ``31/12/2026 13:00`` and ``2026-12-31T13:00:00``, with a ``Z`` where they know that they
        are UTC.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> row = [date(2026, 12, 31), Decimal("-1.50")]
    >>> write_table_csv(file, ["day", "eur"], [row], CsvDialect.EXCEL_ES)
    >>> file.getvalue().decode("utf-8-sig")
    'day;eur\r\n31/12/2026;-1,50\r\n'
    """
    for_excel = dialect is CsvDialect.EXCEL_ES
    write = _for_excel if for_excel else _plainly
    text = io.TextIOWrapper(file, "utf-8-sig" if for_excel else "utf-8", newline="")
    try:
        writer = csv.writer(text, delimiter=";" if for_excel else ",", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows([write(cell) for cell in row] for row in rows)
    finally:
        text.detach()


def _plainly(cell: Cell) -> Cell:
    """Write a number with all its places, and an instant as ISO 8601 has it."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%S}{'Z' if cell.tzinfo else ''}"
    return format(cell, "f") if isinstance(cell, Decimal) else cell


def _for_excel(cell: Cell) -> Cell:
    """Write a number with a comma and a day as Spain does, and keep text from being run."""
    if isinstance(cell, float):
        return repr(cell).replace(".", ",")
    if isinstance(cell, Decimal):
        return format(cell, "f").replace(".", ",")
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
