"""The sheet of the months, and the chart of where each month's sun went."""

from xlsxwriter.worksheet import Worksheet

from loaders.report_content import ReportContent
from loaders.report_sheets.book import EUR, KWH, SHARE, SKY, SUN, Book, Column, sum_up


def write_months(book: Book, content: ReportContent) -> None:
    """Write one line a month, and the chart.

    Parameters
    ----------
    book : Book
        The workbook under construction, and its language.
    content : ReportContent
        What the report says.
    """
    texts, on_months, lines = book.texts, book.texts.on_months, content.months
    sheet = book.add_sheet(texts.sheets.months)
    shares = [
        line.self_consumed_kwh / line.generation_kwh if line.generation_kwh else None
        for line in lines
    ]
    kind = on_months.with_taxes if content.has_retail_prices else on_months.before_taxes
    columns = [
        Column(on_months.month, [f"{content.year}-{line.month:02d}" for line in lines]),
        sum_up(texts.generation, [line.generation_kwh for line in lines], KWH),
        sum_up(texts.consumption, [line.consumption_kwh for line in lines], KWH),
        sum_up(texts.self_consumed, [line.self_consumed_kwh for line in lines], KWH),
        sum_up(texts.surplus, [line.surplus_kwh for line in lines], KWH),
        sum_up(texts.grid_import, [line.grid_import_kwh for line in lines], KWH),
        Column(texts.self_consumption_share, shares, SHARE),
        sum_up(
            on_months.cost_without.format(kind=kind), [line.cost_without_eur for line in lines], EUR
        ),
        sum_up(on_months.cost_with.format(kind=kind), [line.cost_with_eur for line in lines], EUR),
        sum_up(on_months.compensation, [line.compensation_eur for line in lines], EUR),
        sum_up(texts.savings, [line.savings_eur for line in lines], EUR),
    ]
    bottom = book.write_table(sheet, 0, columns)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    _add_chart(book, sheet, len(lines), bottom)
    book.fit_to_page(sheet)


def _add_chart(book: Book, sheet: Worksheet, n_months: int, bottom: int) -> None:
    """Stack each month's self-consumed energy and surplus."""
    name = book.texts.sheets.months
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for column, color in ((3, SUN), (4, SKY)):
        chart.add_series(
            {
                "name": [name, 0, column],
                "categories": [name, 1, 0, n_months, 0],
                "values": [name, 1, column, n_months, column],
                "fill": {"color": color},
                "gap": 50,
            }
        )
    chart.set_y_axis(
        {"num_format": "#,##0", "name": "kWh", "major_gridlines": {"visible": True,
         "line": {"color": "#DDE3E8"}}}
    )  # fmt: skip
    chart.set_legend({"position": "bottom"})
    book.place_chart(sheet, bottom + 1, chart, book.texts.on_months.chart)
