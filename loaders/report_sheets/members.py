"""The sheet of the members: one line each, to print on a page's width."""

from loaders.report_content import ReportContent
from loaders.report_sheets.book import BETA, EUR, KW, KWH, SHARE, Book, Column, sum_up


def write_members(book: Book, content: ReportContent) -> None:
    """Write one line a member: its coefficient and its year under the proposal.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    """
    sheet = book.add_sheet(book.texts.sheets.members)
    columns = [*_person_columns(book, content), *_year_columns(book, content)]
    if any(line.filled_from for line in content.members):
        columns += _completion_columns(book, content)
    book.write_table(sheet, 0, columns)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(content.members), len(columns) - 1)
    book.fit_to_page(sheet)


def _person_columns(book: Book, content: ReportContent) -> list[Column]:
    """Say who is who."""
    texts, lines = book.texts.on_members, content.members
    return [
        Column(texts.member, [line.member_id for line in lines], widest=20),
        Column(texts.kind, [line.kind for line in lines], widest=24),
        Column("CUPS", [line.cups for line in lines]),
        Column(texts.tariff, [line.tariff for line in lines]),
        Column(texts.contracted_power, [line.contracted_kw for line in lines], KW),
        Column(texts.coefficient, [line.beta for line in lines], BETA, is_summed=True),
    ]


def _year_columns(book: Book, content: ReportContent) -> list[Column]:
    """Say what each gets, and what a larger share would be worth to it."""
    texts, lines, unit = book.texts, content.members, content.goal.unit
    one_percent = texts.on_members.one_percent.format(unit=book.unit(unit))
    return [
        sum_up(texts.consumption, [line.consumption_kwh for line in lines], KWH),
        sum_up(texts.allocated, [line.allocated_kwh for line in lines], KWH),
        sum_up(texts.self_consumed, [line.amounts.kwh for line in lines], KWH),
        sum_up(texts.surplus, [line.surplus_kwh for line in lines], KWH),
        sum_up(texts.grid_import, [line.grid_import_kwh for line in lines], KWH),
        Column(
            texts.self_sufficiency_share,
            [line.amounts.self_sufficiency_share for line in lines],
            SHARE,
        ),
        sum_up(texts.savings, [line.amounts.eur for line in lines], EUR),
        Column(one_percent, [line.one_percent for line in lines], book.pattern_of(unit)),
    ]


def _completion_columns(book: Book, content: ReportContent) -> list[Column]:
    """Mark those whose year is partly or wholly a profile."""
    texts, lines = book.texts.on_members, content.members
    return [
        Column(texts.known_share, [line.known_share for line in lines], SHARE),
        Column(texts.filled_from, [line.filled_from for line in lines]),
    ]
