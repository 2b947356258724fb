"""What all sheets of the report share: number formats, tables, paragraphs, charts, print layout."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from loaders.report_texts import ReportTexts

Cell = str | float | None
Fact = tuple[str, Cell, str | None]
"""Name, value, and number format; a text has none."""

Area = tuple[int, int, int, int]
"""First row and column, last row and column."""

KWH = "#,##0.0"
KWH_EXACT = "#,##0.000"
EUR = '#,##0.00 "€"'
SHARE = "0.0 %"
SHARE_EXACT = "0.0000 %"
GAP = "0.0E+00"
BETA = "0.000000"
INDEX = "0.000"
COUNT = "#,##0"
KW = "#,##0.00"
CHANGE_KWH = "+#,##0.0;-#,##0.0;0.0"
CHANGE_EUR = '+#,##0.00 "€";-#,##0.00 "€";0.00 "€"'
CHANGE_POINTS = "+0.0;-0.0;0.0"

LEAST_KWH, LEAST_EUR, LEAST_POINTS = 0.0005, 0.005, 0.05
"""Least change that counts as one: half of what people see."""

DARK, SUN, SKY, EARTH = "#17324D", "#F2A900", "#2A7F9E", "#6B7075"
_HAIRLINE, _HIGHLIGHT = "#DDE3E8", "#FFF4D6"
_GAIN = {"font_color": "#1B7A3D", "bg_color": "#E8F5EC"}
_LOSS = {"font_color": "#B3261E", "bg_color": "#FCEBE9"}

_A4 = 9
_LINE_HEIGHT = 15
_AIR = 6
_CHARACTERS_PER_DIGIT = 1.1
_HEADING_SIZE = 0.9
_PAGE_WIDTH = 200
_WIDEST_TEXT = 34
_NARROWEST = 8

_UNIT_PATTERNS = {"EUR": EUR, "1": SHARE_EXACT}


@dataclass(frozen=True)
class Column:
    """A column of a table: heading, values, number format, and what stands below as total.

    A total is summed from what is known, if that is asked for, or given.
    """

    heading: str
    values: Sequence[Cell]
    pattern: str | None = None
    is_summed: bool = False
    given_total: float | None = None
    widest: int = _WIDEST_TEXT

    @cached_property
    def total(self) -> float | None:
        """What stands below the values."""
        known = [value for value in self.values if isinstance(value, float)]
        return math.fsum(known) if self.is_summed and known else self.given_total

    @cached_property
    def width(self) -> int:
        """Characters that show every number whole, and every word of the heading."""
        words = max((len(word) for word in re.split(r"[\s-]+", self.heading)), default=0)
        texts = [len(value) for value in self.values if isinstance(value, str)]
        numbers = [value for value in (*self.values, self.total) if isinstance(value, float | int)]
        digits = [_count_characters(value, self.pattern or "") for value in numbers]
        longest = min(max([round(words * _HEADING_SIZE) + 1, *texts]), self.widest) + 1
        return max(_NARROWEST, longest, *digits)


def sum_up(heading: str, values: Sequence[Cell], pattern: str) -> Column:
    """Describe a column of numbers that is totalled.

    Parameters
    ----------
    heading : str
        What stands above.
    values : sequence of Cell
        Numbers, None where one is not known.
    pattern : str
        Number format.

    Returns
    -------
    Column
        With the sum of what is known as its total.

    Examples
    --------
    >>> sum_up("kWh", [1.5, None, 2.0], KWH).total
    3.5
    """
    return Column(heading, values, pattern, is_summed=True)


def _count_characters(value: float, pattern: str) -> int:
    """Count what a number takes up, with its sign, its unit and some air."""
    if pattern == GAP:
        return len("0.0E+00") + 2
    found = re.search(r"\.(0+)", pattern)
    scaled = value * 100 if pattern.endswith("%") else value
    unit = 2 if pattern.endswith(("%", '"')) else 0
    return len(f"{scaled:,.{len(found[1]) if found else 0}f}") + unit + 2


class Book:
    """A workbook under construction: its formats and its language."""

    def __init__(self, workbook: Workbook, texts: ReportTexts, heading_in_print: str) -> None:
        self.workbook = workbook
        self.texts = texts
        self.heading_in_print = heading_in_print
        self.title = workbook.add_format({"bold": True, "font_size": 18, "font_color": DARK})
        self.subtitle = workbook.add_format({"bold": True, "font_size": 13, "font_color": DARK})
        self.plain = workbook.add_format({"font_color": DARK})
        self.label = workbook.add_format({"font_color": EARTH})
        self.strong = workbook.add_format({"bold": True, "font_color": DARK, "valign": "top"})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.heading = self._add_heading("left")
        self.heading_over_numbers = self._add_heading("right")
        self.heading_over_group = self._add_heading("center")
        self.gain, self.loss = workbook.add_format(_GAIN), workbook.add_format(_LOSS)
        self._looks: dict[tuple[str | None, bool, bool], Format] = {}
        self._widths: dict[tuple[str, int], int] = {}

    def _add_heading(self, align: str) -> Format:
        """Make the look of a heading."""
        return self.workbook.add_format(
            {"bold": True, "font_size": 10, "bg_color": DARK, "font_color": "white",
             "text_wrap": True,
             "valign": "vcenter", "align": align, "border": 1, "border_color": "white"}
        )  # fmt: skip

    def look(
        self, pattern: str | None, *, is_total: bool = False, is_marked: bool = False
    ) -> Format:
        """Give the one format of a number pattern in a plain, a total or a marked line."""
        key = (pattern, is_total, is_marked)
        if key not in self._looks:
            style: dict[str, object] = {"valign": "vcenter", "text_wrap": pattern is None}
            style |= {"bottom": 1, "bottom_color": _HAIRLINE}
            if pattern is not None:
                style["num_format"] = pattern
            if is_total:
                style |= {"bold": True, "top": 1, "top_color": DARK}
            if is_marked:
                style |= {"bold": True, "bg_color": _HIGHLIGHT}
            self._looks[key] = self.workbook.add_format(style)
        return self._looks[key]

    def unit(self, unit: str) -> str:
        """Name a unit."""
        return self.texts.units[unit]

    @staticmethod
    def pattern_of(unit: str) -> str:
        """Give the number format of values in a unit."""
        return _UNIT_PATTERNS.get(unit, KWH_EXACT)

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on landscape A4, its name above."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L{self.heading_in_print}&R&A")
        sheet.set_footer("&Lreparto&R&P / &N")
        return sheet

    def write_table(
        self, sheet: Worksheet, top: int, columns: Sequence[Column], *, marked: int | None = None
    ) -> int:
        """Write headings, values and totals, numbers and not formulas; return the row below."""
        self.write_headings(sheet, top, columns)
        bottom = self.write_lines(sheet, top + 1, columns, marked=marked)
        if all(column.total is None for column in columns):
            return bottom
        for number, column in enumerate(columns):
            total = self.texts.total if number == 0 else column.total
            self.write(sheet, bottom, number, total, self.look(column.pattern, is_total=True))
        return bottom + 1

    def write_headings(self, sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
        """Write the headings in a row as high as the longest of them needs."""
        lines = max(len(wrap(each.heading, each.width - 1)) for each in columns)
        sheet.set_row(row, _LINE_HEIGHT * max(lines, 2) + _AIR)
        for number, column in enumerate(columns):
            look = self.heading if column.pattern is None else self.heading_over_numbers
            self._widen(sheet, number, column.width)
            sheet.write_string(row, number, column.heading, look)

    def write_lines(
        self, sheet: Worksheet, top: int, columns: Sequence[Column], *, marked: int | None = None
    ) -> int:
        """Write the values, one line of them marked if asked for; return the row below."""
        for number, column in enumerate(columns):
            plain = self.look(column.pattern)
            for row, value in enumerate(column.values):
                look = self.look(column.pattern, is_marked=True) if row == marked else plain
                self.write(sheet, top + row, number, value, look)
        self._raise_lines(sheet, top, columns)
        return top + len(columns[0].values)

    def _raise_lines(self, sheet: Worksheet, top: int, columns: Sequence[Column]) -> None:
        """Make lines high enough for texts that wrap."""
        for row in range(len(columns[0].values)):
            cells = [(column.values[row], column.width) for column in columns if not column.pattern]
            texts = [(value, width) for value, width in cells if isinstance(value, str)]
            height = max((self.height_of(*each) for each in texts), default=0)
            if height > _LINE_HEIGHT + _AIR:
                sheet.set_row(top + row, height)

    def write_line(
        self,
        sheet: Worksheet,
        row: int,
        label: str,
        values: Sequence[Cell],
        pattern: str,
        *,
        is_total: bool = False,
    ) -> None:
        """Write numbers of one kind in a line, and what they are before them."""
        sheet.write_string(row, 0, label, self.look(None, is_total=is_total))
        self._widen(sheet, 0, min(len(label) + 1, _WIDEST_TEXT))
        for number, value in enumerate(values, start=1):
            self._widen(sheet, number, Column("", [value], pattern).width)
            self.write(sheet, row, number, value, self.look(pattern, is_total=is_total))

    def write_facts(self, sheet: Worksheet, top: int, facts: Sequence[Fact]) -> int:
        """Write one fact a line, its name before it; return the row below."""
        for row, (name, value, pattern) in enumerate(facts, start=top):
            sheet.write_string(row, 0, name, self.strong)
            self._widen(sheet, 0, len(name) + 2)
            if pattern is not None:
                self._widen(sheet, 1, Column("", [value], pattern).width)
            self.write(sheet, row, 1, value, self.look(pattern) if pattern else self.plain)
        return top + len(facts)

    def fit_to_page(self, sheet: Worksheet, *, is_one_page: bool = False) -> None:
        """Print on the width of a page, or of as many as stay readable, or all on one page."""
        name = sheet.get_name()
        width = sum(width for (of_sheet, _), width in self._widths.items() if of_sheet == name)
        pages = max(1, math.ceil(width / _PAGE_WIDTH))
        sheet.fit_to_pages(pages, 1 if is_one_page else 0)
        if pages > 1:
            sheet.repeat_columns(0)

    def _widen(self, sheet: Worksheet, column: int, width: int) -> None:
        """Make a column as wide as the widest of what stands in it."""
        key = (sheet.get_name(), column)
        if width > self._widths.get(key, 0):
            self._widths[key] = width
            sheet.set_column(column, column, width)

    def write_paragraph(self, sheet: Worksheet, row: int, text: str, widths: Sequence[int]) -> None:
        """Write a text over the columns of these widths, in as many lines as it needs."""
        sheet.set_row(row, self.height_of(text, sum(widths)))
        sheet.merge_range(row, 0, row, len(widths) - 1, "", self.wrapped)
        sheet.write_string(row, 0, text, self.wrapped)

    @staticmethod
    def height_of(text: str, width: int) -> int:
        """Give the height of a text that wraps at a width, with some air below."""
        fitting = round(_CHARACTERS_PER_DIGIT * width)
        lines = sum(len(wrap(line, fitting)) for line in text.splitlines())
        return _LINE_HEIGHT * lines + _AIR

    def color_changes(self, sheet: Worksheet, area: Area, least: float) -> None:
        """Show gains green and losses red, from the least that counts."""
        for criteria, value, look in ((">=", least, self.gain), ("<=", -least, self.loss)):
            rule = {"type": "cell", "criteria": criteria, "value": value, "format": look}
            sheet.conditional_format(*area, rule)

    @staticmethod
    def write(sheet: Worksheet, row: int, column: int, value: Cell, look: Format) -> None:
        """Write a text as text, a number as number, nothing as an empty cell."""
        if isinstance(value, str):
            sheet.write_string(row, column, value, look)
        elif value is None:
            sheet.write_blank(row, column, None, look)
        else:
            sheet.write_number(row, column, value, look)

    @staticmethod
    def place_chart(sheet: Worksheet, row: int, chart: Chart, title: str) -> None:
        """Put a chart below a table, its title also for those who cannot see it."""
        chart.set_title({"name": title, "name_font": {"color": DARK, "size": 13}})
        chart.set_size({"width": 900, "height": 340})
        sheet.insert_chart(row, 0, chart, {"description": title, "object_position": 2})
