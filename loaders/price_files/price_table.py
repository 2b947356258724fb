"""Tables of prices of one's own: a column of instants and one or more of prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from loaders.decoding import UnreadableFileError, find_separator, parse_csv_rows
from loaders.file_formats import FileFormat
from loaders.number_text import excerpt_of
from loaders.price_files.market_days import parse_instant
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_rows import PriceRows, SeriesKey, decode_prices
from loaders.price_files.records import PriceFile, PriceSubject
from models.values.calendar import Zone

TIME_COLUMN = "ts_utc"
KNOWN_COLUMNS: Mapping[str, PriceSubject] = MappingProxyType(
    {
        "energy_eur_kwh": PriceSubject.OTHER,
        "surplus_eur_kwh": PriceSubject.SURPLUS,
        "pvpc_eur_kwh": PriceSubject.PVPC,
    }
)
"""Columns that say by their name what they hold, in EUR/kWh."""


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """Which columns of a table are read, and as what.

    Attributes
    ----------
    time : str
        Name of the column of instants, which say how far they are from UTC.
    subjects : mapping of str to PriceSubject
        What each column of prices holds; columns that the table lacks are left out, but one of
        them must be there.
    unit : PriceUnit
        What the prices count.
    zone : Zone or None
        Where they hold; None everywhere.
    """

    time: str = TIME_COLUMN
    subjects: Mapping[str, PriceSubject] = field(default_factory=lambda: KNOWN_COLUMNS)
    unit: PriceUnit = PriceUnit.EUR_PER_KWH
    zone: Zone | None = None


def read_price_table(data: bytes, columns: PriceColumns | None = None) -> PriceFile:
    """Read a table of prices.

    Parameters
    ----------
    data : bytes
        CSV in UTF-8 or ISO 8859-1, separated by semicolons, tabs or commas; decimal points or,
        where commas do not separate the cells, decimal commas.
    columns : PriceColumns, optional
        Without it ``ts_utc`` and every column of ``KNOWN_COLUMNS`` that is there.

    Returns
    -------
    PriceFile
        A series for each column; two columns of one subject must not disagree. Other columns are
        ignored.

    Raises
    ------
    UnreadableFileError
        If it is not CSV, is too large, or lacks a column.
    FaultyPricesError
        If any of its lines is wrong.
    """
    columns = columns or PriceColumns()
    text = decode_prices(data, "latin-1")
    lines = parse_csv_rows(text, find_separator(text))
    _, header = next(lines, (0, []))
    header = [name.strip() for name in header]
    places = _find_columns(header, columns)
    rows = PriceRows(FileFormat.PRICE_TABLE)
    for line, cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(header):
            rows.refuse(f"line {line}", f"has {len(cells)} cells, the header has {len(header)}")
            continue
        try:
            second = parse_instant(cells[header.index(columns.time)].strip())
        except UnreadableFileError as error:
            rows.refuse(f"line {line}", error.reason)
            continue
        for name, (position, key) in places.items():
            rows.add(f"line {line}, {name}", [key], second, cells[position], columns.unit)
    return rows.file()


def _find_columns(header: list[str], columns: PriceColumns) -> dict[str, tuple[int, SeriesKey]]:
    """Find the columns of prices by their names."""
    repeated = [name for name in (columns.time, *columns.subjects) if header.count(name) > 1]
    if repeated:
        raise UnreadableFileError(f"column {excerpt_of(repeated[0])} stands twice", "line 1")
    if columns.time not in header:
        raise UnreadableFileError(f"column {excerpt_of(columns.time)} is missing", "line 1")
    found = {
        name: (header.index(name), (subject, columns.zone))
        for name, subject in columns.subjects.items()
        if name in header
    }
    if not found:
        names = ", ".join(map(excerpt_of, columns.subjects))
        raise UnreadableFileError(f"has none of the columns of prices {names}", "line 1")
    return found
