"""REData, Red Eléctrica's public answers on real-time market prices."""

from decimal import Decimal

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.json_text import parse_json_object
from loaders.price_files.market_days import parse_instant
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_rows import PriceRows, SeriesKey, decode_prices
from loaders.price_files.records import PriceFile, PriceSubject
from models.values.calendar import Zone

_SUBJECTS = {"1001": PriceSubject.PVPC, "600": PriceSubject.DAY_AHEAD}


def read_redata_json(data: bytes, zone: Zone = Zone.PENINSULA) -> PriceFile:
    """Read ``included[].attributes.values[]`` of REData, EUR/MWh.

    Parameters
    ----------
    data : bytes
        Answer to a question for ``mercados/precios-mercados-tiempo-real``.
    zone : Zone
        Where the regulated tariff holds; the answer does not say.

    Returns
    -------
    PriceFile
        The regulated tariff (1001) and the day-ahead market (600), which holds everywhere; a note
        names other indicators that were left.

    Raises
    ------
    UnreadableFileError
        If it is no such answer, is too large, or holds no price.
    FaultyPricesError
        If any of its values is wrong.
    """
    content = parse_json_object(decode_prices(data), keeps_decimals=True)
    included = content.get("included")
    if not isinstance(included, list):
        raise UnreadableFileError("is not an answer of REData: it has no list included")
    rows = PriceRows(FileFormat.REDATA_JSON)
    n_left = 0
    for number, part in enumerate(included, 1):
        fields = part if isinstance(part, dict) else {}
        subject = _SUBJECTS.get(str(fields.get("id")))
        if subject is None:
            n_left += 1
            continue
        key = (subject, zone if subject is PriceSubject.PVPC else None)
        _add_values(rows, f"indicator {number}", key, fields.get("attributes"))
    notes = [f"{n_left} indicators that are neither 1001 nor 600 were left"] if n_left else []
    return rows.file(*notes)


def _add_values(rows: PriceRows, where: str, key: SeriesKey, attributes: object) -> None:
    values = attributes.get("values") if isinstance(attributes, dict) else None
    if not isinstance(values, list):
        rows.refuse(where, "has no attributes.values")
        return
    for number, value in enumerate(values, 1):
        place = f"{where}, value {number}"
        fields = value if isinstance(value, dict) else {}
        price = fields.get("value")
        if not isinstance(price, Decimal):
            rows.refuse(place, "has no value that is a number")
            continue
        try:
            second = parse_instant(str(fields.get("datetime")))
        except UnreadableFileError as error:
            rows.refuse(place, error.reason)
            continue
        rows.add(place, [key], second, price, PriceUnit.EUR_PER_MWH)
