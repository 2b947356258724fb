"""Languages that documents, commands and messages speak, and how each writes numbers."""

from decimal import Decimal
from enum import StrEnum

_SEPARATORS = str.maketrans(",.", ".,")


class Language(StrEnum):
    """Language of what people read, by its ISO 639-1 code."""

    SPANISH = "es"
    CATALAN = "ca"
    ENGLISH = "en"


def write_number(number: float | Decimal, shape: str, language: Language) -> str:
    """Write a number with the separators of a language.

    Parameters
    ----------
    number : int, float or Decimal
        The number.
    shape : str
        Its form as ``format`` takes it, such as ``,.2f``.
    language : Language
        Whose separators.

    Returns
    -------
    str
        The number.

    Examples
    --------
    >>> write_number(1234.5, ",.2f", Language.CATALAN)
    '1.234,50'
    """
    written = format(number, shape)
    return written if language is Language.ENGLISH else written.translate(_SEPARATORS)
