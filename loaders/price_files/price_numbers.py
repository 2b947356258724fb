"""Prices as files write them, into whole billionths of a euro per kWh."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum
from typing import NamedTuple

from loaders.decoding import UnreadableFileError
from loaders.number_text import excerpt_of

LARGEST_NANO_EUR = 10**15
"""Largest price either way [1e-9 EUR/kWh]: a million euros, so that sums stay in 64 bits."""

_PRICE = re.compile(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?")


class PriceUnit(Enum):
    """Unit of a price, by how many powers of ten it lies above the stored one."""

    EUR_PER_KWH = 9
    CENT_PER_KWH = 7
    EUR_PER_MWH = 6


class ExactPrice(NamedTuple):
    """A price [1e-9 EUR/kWh], and whether the file had more digits."""

    nano_eur_per_kwh: int
    is_rounded: bool


def parse_price(text: str | Decimal, unit: PriceUnit) -> ExactPrice:
    """Turn the digits of a price into billionths of a euro per kWh, never through a float.

    Parameters
    ----------
    text : str or Decimal
        With a decimal point or comma, without marks between thousands.
    unit : PriceUnit
        What it counts.

    Returns
    -------
    ExactPrice
        Halves of a billionth go to the even neighbour.

    Raises
    ------
    UnreadableFileError
        If it is no number or lies beyond a million euros per kWh.

    Examples
    --------
    >>> parse_price("131,04", PriceUnit.EUR_PER_MWH)
    ExactPrice(nano_eur_per_kwh=131040000, is_rounded=False)
    """
    written = str(text).strip()
    if not _PRICE.fullmatch(written):
        what = f"is {excerpt_of(written)}, not a number" if written else "is empty"
        raise UnreadableFileError(f"price {what}")
    exact = Decimal(written.replace(",", ".")).scaleb(unit.value)
    if abs(exact) > LARGEST_NANO_EUR:
        raise UnreadableFileError(f"price is {excerpt_of(written)}, beyond a million euros per kWh")
    whole = exact.to_integral_value(ROUND_HALF_EVEN)
    return ExactPrice(int(whole), whole != exact)
