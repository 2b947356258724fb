"""Workbooks as people save them, made with another library than the project reads them with."""

import io
from collections.abc import Iterable, Sequence

import openpyxl


def make_workbook(rows: Iterable[Sequence[object]], *, title: str = "Hoja1") -> bytes:
    """Save one sheet of rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
