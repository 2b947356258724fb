"""The sheet of yearly bills: what each member pays its retailer before and after, with a chart."""

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import BillFacts, BillLine
from loaders.report_sheets.book import (
    CHANGE_EUR,
    EARTH,
    EUR,
    LEAST_EUR,
    SKY,
    SUN,
    Book,
    Cell,
    Column,
    sum_up,
)

_TOP = 2
"""Row of the headings, below the introduction."""
_MOST_ON_A_PAGE = 30
"""Of more members, chart and table are not readable on one page."""


def write_bills(book: Book, bills: BillFacts) -> None:
    """Write one line a member: its year on the retailer's bills, gains green and losses red.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    bills : BillFacts
        Bills, and what they rest on.
    """
    texts = book.texts.on_bills
    sheet = book.add_sheet(book.texts.sheets.bills)
    columns = [*_name_columns(book, bills), *_amount_columns(book, bills)]
    widths = [column.width for column in columns]
    book.write_paragraph(sheet, 0, texts.intro, widths)
    bottom = book.write_table(sheet, _TOP, columns)
    n_members, last = len(bills.lines), len(columns) - 1
    if _has_before(bills):
        book.color_changes(sheet, (_TOP + 1, last, _TOP + n_members, last), LEAST_EUR)
    for row, text in enumerate(_list_remarks(book, bills), start=bottom + 1):
        book.write_paragraph(sheet, row, text, widths)
        bottom = row
    sheet.freeze_panes(_TOP + 1, 1)
    sheet.repeat_rows(_TOP)
    _add_chart(book, sheet, bills, bottom + 2)
    book.fit_to_page(sheet, is_one_page=n_members <= _MOST_ON_A_PAGE)


def _name_columns(book: Book, bills: BillFacts) -> list[Column]:
    """Say whose bills, and under which contract."""
    texts = book.texts.on_bills
    contracts: list[Cell] = [
        texts.assumed.format(contract=line.contract) if line.is_assumed else line.contract
        for line in bills.lines
    ]
    return [
        Column(book.texts.on_members.member, [line.member_id for line in bills.lines], widest=20),
        Column(texts.contract, contracts),
    ]


def _amount_columns(book: Book, bills: BillFacts) -> list[Column]:
    """Say what is paid; nothing of coefficients in force where there are none."""
    texts, lines = book.texts.on_bills, bills.lines
    without = sum_up(texts.without, [line.without_eur for line in lines], EUR)
    before = sum_up(texts.before, [line.before_eur for line in lines], EUR)
    after = sum_up(texts.after, [line.after_eur for line in lines], EUR)
    saved = [round(line.without_eur - line.after_eur, 2) for line in lines]
    saving = sum_up(texts.saving, saved, EUR)
    if not _has_before(bills):
        return [without, after, saving]
    gain = sum_up(texts.gain, [_tell_gain(line) for line in lines], CHANGE_EUR)
    return [without, before, after, saving, gain]


def _tell_gain(line: BillLine) -> float | None:
    return None if line.before_eur is None else round(line.before_eur - line.after_eur, 2)


def _has_before(bills: BillFacts) -> bool:
    return any(line.before_eur is not None for line in bills.lines)


def _list_remarks(book: Book, bills: BillFacts) -> list[str]:
    """Say which law was taken, and which of its figures are not sure."""
    texts, told = book.texts.on_bills, []
    if bills.law_year is not None:
        told.append(texts.law_year.format(year=bills.law_year))
    if bills.unsure_figures:
        told.append(texts.unsure.format(figures=", ".join(bills.unsure_figures)))
    return told


def _add_chart(book: Book, sheet: Worksheet, bills: BillFacts, row: int) -> None:
    """Set each member's bills side by side."""
    name, n_members = book.texts.sheets.bills, len(bills.lines)
    colors = (EARTH, SKY, SUN) if _has_before(bills) else (EARTH, SUN)
    chart = book.workbook.add_chart({"type": "column"})
    for column, color in enumerate(colors, start=2):
        chart.add_series(
            {
                "name": [name, _TOP, column],
                "categories": [name, _TOP + 1, 0, _TOP + n_members, 0],
                "values": [name, _TOP + 1, column, _TOP + n_members, column],
                "fill": {"color": color},
                "gap": 60,
            }
        )
    grid = {"visible": True, "line": {"color": "#DDE3E8"}}
    chart.set_y_axis({"num_format": "#,##0", "name": "EUR", "major_gridlines": grid})
    chart.set_legend({"position": "bottom"})
    book.place_chart(sheet, row, chart, book.texts.on_bills.chart)
