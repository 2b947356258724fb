"""The report a promoter can send on: a workbook with a summary, members, months and notes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from loaders.report_content import ReportContent
from loaders.report_texts import Language, ReportTexts, texts_in

Cell = str | float | None

_KWH = "#,##0.0"
_KWH_EXACT = "#,##0.000"
_EUR = '#,##0.00 "€"'
_SHARE = "0.0 %"
_BETA = "0.000000"
_KW = "#,##0.00"
_CHANGE_KWH = "+#,##0.0;-#,##0.0;0.0"
_CHANGE_EUR = '+#,##0.00 "€";-#,##0.00 "€";0.00 "€"'

_HEADING_HEIGHT = 46
_LINE_HEIGHT = 15
_NOTE_WIDTH = 110
_LONGEST_PRINT_HEADING = 200

_DARK, _SUN, _SKY, _EARTH = "#17324D", "#F2A900", "#2A7F9E", "#8A8D8F"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table: heading, values, number format, width, and whether to total it."""

    heading: str
    values: Sequence[Cell]
    number_format: str | None = None
    width: int = 14
    has_total: bool = False


def write_report_workbook(
    file: BinaryIO, content: ReportContent, *, created_at: datetime, language: Language
) -> None:
    """Write the report as an XLSX workbook.

    Parameters
    ----------
    file : BinaryIO
        Where the bytes go.
    content : ReportContent
        What it says.
    created_at : datetime
        Instant stamped into the document's properties; the same content and instant give the
        same bytes.
    language : Language
        Language of headings and labels.

    Notes
    -----
    Texts are never taken for formulas or links, whatever they begin with.
    """
    texts = texts_in(language)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(file, options)
    workbook.set_properties(
        {
            "title": f"{texts.title} {content.cau}",
            "author": "reparto",
            "created": created_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    # In a header a single & begins a code.
    printed = f"{content.community} · {content.cau} · {content.year}".replace("&", "&&")
    book = _Book(workbook, texts, printed[:_LONGEST_PRINT_HEADING])
    book.write_summary(content)
    book.write_members(content)
    book.write_months(content)
    book.write_notes(content)
    workbook.close()


class _Book:
    """A workbook under construction: its formats and its language."""

    def __init__(self, workbook: Workbook, texts: ReportTexts, heading_in_print: str) -> None:
        self.workbook = workbook
        self.texts = texts
        self.heading_in_print = heading_in_print
        self.title = workbook.add_format({"bold": True, "font_size": 18, "font_color": _DARK})
        self.label = workbook.add_format({"font_color": _EARTH})
        self.strong = workbook.add_format({"bold": True, "font_size": 12, "font_color": _DARK})
        self.heading = workbook.add_format(
            {"bold": True, "bg_color": _DARK, "font_color": "white", "text_wrap": True,
             "valign": "vcenter", "border": 1, "border_color": "white"}
        )  # fmt: skip
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.wrapped_label = workbook.add_format({"bold": True, "valign": "top"})
        self._numbers: dict[tuple[str | None, bool], Format] = {}

    def number(self, pattern: str | None, *, is_total: bool = False) -> Format:
        """Give the one format of a number pattern."""
        key = (pattern, is_total)
        if key not in self._numbers:
            look: dict[str, object] = {"num_format": pattern} if pattern else {}
            if is_total:
                look |= {"bold": True, "top": 1}
            self._numbers[key] = self.workbook.add_format(look)
        return self._numbers[key]

    def write_summary(self, content: ReportContent) -> None:
        """Write the sheet that says it all: result, proof, comparison of rules, chart."""
        texts, sheet = self.texts, self._sheet(self.texts.summary)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, f"{texts.title}: {content.community}", self.title)
        sheet.write_string(1, 0, f"CAU {content.cau} · {content.year}", self.label)
        best = content.rules[0]
        in_euros = content.objective == "savings"
        unit, name_of_unit = (_EUR, "EUR") if in_euros else (_KWH_EXACT, "kWh")
        facts: list[tuple[str, float | None, str]] = [
            (texts.generation, content.generation_kwh, _KWH_EXACT),
            (texts.consumption, content.consumption_kwh, _KWH_EXACT),
            (texts.self_consumed, best.self_consumed_kwh, _KWH_EXACT),
            (texts.savings, best.savings_eur, _EUR),
            (f"{texts.upper_bound} ({name_of_unit})", content.upper_bound, unit),
            (texts.gap, content.gap, "0.0E+00"),
        ]
        for row, (name, value, pattern) in enumerate(facts, start=3):
            sheet.write_string(row, 0, name, self.strong)
            self._write(sheet, row, 1, value, pattern)
        top = len(facts) + 4
        self._table(sheet, top, self._rule_columns(content), freeze=None)
        self._add_rule_chart(sheet, top, len(content.rules))

    def _rule_columns(self, content: ReportContent) -> list[_Column]:
        """Compare the rules with each other and with the proposal, which comes first."""
        texts, rules, best = self.texts, content.rules, content.rules[0]
        generated = content.generation_kwh
        return [
            _Column(texts.rule, [texts.rules[rule.name] for rule in rules], width=46),
            _Column(
                texts.self_consumed, [rule.self_consumed_kwh for rule in rules], _KWH_EXACT, 18
            ),
            _Column(
                texts.self_consumption_share,
                [rule.self_consumed_kwh / generated if generated else None for rule in rules],
                _SHARE,
                16,
            ),
            _Column(texts.savings, [rule.savings_eur for rule in rules], _EUR, 16),
            _Column(
                texts.proposal_gains_kwh,
                [
                    None if rule.is_bound else best.self_consumed_kwh - rule.self_consumed_kwh
                    for rule in rules
                ],
                _CHANGE_KWH,
                18,
            ),
            _Column(
                texts.proposal_gains_eur,
                [_difference(best.savings_eur, rule.savings_eur) for rule in rules],
                _CHANGE_EUR,
                18,
            ),
        ]

    def _add_rule_chart(self, sheet: Worksheet, top: int, n_rules: int) -> None:
        """Show the rules' energy as bars, the proposal in its own colour."""
        texts, last = self.texts, top + n_rules
        chart = self.workbook.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": [texts.summary, top, 1],
                "categories": [texts.summary, top + 1, 0, last, 0],
                "values": [texts.summary, top + 1, 1, last, 1],
                "fill": {"color": _SKY},
                "points": [{"fill": {"color": _SUN}}],
                "data_labels": {"value": True, "num_format": "#,##0"},
                "gap": 60,
            }
        )
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": "#,##0", "min": 0, "major_gridlines": {"visible": False}})
        chart.set_legend({"none": True})
        _place_chart(sheet, last + 2, chart, texts.chart_of_rules)

    def write_members(self, content: ReportContent) -> None:
        """Write one line a member, with who wins and who loses."""
        texts, lines = self.texts, content.members
        sheet = self._sheet(texts.members)
        columns = [
            _Column(texts.member, [line.member_id for line in lines], width=12),
            _Column(texts.kind, [line.kind for line in lines], width=34),
            _Column("CUPS", [line.cups for line in lines], width=25),
            _Column(texts.tariff, [line.tariff for line in lines], width=8),
            _Column(texts.contracted_power, [line.contracted_kw for line in lines], _KW, 11),
            _Column(texts.coefficient, [line.beta for line in lines], _BETA, 12, has_total=True),
            _total(texts.consumption, [line.consumption_kwh for line in lines], _KWH),
            _total(texts.allocated, [line.allocated_kwh for line in lines], _KWH),
            _total(texts.self_consumed, [line.self_consumed_kwh for line in lines], _KWH),
            _total(texts.surplus, [line.surplus_kwh for line in lines], _KWH),
            _total(texts.grid_import, [line.grid_import_kwh for line in lines], _KWH),
            _Column(
                texts.self_sufficiency_share,
                [
                    line.self_consumed_kwh / line.consumption_kwh if line.consumption_kwh else None
                    for line in lines
                ],
                _SHARE,
                14,
            ),
            _total(texts.savings, [line.savings_eur for line in lines], _EUR),
            _total(texts.against_equal_kwh, [x.against_equal_kwh for x in lines], _CHANGE_KWH),
            _total(texts.against_equal_eur, [x.against_equal_eur for x in lines], _CHANGE_EUR),
            _total(
                texts.against_consumption_kwh,
                [line.against_consumption_kwh for line in lines],
                _CHANGE_KWH,
            ),
            _total(
                texts.against_consumption_eur,
                [line.against_consumption_eur for line in lines],
                _CHANGE_EUR,
            ),
        ]
        self._table(sheet, 0, columns, freeze=(1, 1))
        sheet.autofilter(0, 0, len(lines), len(columns) - 1)
        self._color_changes(sheet, len(lines), (13, 14, 15, 16))

    def _color_changes(self, sheet: Worksheet, n_rows: int, columns: Sequence[int]) -> None:
        """Show gains green and losses red."""
        gain = self.workbook.add_format({"font_color": "#1B7A3D"})
        loss = self.workbook.add_format({"font_color": "#B3261E"})
        for column in columns:
            for criteria, look in ((">", gain), ("<", loss)):
                rule = {"type": "cell", "criteria": criteria, "value": 0, "format": look}
                sheet.conditional_format(1, column, n_rows, column, rule)

    def write_months(self, content: ReportContent) -> None:
        """Write one line a month, and where the month's sun went."""
        texts, lines = self.texts, content.months
        sheet = self._sheet(texts.months)
        columns = [
            _Column(texts.month, [f"{content.year}-{line.month:02d}" for line in lines], width=12),
            _total(texts.generation, [line.generation_kwh for line in lines], _KWH),
            _total(texts.consumption, [line.consumption_kwh for line in lines], _KWH),
            _total(texts.self_consumed, [line.self_consumed_kwh for line in lines], _KWH),
            _total(texts.surplus, [line.surplus_kwh for line in lines], _KWH),
            _total(texts.grid_import, [line.grid_import_kwh for line in lines], _KWH),
            _Column(
                texts.self_consumption_share,
                [
                    line.self_consumed_kwh / line.generation_kwh if line.generation_kwh else None
                    for line in lines
                ],
                _SHARE,
                14,
            ),
            _total(texts.cost_without, [line.cost_without_eur for line in lines], _EUR),
            _total(texts.cost_with, [line.cost_with_eur for line in lines], _EUR),
            _total(texts.compensation, [line.compensation_eur for line in lines], _EUR),
            _total(texts.savings, [line.savings_eur for line in lines], _EUR),
        ]
        self._table(sheet, 0, columns, freeze=(1, 1))
        self._add_month_chart(sheet, len(lines))

    def _add_month_chart(self, sheet: Worksheet, n_months: int) -> None:
        """Stack each month's self-consumed energy and surplus."""
        texts = self.texts
        chart = self.workbook.add_chart({"type": "column", "subtype": "stacked"})
        for column, color in ((3, _SUN), (4, _SKY)):
            chart.add_series(
                {
                    "name": [texts.months, 0, column],
                    "categories": [texts.months, 1, 0, n_months, 0],
                    "values": [texts.months, 1, column, n_months, column],
                    "fill": {"color": color},
                    "gap": 50,
                }
            )
        chart.set_y_axis({"num_format": "#,##0", "name": "kWh"})
        chart.set_legend({"position": "bottom"})
        _place_chart(sheet, n_months + 3, chart, texts.chart_of_months)

    def write_notes(self, content: ReportContent) -> None:
        """Write the sources, units, method and proof."""
        sheet = self._sheet(self.texts.notes)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, _NOTE_WIDTH)
        sheet.write_string(0, 0, self.texts.topic, self.heading)
        sheet.write_string(0, 1, self.texts.notes, self.heading)
        sheet.freeze_panes(1, 0)
        for row, (topic, text) in enumerate(content.notes, start=1):
            sheet.set_row(row, _LINE_HEIGHT * (1 + math.ceil(len(text) / _NOTE_WIDTH)))
            sheet.write_string(row, 0, topic, self.wrapped_label)
            sheet.write_string(row, 1, text, self.wrapped)

    def _sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on the width of a page, headings on each."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{self.heading_in_print}&R&A")
        sheet.set_footer("&Lreparto&R&P / &N")
        return sheet

    def _table(
        self,
        sheet: Worksheet,
        top: int,
        columns: Sequence[_Column],
        freeze: tuple[int, int] | None,
    ) -> None:
        """Write headings, values and totals; the totals are numbers, not formulas."""
        sheet.set_row(top, _HEADING_HEIGHT)
        if freeze is not None:
            sheet.freeze_panes(*freeze)
            sheet.repeat_rows(top)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(top, number, column.heading, self.heading)
            for row, value in enumerate(column.values, start=top + 1):
                self._write(sheet, row, number, value, column.number_format)
            if column.has_total:
                known = [value for value in column.values if isinstance(value, float)]
                total = sum(known) if known else None
                bottom = top + 1 + len(column.values)
                self._write(sheet, bottom, number, total, column.number_format, is_total=True)
        if any(column.has_total for column in columns):
            bottom = top + 1 + len(columns[0].values)
            total_look = self.number(None, is_total=True)
            sheet.write_string(bottom, 0, self.texts.total, total_look)

    def _write(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: Cell,
        pattern: str | None,
        *,
        is_total: bool = False,
    ) -> None:
        """Write a text as text, a number as number, nothing as an empty cell."""
        look = self.number(pattern, is_total=is_total)
        if isinstance(value, str):
            sheet.write_string(row, column, value, look)
        elif value is None:
            sheet.write_blank(row, column, None, look)
        else:
            sheet.write_number(row, column, value, look)


def _total(heading: str, values: Sequence[Cell], number_format: str) -> _Column:
    """Describe a column of numbers that is totalled."""
    return _Column(heading, values, number_format, 15, has_total=True)


def _difference(one: float | None, other: float | None) -> float | None:
    """Subtract what is known."""
    return None if one is None or other is None else one - other


def _place_chart(sheet: Worksheet, row: int, chart: Chart, title: str) -> None:
    """Put a chart below a table, its title also for those who cannot see it."""
    chart.set_title({"name": title, "name_font": {"color": _DARK}})
    chart.set_size({"width": 860, "height": 330})
    sheet.insert_chart(row, 0, chart, {"description": title, "object_position": 2})
