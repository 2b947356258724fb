"""Text in the characters that every SEPA bank passes on."""

import re
import unicodedata

from models.values.errors import InvalidArgumentError

_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_SPACES = re.compile(r"\s+")
_SLASHES = re.compile(r"//+")
_SINGLE = str.maketrans("&_;[]{}|\\`´‘’–—¿¡€ßøØłŁđĐ", "+-,()()//''''--?.EsoOlLdD")
_REPLACEMENTS = _SINGLE | str.maketrans({"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"})


class UnwritableTextError(InvalidArgumentError):
    """Nothing of a text can be written in the SEPA characters.

    Attributes
    ----------
    text : str
        The text.
    """

    def __init__(self, text: str) -> None:
        super().__init__(f"text {text[:40]!r} has no letter or digit that a SEPA file can hold")
        self.text = text


def to_sepa_text(text: str, most: int) -> str:
    """Write a text in the SEPA characters, cut to a length.

    Parameters
    ----------
    text : str
        A name or what a payment is for.
    most : int
        Characters that its field takes.

    Returns
    -------
    str
        Without accents; what has no replacement is a full stop; spaces and slashes single, none at
        an end. It equals the text if and only if nothing was changed, so that a caller can tell.

    Raises
    ------
    UnwritableTextError
        If no letter or digit is left.

    Notes
    -----
    The characters are those of the European Payments Council (EPC130-08, section 1.4), the
    replacements follow its conversion table (EPC217-08).

    Examples
    --------
    >>> to_sepa_text("Cuota año 2026 – Muñoz & Col·lectiu", 140)
    'Cuota ano 2026 - Munoz + Col.lectiu'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_REPLACEMENTS))
    letters = (each for each in plain if not unicodedata.combining(each))
    written = "".join(each if each in _ALLOWED or each.isspace() else "." for each in letters)
    single = _SLASHES.sub("/", _SPACES.sub(" ", written)).lstrip(" /")
    cut = single[:most].rstrip(" /")
    if not any(each.isalnum() for each in cut):
        raise UnwritableTextError(text)
    return cut
