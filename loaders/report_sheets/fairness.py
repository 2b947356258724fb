"""The sheet of the price of fairness: what floors cost, as a table and a chart."""

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import FairnessFacts, ReportContent
from loaders.report_sheets.book import GAP, INDEX, SHARE, SKY, SUN, Book, Column

_TOP = 4
_FLOOR, _VALUE, _GINI = 0, 1, 6


def write_fairness(book: Book, content: ReportContent, facts: FairnessFacts) -> None:
    """Write one line a floor, and the chart of result and evenness.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    facts : FairnessFacts
        What every floor costs.
    """
    texts, on_fairness = book.texts, book.texts.on_fairness
    sheet = book.add_sheet(texts.sheets.fairness)
    unit = content.goal.unit
    columns = _floor_columns(book, facts, unit)
    rule = texts.rules[facts.reference]
    widths = [column.width for column in columns]
    book.write_paragraph(sheet, 0, on_fairness.intro.format(rule=rule.lower()), widths)
    told = on_fairness.reference.format(unit=book.unit(unit))
    value = texts.number(facts.reference_value, ",.2f" if unit == "EUR" else ",.3f")
    book.write_paragraph(sheet, 1, f"{told}: {value}", widths)
    if facts.infeasible_floors:
        floors = ", ".join(f"{texts.number(100 * x, ',g')} %" for x in facts.infeasible_floors)
        book.write_paragraph(sheet, 2, on_fairness.infeasible.format(floors=floors), widths)
    bottom = book.write_table(sheet, _TOP, columns)
    sheet.freeze_panes(_TOP + 1, 1)
    has_gini = all(line.gini is not None for line in facts.lines)
    _add_chart(book, sheet, bottom, has_gini=has_gini)
    book.fit_to_page(sheet, is_one_page=True)


def _floor_columns(book: Book, facts: FairnessFacts, unit: str) -> list[Column]:
    """Describe each floor's plan."""
    texts, on_fairness, lines = book.texts, book.texts.on_fairness, facts.lines
    pattern, name = book.pattern_of(unit), book.unit(unit)
    return [
        Column(on_fairness.floor, [line.floor for line in lines], "0 %"),
        Column(texts.value.format(unit=name), [line.value for line in lines], pattern),
        Column(texts.upper_bound.format(unit=name), [line.upper_bound for line in lines], pattern),
        Column(texts.gap, [line.gap for line in lines], GAP),
        Column(on_fairness.gain_kept, [line.gain_kept for line in lines], SHARE),
        Column(on_fairness.worst_off, [line.worst_off for line in lines], SHARE),
        Column(texts.gini, [line.gini for line in lines], INDEX),
        Column(texts.jain, [line.jain for line in lines], INDEX),
    ]


def _add_chart(book: Book, sheet: Worksheet, bottom: int, *, has_gini: bool) -> None:
    """Draw the result over the floor, and the Gini index on an axis of its own."""
    name = book.texts.sheets.fairness
    chart = book.workbook.add_chart({"type": "line"})
    drawn = [(_VALUE, SUN, False)] + ([(_GINI, SKY, True)] if has_gini else [])
    for column, color, is_second in drawn:
        chart.add_series(
            {
                "name": [name, _TOP, column],
                "categories": [name, _TOP + 1, _FLOOR, bottom - 1, _FLOOR],
                "values": [name, _TOP + 1, column, bottom - 1, column],
                "line": {"color": color, "width": 2.5},
                "y2_axis": is_second,
            }
        )
    chart.set_x_axis({"name": book.texts.on_fairness.floor, "num_format": "0 %"})
    chart.set_y_axis({"num_format": "#,##0.##", "major_gridlines": {"visible": False}})
    chart.set_y2_axis({"num_format": INDEX})
    chart.set_legend({"position": "bottom"})
    book.place_chart(sheet, bottom + 1, chart, book.texts.on_fairness.chart)
