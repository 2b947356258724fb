"""The sheet of winners and losers: what the proposal changes for each member."""

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.report_content import Amounts, ReportContent, RuleChanges
from loaders.report_sheets.book import (
    CHANGE_EUR,
    CHANGE_KWH,
    CHANGE_POINTS,
    COUNT,
    LEAST_EUR,
    LEAST_KWH,
    LEAST_POINTS,
    Book,
    Column,
)

_FIRST_ROW = 4
_GROUP_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class _Change:
    """A column of changes: its cells, what counts as one, and how many gain and lose."""

    column: Column
    least: float
    gainers: tuple[int | None, int | None]


def write_winners(book: Book, content: ReportContent) -> None:
    """Write the change of every member against every rule, gains green and losses red.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    """
    texts = book.texts.on_winners
    sheet = book.add_sheet(book.texts.sheets.winners)
    members = Column(book.texts.on_members.member, [x.member_id for x in content.members])
    parts = [_list_changes(book, changes) for changes in content.changes]
    changes = [change for part in parts for change in part]
    columns = [members, *(change.column for change in changes)]
    book.write_paragraph(sheet, 0, texts.intro, [column.width for column in columns])
    sheet.set_row(2, _GROUP_HEIGHT)
    sheet.write_blank(2, 0, None, book.heading)
    at = 1
    for of_rule, part in zip(content.changes, parts, strict=True):
        told = texts.against.format(rule=book.texts.rules[of_rule.rule])
        sheet.merge_range(2, at, 2, at + len(part) - 1, told, book.heading_over_group)
        at += len(part)
    bottom = book.write_table(sheet, _FIRST_ROW - 1, columns)
    better, worse = zip(*(change.gainers for change in changes), strict=True)
    book.write_line(sheet, bottom, texts.better, better, COUNT)
    book.write_line(sheet, bottom + 1, texts.worse, worse, COUNT)
    for number, change in enumerate(changes, start=1):
        book.color_changes(sheet, (_FIRST_ROW, number, bottom - 2, number), change.least)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.repeat_rows(2, _FIRST_ROW - 1)
    book.fit_to_page(sheet)


def _list_changes(book: Book, changes: RuleChanges) -> list[_Change]:
    """List the columns of a rule: energy, money if it is known, and self-sufficiency."""
    lines, total, gainers = changes.members, changes.total, changes.gainers
    energy = _Change(
        Column("kWh", [line.kwh for line in lines], CHANGE_KWH, given_total=total.kwh),
        LEAST_KWH,
        (gainers.more_kwh, gainers.less_kwh),
    )
    money = _Change(
        Column("EUR", [line.eur for line in lines], CHANGE_EUR, given_total=total.eur),
        LEAST_EUR,
        (gainers.more_eur, gainers.less_eur),
    )
    points, of_all = _in_points(lines), _in_points([total])[0]
    heading = book.texts.on_winners.points
    shares = _Change(
        Column(heading, points, CHANGE_POINTS, given_total=of_all), LEAST_POINTS, (None, None)
    )
    return [energy, shares] if total.eur is None else [energy, money, shares]


def _in_points(lines: Sequence[Amounts]) -> list[float | None]:
    """Count changes of a share in percentage points."""
    shares = [line.self_sufficiency_share for line in lines]
    return [None if share is None else 100 * share for share in shares]
