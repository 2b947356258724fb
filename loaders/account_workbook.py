"""Accounts as a workbook: a summary, and a sheet for each table that is written row by row."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from math import ceil
from typing import IO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from loaders.account_csv import say_words
from loaders.account_tables import AccountColumn, Accounts, AccountTable, Cell, CellKind
from loaders.account_texts import AccountTexts, account_texts_in
from models.values.errors import InvalidArgumentError
from models.values.language import Language

MOST_ROWS = 1_048_575
"""Of a sheet, without its headings."""

_DARK, _HAIRLINE = "#17324D", "#DDE3E8"
_A4 = 9
_LONGEST_NAME_IN_PRINT = 90
_SUMMARY_WIDTHS = (32, 18, 18, 18, 18, 18)
_PAGE_WIDTH = 190
_HEADING_HEIGHT = 34
_LINE_HEIGHT = 15
_CHARACTERS_IN_NOTE = 140

_Totals = list[Decimal | None]
"""Of each column; None where one of its cells is empty."""


class TooManyRowsError(InvalidArgumentError):
    """A table does not fit on a sheet.

    Attributes
    ----------
    table : str
        Which.
    most : int
        How many rows fit.
    """

    def __init__(self, table: str, most: int) -> None:
        super().__init__(f"{table}: more than {most} rows do not fit: choose a shorter period")
        self.table = table
        self.most = most


def write_account_workbook(
    file: IO[bytes], accounts: Accounts, *, language: Language, created_at: datetime
) -> None:
    """Write accounts as an XLSX workbook, row by row.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    accounts : Accounts
        What it says.
    language : Language
        Of headings, words and notes.
    created_at : datetime
        Instant stamped into the document's properties.

    Raises
    ------
    TooManyRowsError
        If a table does not fit on a sheet.

    Notes
    -----
    Texts are never taken for formulas or links, whatever they begin with. Totals are sums of exact
    decimals, written as numbers.
    """
    texts = account_texts_in(language)
    workbook = _begin_workbook(file, texts.title, created_at)
    book = _Book(workbook, texts, _name_accounts(accounts, texts))
    try:
        summary = book.add_sheet(texts.tables["summary"])
        for table in accounts.tables:
            book.write_sheet(table)
        _write_summary(book, summary, accounts)
    finally:
        workbook.close()


def write_table_workbook(
    file: IO[bytes],
    tables: Sequence[AccountTable],
    *,
    title: str,
    note: str,
    language: Language,
    created_at: datetime,
) -> None:
    """Write tables as an XLSX workbook, a sheet each, and a last one that says how to read them.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    tables : sequence of AccountTable
        What it says.
    title : str
        What it is about, on every page.
    note : str
        What has to be known to read it.
    language : Language
        Of headings and words.
    created_at : datetime
        Instant stamped into the document's properties.

    Raises
    ------
    TooManyRowsError
        If a table does not fit on a sheet.
    """
    workbook = _begin_workbook(file, title, created_at)
    texts = account_texts_in(language)
    book = _Book(workbook, texts, title)
    try:
        for table in tables:
            book.write_sheet(table)
        sheet = book.add_sheet(texts.tables["notes"])
        for number, width in enumerate(_SUMMARY_WIDTHS):
            sheet.set_column(number, number, width)
        sheet.write_string(0, 0, title, book.title)
        _write_notes(book, sheet, 1, [note])
    finally:
        workbook.close()


def _begin_workbook(file: IO[bytes], title: str, created_at: datetime) -> Workbook:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    workbook = xlsxwriter.Workbook(file, options)
    moment = created_at.astimezone(UTC).replace(tzinfo=None)
    workbook.set_properties({"title": title, "author": "reparto", "created": moment})
    return workbook


def _name_accounts(accounts: Accounts, texts: AccountTexts) -> str:
    """Say whose accounts they are, as every page does."""
    whose = accounts.community or ", ".join(accounts.issuers)
    return f"{whose[:_LONGEST_NAME_IN_PRINT]} · {_show_period(accounts, texts)}"


def _show_period(accounts: Accounts, texts: AccountTexts) -> str:
    last = (accounts.period.end or accounts.period.start) - timedelta(days=1)
    return f"{_show_day(accounts.period.start, texts)} - {_show_day(last, texts)}"


def _show_day(day: date, texts: AccountTexts) -> str:
    return f"{day:%Y-%m-%d}" if texts.day_format.startswith("yyyy") else f"{day:%d/%m/%Y}"


class _Book:
    """A workbook under construction: its looks and its language."""

    def __init__(self, workbook: Workbook, texts: AccountTexts, heading_in_print: str) -> None:
        self.workbook = workbook
        self.texts = texts
        self.heading_in_print = heading_in_print
        patterns = {
            CellKind.EUR: "#,##0.00",
            CellKind.COUNT: "#,##0",
            CellKind.DAY: texts.day_format,
            CellKind.NUMBER: "General",
            CellKind.KWH: "#,##0.000",
            CellKind.INSTANT: f"{texts.day_format} hh:mm",
        }
        self.title = workbook.add_format({"bold": True, "font_size": 18, "font_color": _DARK})
        self.name = workbook.add_format({"bold": True, "font_color": _DARK, "valign": "top"})
        self.note = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.looks, self.totals = (
            {kind: self._add_look(kind, patterns.get(kind), is_total=is_total) for kind in CellKind}
            for is_total in (False, True)
        )
        self.headings = {
            kind: workbook.add_format(
                {"bold": True, "bg_color": _DARK, "font_color": "white", "text_wrap": True,
                 "valign": "vcenter", **_align(kind)}
            )
            for kind in CellKind
        }  # fmt: skip

    def _add_look(self, kind: CellKind, pattern: str | None, *, is_total: bool) -> Format:
        style: dict[str, object] = {"bottom": 1, "bottom_color": _HAIRLINE, **_align(kind)}
        if pattern is not None:
            style["num_format"] = pattern
        if is_total:
            style |= {"bold": True, "top": 1, "top_color": _DARK}
        return self.workbook.add_format(style)

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on landscape A4, whose accounts it is above."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        # In a header a single & begins a code.
        sheet.set_header(f"&L{self.heading_in_print.replace('&', '&&')}&R&A")
        sheet.set_footer("&Lreparto&R&P / &N")
        return sheet

    def write_sheet(self, table: AccountTable) -> None:
        """Write a table on a sheet of its own, headings frozen and on every page."""
        sheet = self.add_sheet(self.texts.tables[table.name])
        for number, column in enumerate(table.columns):
            sheet.set_column(number, number, column.width)
        bottom = self.write_table(sheet, 0, table)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        width = sum(column.width for column in table.columns)
        sheet.fit_to_pages(ceil(width / _PAGE_WIDTH), 0)
        sheet.autofilter(0, 0, bottom - 1 - table.has_totals, len(table.columns) - 1)

    def write_table(self, sheet: Worksheet, top: int, table: AccountTable) -> int:
        """Write headings, rows and totals; give the row below."""
        sheet.set_row(top, _HEADING_HEIGHT)
        for number, column in enumerate(table.columns):
            look = self.headings[column.kind]
            sheet.write_string(top, number, self.texts.columns[column.key], look)
        totals: _Totals = [Decimal(0)] * len(table.columns)
        bottom = top + 1
        for cells in table.read_rows():
            if bottom > MOST_ROWS:
                raise TooManyRowsError(table.name, MOST_ROWS)
            self._write_row(sheet, bottom, table.columns, say_words(table, cells, self.texts))
            _add_up(totals, table.columns, cells)
            bottom += 1
        if not table.has_totals:
            return bottom
        self._write_totals(sheet, bottom, table.columns, totals)
        return bottom + 1

    def _write_row(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[AccountColumn],
        cells: Sequence[Cell],
    ) -> None:
        for number, column, cell in zip(count(), columns, cells, strict=False):
            look = self.looks[column.kind]
            if cell is None:
                sheet.write_blank(row, number, None, look)
            elif isinstance(cell, str):
                sheet.write_string(row, number, cell, look)
            elif isinstance(cell, datetime):
                sheet.write_datetime(row, number, cell.replace(tzinfo=None), look)
            elif isinstance(cell, date):
                sheet.write_datetime(row, number, cell, look)
            else:
                sheet.write_number(row, number, cell, look)

    def _write_totals(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[AccountColumn],
        totals: _Totals,
    ) -> None:
        for number, (column, total) in enumerate(zip(columns, totals, strict=True)):
            look = self.totals[column.kind]
            if column.is_summed and total is not None:
                sheet.write_number(row, number, total, look)
            else:
                sheet.write(row, number, None if number else self.texts.total, look)


def _align(kind: CellKind) -> dict[str, object]:
    """Put numbers to the right, days in the middle, and keep texts away from numbers."""
    if kind in (CellKind.TEXT, CellKind.WORD):
        return {"align": "left", "indent": 1}
    return {"align": "center" if kind is CellKind.DAY else "right"}


def _add_up(totals: _Totals, columns: Sequence[AccountColumn], cells: Sequence[Cell]) -> None:
    """Add a row to the totals; what is not known, or not told, makes its total so."""
    for number, (column, total) in enumerate(zip(columns, totals, strict=True)):
        cell = cells[number]
        if column.is_summed and total is not None:
            totals[number] = total + cell if isinstance(cell, Decimal | int) else None


def _write_summary(book: _Book, sheet: Worksheet, accounts: Accounts) -> None:
    """Write whose accounts they are, what they come to, and what has to be known."""
    texts = book.texts
    for number, width in enumerate(_SUMMARY_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.fit_to_pages(1, 1)
    sheet.write_string(0, 0, texts.title, book.title)
    facts = {
        "issuer": ", ".join(accounts.issuers) or "-",
        "community": accounts.community or texts.facts["all_communities"],
        "period": _show_period(accounts, texts),
        "aged_on": _show_day(accounts.aged_on, texts),
    }
    row = 2
    for key, value in facts.items():
        sheet.write_string(row, 0, texts.facts[key], book.name)
        sheet.write_string(row, 1, value)
        row += 1
    for table in accounts.summaries:
        sheet.write_string(row + 1, 0, texts.tables[table.name], book.name)
        row = book.write_table(sheet, row + 2, table)
    _write_notes(book, sheet, row, texts.notes)


def _write_notes(book: _Book, sheet: Worksheet, row: int, notes: Sequence[str]) -> None:
    """Write notes below a row."""
    for note in notes:
        row += 1
        lines = len(note) // _CHARACTERS_IN_NOTE + 1
        sheet.set_row(row, _LINE_HEIGHT * lines + 4)
        sheet.merge_range(row, 0, row, len(_SUMMARY_WIDTHS) - 1, note, book.note)
