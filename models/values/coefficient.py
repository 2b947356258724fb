"""Distribution coefficients as whole millionths, the grid that the distributor's file can carry."""

import re

from models.values.errors import InvalidDataError

MILLIONTHS = 1_000_000
"""Millionths in one: every set of coefficients sums to this."""

_SIX_DECIMALS = re.compile(r"([01])[.,]([0-9]{6})")


def parse_coefficient(text: str) -> int:
    """Read a coefficient written with exactly six decimals.

    Parameters
    ----------
    text : str
        Such as ``0,135464`` or ``0.135464``.

    Returns
    -------
    int
        Millionths, 0 to 1,000,000.

    Raises
    ------
    InvalidDataError
        If the text is not a number from 0 to 1 with six decimals.

    Examples
    --------
    >>> parse_coefficient("0,135464")
    135464
    """
    match = _SIX_DECIMALS.fullmatch(text)
    millionths = int(match[1] + match[2]) if match else MILLIONTHS + 1
    if millionths > MILLIONTHS:
        raise InvalidDataError(
            f"coefficient {text!r} is not a number from 0 to 1 with six decimals"
        )
    return millionths


def format_coefficient(millionths: int, decimal_mark: str = ".") -> str:
    """Write a coefficient with six decimals.

    Parameters
    ----------
    millionths : int
        0 to 1,000,000.
    decimal_mark : str
        ``.`` for people and programs, ``,`` in the distributor's file.

    Returns
    -------
    str
        Always eight characters.

    Raises
    ------
    InvalidDataError
        If it is not between zero and one.

    Examples
    --------
    >>> format_coefficient(135464, ",")
    '0,135464'
    """
    if not 0 <= millionths <= MILLIONTHS:
        raise InvalidDataError(f"coefficient of {millionths} millionths is not between 0 and 1")
    whole, fraction = divmod(millionths, MILLIONTHS)
    return f"{whole}{decimal_mark}{fraction:06d}"
