"""The sheet of unseen data: what is kept of a promised gain, and drawn years to plan for."""

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import CheckLine, DrawnYears, ReportContent, UnseenFacts
from loaders.report_sheets.book import COUNT, GAP, SHARE, Book, Column, Fact

_PERCENT = ".0f"


def write_unseen(book: Book, content: ReportContent, facts: UnseenFacts) -> None:
    """Write one line a check and how to read it; then the drawn years, if there are any.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    facts : UnseenFacts
        Checks, drawn years, or both.
    """
    sheet = book.add_sheet(book.texts.sheets.unseen)
    row = 0
    if facts.checks:
        row = _write_checks(book, sheet, content.goal.unit, facts) + 2
    if facts.drawn is not None:
        _write_drawn_years(book, sheet, row, content.goal.unit, facts.drawn)
    book.fit_to_page(sheet)


def _write_checks(book: Book, sheet: Worksheet, unit: str, facts: UnseenFacts) -> int:
    """Write the checks between what they compare and how to read them; return the row below."""
    texts, columns = book.texts.on_unseen, _check_columns(book, unit, facts.checks)
    widths = [column.width for column in columns]
    rule = book.texts.rules[facts.reference].lower()
    book.write_paragraph(sheet, 0, texts.intro.format(rule=rule), widths)
    bottom = book.write_table(sheet, 2, columns)
    book.write_paragraph(sheet, bottom + 1, _read_out(book, facts.checks[0]), widths)
    return bottom + 1


def _check_columns(book: Book, unit: str, lines: Sequence[CheckLine]) -> list[Column]:
    """Describe every check: what was promised, what was kept, how much that varies."""
    texts, pattern, name = book.texts.on_unseen, book.pattern_of(unit), book.unit(unit)
    kept = [line.kept_interval or (None, None) for line in lines]
    shares = [line.share_interval or (None, None) for line in lines]
    return [
        Column(texts.check, [texts.checks[line.check] for line in lines], widest=46),
        Column(texts.trials, [line.n_trials for line in lines], COUNT),
        Column(texts.infeasible, [line.n_infeasible for line in lines], COUNT),
        Column(texts.promised.format(unit=name), [line.promised for line in lines], pattern),
        Column(texts.kept.format(unit=name), [line.kept for line in lines], pattern),
        Column(texts.low, [low for low, _ in kept], pattern),
        Column(texts.high, [high for _, high in kept], pattern),
        Column(texts.share, [line.share for line in lines], SHARE),
        Column(texts.share_low, [low for low, _ in shares], SHARE),
        Column(texts.share_high, [high for _, high in shares], SHARE),
    ]


def _read_out(book: Book, line: CheckLine) -> str:
    """Say the hardest check in a sentence or two."""
    texts = book.texts.on_unseen
    if line.share is None:
        return texts.reading_nothing

    def percent(share: float) -> str:
        """Write a share in percent."""
        return f"{book.texts.number(100 * share, _PERCENT)} %"

    told = texts.reading.format(share=percent(line.share))
    if line.share_interval is None:
        return told
    low, high = (percent(end) for end in line.share_interval)
    return f"{told} {texts.reading_span.format(low=low, high=high)}"


def _write_drawn_years(
    book: Book, sheet: Worksheet, top: int, unit: str, drawn: DrawnYears
) -> None:
    """Write what the coefficients bring in the years that they were chosen for."""
    texts, on_unseen = book.texts, book.texts.on_unseen
    pattern, name = book.pattern_of(unit), book.unit(unit)
    values = drawn.values
    facts: list[Fact] = [
        (on_unseen.drawn, on_unseen.drawn_kinds[drawn.kind], None),
        (on_unseen.drawn_years, len(values), COUNT),
        (texts.value.format(unit=name), drawn.value, pattern),
        (texts.upper_bound.format(unit=name), drawn.upper_bound, pattern),
        (texts.gap, drawn.gap, GAP),
        (on_unseen.drawn_least.format(unit=name), min(values), pattern),
        (on_unseen.drawn_mean.format(unit=name), sum(values) / len(values), pattern),
        (on_unseen.drawn_greatest.format(unit=name), max(values), pattern),
    ]
    book.write_facts(sheet, top, facts)
