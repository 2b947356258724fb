"""The sheet of coefficients by class of hours, and what they gain over constant ones."""

import math

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import ClassFacts, ReportContent
from loaders.report_sheets.book import (
    BETA,
    CHANGE_EUR,
    CHANGE_KWH,
    GAP,
    LEAST_EUR,
    LEAST_KWH,
    Book,
    Cell,
    Column,
    Fact,
)

_COLORS = {
    "type": "3_color_scale",
    "min_color": "#FFFFFF",
    "mid_color": "#FFE3A3",
    "max_color": "#F2A900",
}


def write_classes(book: Book, content: ReportContent, facts: ClassFacts) -> None:
    """Write result and proof, each member's gain, and the coefficients of every class.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    facts : ClassFacts
        Coefficients by class.
    """
    texts, on_classes = book.texts, book.texts.on_classes
    sheet = book.add_sheet(texts.sheets.classes)
    kind = texts.class_kinds[facts.kind]
    sheet.write_string(0, 0, on_classes.title.format(kind=kind), book.subtitle)
    row = book.write_facts(sheet, 2, _state_proof(book, content.goal.unit, facts))
    told = on_classes.no_sun if facts.names else on_classes.by_hour
    sheet.write_string(row, 0, told.format(count=texts.number(facts.count, ",d")), book.label)
    columns = _member_columns(book, content, facts)
    top = row + 2
    book.write_headings(sheet, top, columns)
    first = _write_gains(book, sheet, top + 1, content, facts)
    if facts.names:
        bottom = book.write_lines(sheet, first, columns)
        sheet.conditional_format(first, 1, bottom - 1, len(content.members), _COLORS)
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(top)
    book.fit_to_page(sheet)


def _state_proof(book: Book, unit: str, facts: ClassFacts) -> list[Fact]:
    """Hold the result against constant coefficients, and against its bound."""
    texts, pattern, name = book.texts, book.pattern_of(unit), book.unit(unit)
    return [
        (texts.value.format(unit=name), facts.value, pattern),
        (texts.on_classes.gain.format(unit=name), facts.gain, pattern),
        (texts.upper_bound.format(unit=name), facts.upper_bound, pattern),
        (texts.gap, facts.gap, GAP),
        (texts.on_classes.method, facts.method, None),
    ]


def _member_columns(book: Book, content: ReportContent, facts: ClassFacts) -> list[Column]:
    """Put classes in lines and members in columns."""
    by_member = [
        Column(member.member_id, [betas[row] for betas in facts.betas], BETA, widest=16)
        for row, member in enumerate(content.members)
    ]
    return [Column(book.texts.on_classes.class_, facts.names), *by_member]


def _write_gains(
    book: Book, sheet: Worksheet, top: int, content: ReportContent, facts: ClassFacts
) -> int:
    """Write what each member gains over its constant coefficient; return the row below."""
    texts = book.texts.on_classes
    lines: list[tuple[str, list[Cell], str, float]] = [
        (texts.constant, [member.beta for member in content.members], BETA, math.inf),
        (texts.gain_kwh, [gain.kwh for gain in facts.gains], CHANGE_KWH, LEAST_KWH),
        (texts.gain_eur, [gain.eur for gain in facts.gains], CHANGE_EUR, LEAST_EUR),
    ]
    known = [line for line in lines if None not in line[1]]
    for row, (label, values, pattern, least) in enumerate(known, start=top):
        book.write_line(sheet, row, label, values, pattern)
        if least < math.inf:
            book.color_changes(sheet, (row, 1, row, len(values)), least)
    return top + len(known)
