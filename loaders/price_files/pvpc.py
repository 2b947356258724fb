"""The regulated tariff by the day: archive 70 of ESIOS, and daily files of one zone."""

import re
from datetime import date
from decimal import Decimal

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.json_text import parse_json_object
from loaders.number_text import excerpt_of
from loaders.price_files.market_days import parse_day, place_hours
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_rows import PriceRows, SeriesKey, decode_prices
from loaders.price_files.records import PriceFile, PriceSubject
from models.values.calendar import Zone

_ARCHIVE_COLUMNS: dict[str, tuple[SeriesKey, ...]] = {
    "PCB": tuple(
        (PriceSubject.PVPC, zone) for zone in (Zone.PENINSULA, Zone.CANARIAS, Zone.BALEARES)
    ),
    "CYM": tuple((PriceSubject.PVPC, zone) for zone in (Zone.CEUTA, Zone.MELILLA)),
}
_HOUR_SPAN = re.compile(r"([0-9]{2})-[0-9]{2}")
_HOUR_KEY = re.compile(r"[0-9]{1,2}")

_Entries = dict[str, list[tuple[int, int, dict[str, object]]]]


def read_pvpc_archive(data: bytes) -> PriceFile:
    """Read archive 70 of ESIOS, which needs no token.

    Parameters
    ----------
    data : bytes
        ``PVPC[]`` with ``Dia`` (30/10/2021), ``Hora`` (00-01), ``PCB`` and ``CYM`` in EUR/MWh with
        decimal commas.

    Returns
    -------
    PriceFile
        ``PCB`` for the peninsula, the Canary and the Balearic Islands, ``CYM`` for Ceuta and
        Melilla; both at the hours of Madrid. Indicator 1001 tells the same of each zone.

    Raises
    ------
    UnreadableFileError
        If it is no such file, is too large, or holds no price.
    FaultyPricesError
        If an hour is wrong, or a day lacks one or has one too many.
    """
    content = parse_json_object(decode_prices(data), keeps_decimals=True)
    entries = content.get("PVPC")
    if not isinstance(entries, list):
        raise UnreadableFileError("is not archive 70 of ESIOS: it has no list PVPC")
    rows = PriceRows(FileFormat.PVPC_ARCHIVE)
    for day, hours in _group_by_day(entries, rows).items():
        _add_archive_day(rows, day, hours)
    return rows.file()


def _group_by_day(entries: list[object], rows: PriceRows) -> _Entries:
    """Collect the number, the hour and the object of each entry."""
    days: _Entries = {}
    for number, entry in enumerate(entries, 1):
        fields = entry if isinstance(entry, dict) else {}
        hour = _HOUR_SPAN.fullmatch(str(fields.get("Hora")))
        if hour is None or "Dia" not in fields:
            rows.refuse(f"entry {number}", "has no Dia such as 30/10/2021 and Hora such as 00-01")
            continue
        days.setdefault(str(fields["Dia"]), []).append((number, int(hour[1]), fields))
    return days


def _add_archive_day(
    rows: PriceRows, day_text: str, hours: list[tuple[int, int, dict[str, object]]]
) -> None:
    try:
        day = parse_day(day_text, "%d/%m/%Y")
        seconds = place_hours(day, [hour for _, hour, _ in hours]).tolist()
    except UnreadableFileError as error:
        rows.refuse(f"entry {hours[0][0]}", error.reason)
        return
    for second, (number, _, fields) in zip(seconds, hours, strict=True):
        for column, series in _ARCHIVE_COLUMNS.items():
            place = f"entry {number}, {column}"
            price = fields.get(column)
            if isinstance(price, str):
                rows.add(place, series, second, price, PriceUnit.EUR_PER_MWH)
            else:
                rows.refuse(place, "is not a text such as 131,04")


def read_pvpc_daily(data: bytes, zone: Zone = Zone.PENINSULA) -> PriceFile:
    """Read a daily file of the regulated tariff: ``{"day": "2025-03-30", "data": {"0": 0.06762}}``.

    Parameters
    ----------
    data : bytes
        Prices [EUR/kWh] by the hour that the clock shows: 0, 1, 3 and so on to 23 on the short
        day. The long day needs the running numbers 0 to 24, because an object cannot name hour 2
        twice; with 24 hours only it is refused, since one of the two hours is lost.
    zone : Zone
        Where they hold; the file does not say.

    Returns
    -------
    PriceFile
        The day.

    Raises
    ------
    UnreadableFileError
        If it is no such file, is too large, or its hours are not those of the day.
    FaultyPricesError
        If a price is wrong.
    """
    content = parse_json_object(decode_prices(data), keeps_decimals=True)
    hours = content.get("data")
    if not isinstance(content.get("day"), str) or not isinstance(hours, dict):
        raise UnreadableFileError("is not a daily file of prices: it has no day and data")
    day = parse_day(str(content["day"]), "%Y-%m-%d")
    strange = [key for key in hours if not _HOUR_KEY.fullmatch(key)]
    if strange:
        raise UnreadableFileError(f"key {excerpt_of(strange[0])} is not an hour")
    in_order = sorted((int(key), price) for key, price in hours.items())
    rows = PriceRows(FileFormat.PVPC_DAILY)
    _add_daily(rows, day, in_order, zone)
    return rows.file()


def _add_daily(rows: PriceRows, day: date, hours: list[tuple[int, object]], zone: Zone) -> None:
    seconds = place_hours(day, [hour for hour, _ in hours]).tolist()
    for second, (hour, price) in zip(seconds, hours, strict=True):
        if isinstance(price, str | Decimal):
            key = (PriceSubject.PVPC, zone)
            rows.add(f"hour {hour}", [key], second, price, PriceUnit.EUR_PER_KWH)
        else:
            rows.refuse(f"hour {hour}", "has no price")
