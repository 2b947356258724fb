"""Numbers and dates as a page shows them, by the texts of its language."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.values.money import round_to_cents

_MOST_DECIMALS = 8
_GROUP = 4


def show_number(number: Decimal, texts: dict[str, Any], least: int, most: int) -> str:
    """Show a number with separators.

    Parameters
    ----------
    number : Decimal
        The number.
    texts : dict of str to Any
        Texts of the language; ``number_signs`` are its decimal sign and its separator.
    least, most : int
        Decimals: zeros at the end are left out down to the least.

    Returns
    -------
    str
        The number, halves away from zero as in the lines of an invoice.

    Examples
    --------
    >>> show_number(Decimal("-1234.5000"), {"number_signs": ",."}, 2, 8)
    '−1.234,50'
    """
    rounded = number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    whole, _, decimals = f"{abs(rounded):,.{most}f}".partition(".")
    kept = decimals[:least] + decimals[least:].rstrip("0")
    decimal_sign, separator = texts["number_signs"]
    shown = whole.replace(",", separator) + (decimal_sign + kept if kept else "")
    return f"−{shown}" if rounded < 0 else shown


def show_exact(number: Decimal, texts: dict[str, Any], least: int = 0) -> str:
    """Show a quantity or a price with all its decimals.

    Parameters
    ----------
    number : Decimal
        With at most 8 decimals.
    texts : dict of str to Any
        Texts of the language.
    least : int
        Decimals that are shown even when they are zeros.

    Returns
    -------
    str
        The number.
    """
    return show_number(number, texts, least, _MOST_DECIMALS)


def show_eur(amount_eur: Decimal, texts: dict[str, Any]) -> str:
    """Show an amount.

    Parameters
    ----------
    amount_eur : Decimal
        In cents [EUR].
    texts : dict of str to Any
        Texts of the language.

    Returns
    -------
    str
        With two decimals and the sign of the euro, which no line break parts from it.
    """
    return f"{show_number(round_to_cents(amount_eur), texts, 2, 2)}\u00a0€"


def show_kwh(energy_wh: int, texts: dict[str, Any], decimals: int = 1) -> str:
    """Show an energy in kWh, without the unit.

    Parameters
    ----------
    energy_wh : int
        Energy [Wh].
    texts : dict of str to Any
        Texts of the language.
    decimals : int
        How many.

    Returns
    -------
    str
        The number [kWh].
    """
    return show_number(Decimal(energy_wh).scaleb(-3), texts, decimals, decimals)


def show_day(day: date, texts: dict[str, Any]) -> str:
    """Show a date.

    Parameters
    ----------
    day : date
        The date.
    texts : dict of str to Any
        Texts of the language.

    Returns
    -------
    str
        As the language writes it; no line breaks inside it.

    Examples
    --------
    >>> show_day(date(2026, 11, 5), {"date": "{day:02}/{month:02}/{year}", "months": [""] * 12})
    '05/11/2026'
    """
    shown: str = texts["date"].format(
        day=day.day,
        month=day.month,
        month_name=texts["months"][day.month - 1],
        year=day.year,
    )
    return shown.replace(" ", "\u00a0")


def show_in_groups(text: str) -> str:
    r"""Show an account number in groups of four.

    Parameters
    ----------
    text : str
        Without spaces.

    Returns
    -------
    str
        With one after every four characters, where no line breaks.

    Examples
    --------
    >>> show_in_groups("ES9121000418").split("\u00a0")
    ['ES91', '2100', '0418']
    """
    return "\u00a0".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
