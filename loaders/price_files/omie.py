"""The day-ahead market of OMIE: ``marginalpdbc`` files and reports of one day."""

import re
from collections import defaultdict

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.number_text import excerpt_of
from loaders.price_files.market_days import find_step, number_intervals, parse_day
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_rows import PriceRows, SeriesKey, decode_prices
from loaders.price_files.records import PriceFile, PriceSubject
from models.values.calendar import Step

MARGINAL_HEADER = "MARGINALPDBC;"
MARGINAL_END = "*"

_DAY_AHEAD: SeriesKey = (PriceSubject.DAY_AHEAD, None)
_PERIOD = re.compile(r"([0-9]{4});([0-9]{1,2});([0-9]{1,2});([0-9]{1,3});([^;]*);([^;]*);?")
_TITLE = re.compile(
    r"OM(?:EL|IE) - Mercado de electricidad;[^;]*;[^;]*;([0-9]{2}/[0-9]{2}/[0-9]{4});"
    r"Precio del mercado diario \(([^)]*)\);*"
)
_SPANISH_ROW = re.compile(r"Precio marginal en el sistema espa.{1,2}ol \(([^)]*)\)")
_UNITS = {"eur/mwh": PriceUnit.EUR_PER_MWH, "cent/kwh": PriceUnit.CENT_PER_KWH}

_Prices = dict[int, tuple[int, str]]


def read_omie_marginalpdbc(data: bytes) -> PriceFile:
    """Read ``marginalpdbc_YYYYMMDD.1``: ``year;month;day;period;price_PT;price_ES;``, EUR/MWh.

    Parameters
    ----------
    data : bytes
        Hours, or since 1 October 2025 quarter-hours; one or more whole days.

    Returns
    -------
    PriceFile
        Prices of the Spanish side: a series of the days in hours and one of those in
        quarter-hours. On 1 March 2026 the sides differ: period 46 reads
        ``-1.51;-2`` here, and the day's report names -2.00 Spanish and -1.51 Portuguese.

    Raises
    ------
    UnreadableFileError
        If it is no such file, is too large, or is cut off before its last line, ``*``.
    FaultyPricesError
        If a line is wrong, or a day has not all its periods.
    """
    lines = decode_prices(data, "latin-1").split("\n")
    lines = [line.strip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines or lines[0] != MARGINAL_HEADER:
        raise UnreadableFileError(f"does not begin with {MARGINAL_HEADER}", "line 1")
    if lines[-1] != MARGINAL_END:
        raise UnreadableFileError(f"is cut off: its last line is not {MARGINAL_END}")
    rows = PriceRows(FileFormat.OMIE_MARGINALPDBC)
    days: defaultdict[str, _Prices] = defaultdict(dict)
    for number, line in enumerate(lines[1:-1], 2):
        _collect_period(rows, days, number, line)
    for day, prices in days.items():
        _add_marginal_day(rows, day, prices)
    return rows.file("prices of the Spanish side; Portugal's were left")


def _collect_period(
    rows: PriceRows, days: defaultdict[str, _Prices], number: int, line: str
) -> None:
    period = _PERIOD.fullmatch(line)
    if not period:
        rows.refuse(
            f"line {number}", f"{excerpt_of(line)} is not year;month;day;period;price;price;"
        )
        return
    day = f"{period[1]}-{period[2]}-{period[3]}"
    known = days[day].setdefault(int(period[4]), (number, period[6]))
    if known[0] != number:
        rows.refuse(
            f"line {number}", f"period {period[4]} of {day} stands already in line {known[0]}"
        )


def _add_marginal_day(rows: PriceRows, day_text: str, prices: _Prices) -> None:
    first_line = next(iter(prices.values()))[0]
    try:
        day = parse_day(day_text, "%Y-%m-%d")
        step = find_step(day, len(prices))
    except UnreadableFileError as error:
        rows.refuse(f"line {first_line}", error.reason)
        return
    seconds = number_intervals(day, step).tolist()
    for period, (line, price) in prices.items():
        if 1 <= period <= len(seconds):
            second = seconds[period - 1]
            rows.add(f"line {line}", [_DAY_AHEAD], second, price, PriceUnit.EUR_PER_MWH, step)
        else:
            rows.refuse(f"line {line}", f"period {period} is not from 1 to {len(seconds)}")


def read_omie_day_report(data: bytes) -> PriceFile:
    """Read OMIE's report of a day: ``PMD_``, ``PrecioMD_`` or ``INT_PBC_EV_H``.

    Parameters
    ----------
    data : bytes
        UTF-8 or ISO 8859-1: a title with the day, a line of hours (``;1;2;``) or quarter-hours
        (``;H1Q1;H1Q2;``), and a row named «Precio marginal en el sistema español».

    Returns
    -------
    PriceFile
        That row, cent/kWh or EUR/MWh as it says.

    Raises
    ------
    UnreadableFileError
        If it is no such report, is too large, or its periods are not those of the day.
    FaultyPricesError
        If a price is wrong.
    """
    lines = decode_prices(data, "latin-1").splitlines()
    title = _TITLE.fullmatch(lines[0].strip()) if lines else None
    if not title:
        raise UnreadableFileError("does not begin with OMIE's title of a day", "line 1")
    day = parse_day(title[1], "%d/%m/%Y")
    names = _find_periods(lines)
    where, unit, texts = _find_spanish_prices(lines)
    step = find_step(day, len(names))
    if names != _name_periods(len(names), step):
        raise UnreadableFileError("does not name its periods 1, 2, 3 or H1Q1, H1Q2, H1Q3 in order")
    if len(texts) != len(names):
        raise UnreadableFileError(f"has {len(texts)} prices for {len(names)} periods", where)
    rows = PriceRows(FileFormat.OMIE_DAY_REPORT)
    seconds = number_intervals(day, step).tolist()
    for name, second, text in zip(names, seconds, texts, strict=True):
        rows.add(f"{where}, period {name}", [_DAY_AHEAD], second, text, unit, step)
    return rows.file("prices of the Spanish side; other rows were left")


def _find_periods(lines: list[str]) -> list[str]:
    for line in lines[1:]:
        first, *names = line.split(";")
        names = _without_end(names)
        if not first and names:
            return names
    raise UnreadableFileError("has no line that names the periods")


def _find_spanish_prices(lines: list[str]) -> tuple[str, PriceUnit, list[str]]:
    """Give the place of the row, its unit and its cells."""
    for number, line in enumerate(lines, 1):
        label, *texts = line.split(";")
        row = _SPANISH_ROW.fullmatch(label.strip())
        if row and row[1].lower() not in _UNITS:
            raise UnreadableFileError(f"unit {excerpt_of(row[1])} is not known", f"line {number}")
        if row:
            return f"line {number}", _UNITS[row[1].lower()], _without_end(texts)
    raise UnreadableFileError("has no row of marginal prices of the Spanish system")


def _name_periods(count: int, step: Step) -> list[str]:
    if step is Step.HOUR:
        return [str(number + 1) for number in range(count)]
    return [f"H{number // 4 + 1}Q{number % 4 + 1}" for number in range(count)]


def _without_end(cells: list[str]) -> list[str]:
    """Strip the cells, and leave out the empty ones behind the last separator."""
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped
