"""The sheet that says it all: what was asked for, the result and its proof, the other ways."""

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import BillFacts, Gainers, GoalFacts, ReportContent
from loaders.report_sheets.book import (
    CHANGE_EUR,
    CHANGE_KWH,
    COUNT,
    EUR,
    GAP,
    INDEX,
    KWH_EXACT,
    SHARE,
    SKY,
    SUN,
    Book,
    Column,
    Fact,
)

_EUR = "EUR"
_SHOWN_ANYHOW = {"self-consumption", "savings"}


def write_summary(book: Book, content: ReportContent) -> None:
    """Write the result, the proof, the comparison of rules and its chart.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    """
    texts = book.texts
    sheet = book.add_sheet(texts.sheets.summary)
    sheet.write_string(0, 0, f"{texts.title}: {content.community}", book.title)
    sheet.write_string(1, 0, f"CAU {content.cau} · {content.year}", book.label)
    top = book.write_facts(
        sheet, 3, [*_state_goal(book, content.goal), *_state_year(book, content)]
    )
    top = book.write_facts(sheet, top, _state_proof(book, content.goal))
    bottom = book.write_table(sheet, top + 1, _rule_columns(book, content), marked=0)
    _add_chart(book, sheet, (top + 1, bottom), in_euros=content.goal.unit == _EUR)
    book.fit_to_page(sheet, is_one_page=True)


def _state_goal(book: Book, goal: GoalFacts) -> list[Fact]:
    """Say what was made as large as possible, and what that counts."""
    texts = book.texts
    on_summary = texts.on_summary
    facts: list[Fact] = [(on_summary.objective, texts.objectives[goal.objective], None)]
    if goal.weights is not None:
        weights = [
            on_summary.weight.format(points=texts.number(points, ",g"), unit=texts.units[unit])
            for unit, points in goal.weights.items()
            if points
        ]
        facts.append((on_summary.counts, " + ".join(weights), None))
    if goal.carbon_kg_per_kwh is not None:
        factor = texts.number(goal.carbon_kg_per_kwh, ",g")
        told = on_summary.carbon_source.format(factor=factor, source=goal.carbon_source)
        facts.append((on_summary.carbon, told, None))
    return facts


def _state_year(book: Book, content: ReportContent) -> list[Fact]:
    """Sum the year under the proposal."""
    texts, amounts = book.texts, content.rules[0].amounts
    return [
        (texts.generation, content.generation_kwh, KWH_EXACT),
        (texts.consumption, content.consumption_kwh, KWH_EXACT),
        (texts.self_consumed, amounts.kwh, KWH_EXACT),
        (texts.self_sufficiency_share, amounts.self_sufficiency_share, SHARE),
        (texts.savings, amounts.eur, EUR),
        *_state_gainers(book, content.bills),
    ]


def _state_gainers(book: Book, bills: BillFacts | None) -> list[Fact]:
    """Say how many pay less and how many more than now."""
    counted = None if bills is None else bills.count_gainers()
    if counted is None:
        return []
    texts, (less, more) = book.texts.on_summary, counted
    return [(texts.bills, texts.paying.format(less=less, more=more), None)]


def _state_proof(book: Book, goal: GoalFacts) -> list[Fact]:
    """Hold the result against its bound; a sum that stands above is not told twice."""
    texts, unit, pattern = book.texts, book.unit(goal.unit), book.pattern_of(goal.unit)
    facts: list[Fact] = [
        (texts.upper_bound.format(unit=unit), goal.upper_bound, pattern),
        (texts.gap, goal.gap, GAP),
    ]
    if goal.objective not in _SHOWN_ANYHOW:
        facts.insert(0, (texts.value.format(unit=unit), goal.value, pattern))
    if goal.one_percent is not None:
        facts.append((texts.one_percent.format(unit=unit), goal.one_percent, pattern))
    return facts


def _rule_columns(book: Book, content: ReportContent) -> list[Column]:
    """Compare the rules with each other and with the proposal, which comes first."""
    texts, lines, generated = book.texts, content.rules, content.generation_kwh
    names = texts.rules | _name_classes(book, content)
    amounts = [line.amounts for line in lines]
    gained_kwh = [line.change.kwh if line.change else None for line in lines]
    gained_eur = [line.change.eur if line.change else None for line in lines]
    gainers = [_count_gainers(line.gainers) for line in lines]
    shares = [each.kwh / generated if generated else None for each in amounts]
    return [
        Column(texts.rule, [names[line.name] for line in lines], widest=44),
        Column(texts.self_consumed, [each.kwh for each in amounts], KWH_EXACT),
        Column(texts.self_consumption_share, shares, SHARE),
        Column(
            texts.self_sufficiency_share, [each.self_sufficiency_share for each in amounts], SHARE
        ),
        Column(texts.savings, [each.eur for each in amounts], EUR),
        Column(texts.on_summary.proposal_gains_kwh, gained_kwh, CHANGE_KWH),
        Column(texts.on_summary.proposal_gains_eur, gained_eur, CHANGE_EUR),
        Column(texts.winners, [more for more, _ in gainers], COUNT),
        Column(texts.losers, [less for _, less in gainers], COUNT),
        Column(texts.gini, [line.gini for line in lines], INDEX),
        Column(texts.jain, [line.jain for line in lines], INDEX),
    ]


def _name_classes(book: Book, content: ReportContent) -> dict[str, str]:
    """Name the line of coefficients by class, if there is one."""
    if content.classes is None:
        return {}
    kind = book.texts.class_kinds[content.classes.kind]
    return {"by_class": book.texts.on_summary.by_class.format(kind=kind)}


def _count_gainers(gainers: Gainers | None) -> tuple[int | None, int | None]:
    """Count by money where there are prices, by energy otherwise."""
    if gainers is None:
        return None, None
    if gainers.more_eur is None:
        return gainers.more_kwh, gainers.less_kwh
    return gainers.more_eur, gainers.less_eur


def _add_chart(book: Book, sheet: Worksheet, rows: tuple[int, int], *, in_euros: bool) -> None:
    """Show the rules' energy, or savings where these were the goal, the proposal coloured."""
    texts, name = book.texts.on_summary, book.texts.sheets.summary
    (top, bottom), column = rows, 4 if in_euros else 1
    chart = book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": [name, top, column],
            "categories": [name, top + 1, 0, bottom - 1, 0],
            "values": [name, top + 1, column, bottom - 1, column],
            "fill": {"color": SKY},
            "points": [{"fill": {"color": SUN}}],
            "data_labels": {"value": True, "num_format": "#,##0"},
            "gap": 60,
        }
    )
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "#,##0", "min": 0, "major_gridlines": {"visible": False}})
    chart.set_legend({"none": True})
    book.place_chart(sheet, bottom + 1, chart, texts.chart_eur if in_euros else texts.chart)
