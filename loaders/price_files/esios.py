"""Indicators of ESIOS: the regulated tariff (1001) and the price of surplus (1739)."""

from decimal import Decimal
from typing import NamedTuple

from loaders.decoding import UnreadableFileError, parse_csv_rows
from loaders.file_formats import FileFormat
from loaders.json_text import parse_json_object
from loaders.number_text import excerpt_of
from loaders.price_files.market_days import parse_instant
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_rows import PriceRows, SeriesKey, decode_prices
from loaders.price_files.records import PriceFile, PriceSubject
from models.values.calendar import Zone

CSV_COLUMNS = ("id", "name", "geoid", "geoname", "value", "datetime")

_ZONES = {
    "8741": Zone.PENINSULA,
    "8742": Zone.CANARIAS,
    "8743": Zone.BALEARES,
    "8744": Zone.CEUTA,
    "8745": Zone.MELILLA,
}
_SPAIN = "3"


class _Indicator(NamedTuple):
    """What an indicator tells the price of, and for which places."""

    subject: PriceSubject
    places: dict[str, Zone | None]


_INDICATORS = {
    "1001": _Indicator(PriceSubject.PVPC, dict(_ZONES)),
    # exports leave the place of what holds everywhere empty
    "1739": _Indicator(PriceSubject.SURPLUS, {_SPAIN: None, "": None}),
}


def read_esios_json(data: bytes) -> PriceFile:
    """Read the answer of ESIOS to a question for one indicator.

    Parameters
    ----------
    data : bytes
        Indicator 1001 (regulated tariff, by zone) or 1739 (surplus), EUR/MWh.

    Returns
    -------
    PriceFile
        Instants by the offset in ``datetime``: ``datetime_utc`` names the hour that comes twice in
        October only once.

    Raises
    ------
    UnreadableFileError
        If it is no such answer, is too large, or holds no price.
    FaultyPricesError
        If any of its values is wrong.
    """
    content = parse_json_object(decode_prices(data), keeps_decimals=True)
    indicator = content.get("indicator")
    values = indicator.get("values") if isinstance(indicator, dict) else None
    if not isinstance(indicator, dict) or not isinstance(values, list):
        raise UnreadableFileError("is not an indicator of ESIOS: it has no indicator.values")
    code = str(indicator.get("id"))
    if code not in _INDICATORS:
        raise UnreadableFileError(_explain_indicator(code))
    rows = PriceRows(FileFormat.ESIOS_JSON)
    for number, value in enumerate(values, 1):
        place = f"value {number}"
        if not isinstance(value, dict):
            rows.refuse(place, "is not an object")
            continue
        stamp = value.get("datetime", value.get("tz_time"))
        geo_id = str(value.get("geo_id", ""))
        _add(rows, place, (code, geo_id, str(stamp)), value.get("value"))
    return rows.file()


def read_esios_csv(data: bytes) -> PriceFile:
    """Read the CSV that the pages of ESIOS export.

    Parameters
    ----------
    data : bytes
        Columns ``id;name;geoid;geoname;value;datetime``, EUR/MWh.

    Returns
    -------
    PriceFile
        Of every indicator in it.

    Raises
    ------
    UnreadableFileError
        If it is no such file, is too large, or holds no price.
    FaultyPricesError
        If any of its lines is wrong.
    """
    lines = parse_csv_rows(decode_prices(data), ";")
    _, header = next(lines, (0, []))
    if tuple(header) != CSV_COLUMNS:
        raise UnreadableFileError(f"does not have the columns {';'.join(CSV_COLUMNS)}")
    rows = PriceRows(FileFormat.ESIOS_CSV)
    for line, cells in lines:
        place = f"line {line}"
        if len(cells) != len(CSV_COLUMNS):
            rows.refuse(place, f"has {len(cells)} cells, the header has {len(CSV_COLUMNS)}")
            continue
        code, _, geo_id, _, price, stamp = cells
        _add(rows, place, (code, geo_id, stamp), price)
    return rows.file()


def _add(rows: PriceRows, place: str, labels: tuple[str, str, str], price: object) -> None:
    """Take one value by its indicator, its place and its instant."""
    code, geo_id, stamp = labels
    try:
        key = _find_series(code, geo_id)
        second = parse_instant(stamp)
    except UnreadableFileError as error:
        rows.refuse(place, error.reason)
        return
    if isinstance(price, str | Decimal):
        rows.add(place, [key], second, price, PriceUnit.EUR_PER_MWH)
    else:
        rows.refuse(place, "has no price")


def _find_series(code: str, geo_id: str) -> SeriesKey:
    if code not in _INDICATORS:
        raise UnreadableFileError(_explain_indicator(code))
    subject, places = _INDICATORS[code]
    if geo_id not in places:
        raise UnreadableFileError(f"place {excerpt_of(geo_id)} is not one of indicator {code}")
    return subject, places[geo_id]


def _explain_indicator(code: str) -> str:
    known = " and ".join(_INDICATORS)
    return f"indicator {excerpt_of(code)} is not one that is read; those are {known}"
