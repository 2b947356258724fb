"""CUPS: the code of a supply point."""

import re
from typing import Self

from stdnum.es import cups as cups_rules

from models.values.errors import InvalidIdentifierError

_SHAPE = re.compile(r"ES[0-9]{16}[A-Z]{2}([0-9][FPRCXYZ])?")


class Cups(str):
    """A supply point's code that has passed its check, 20 or 22 characters.

    Raises
    ------
    InvalidIdentifierError
        If the length, the shape or the two check letters are wrong.

    Notes
    -----
    ``ES``, 16 digits, two check letters, and optionally a digit and a letter that tell the
    measuring points of one supply apart. The check is python-stdnum's.

    Examples
    --------
    >>> Cups("ES0021000000000001RK0F")
    'ES0021000000000001RK0F'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        if len(text) not in (20, 22):
            raise InvalidIdentifierError("CUPS", text, f"has {len(text)} characters, not 20 or 22")
        if not _SHAPE.fullmatch(text):
            raise InvalidIdentifierError("CUPS", text, "is not ES, 16 digits and 2 letters")
        expected = cups_rules.calc_check_digits(text)
        if text[18:20] != expected:
            raise InvalidIdentifierError(
                "CUPS", text, f"has check letters {text[18:20]}, should be {expected}"
            )
        return super().__new__(cls, text)


def check_code_on_cups(
    kind: str, text: str, ending: re.Pattern[str], length: int, said: str
) -> None:
    """Check a code that is a CUPS of 22 characters and an ending.

    Parameters
    ----------
    kind : str
        Name of the identifier.
    text : str
        The whole code.
    ending : re.Pattern
        What follows the CUPS.
    length : int
        How many characters the code has.
    said : str
        The ending in words.

    Raises
    ------
    InvalidIdentifierError
        If the length, the ending or the CUPS inside is wrong.
    """
    if len(text) != length:
        raise InvalidIdentifierError(kind, text, f"has {len(text)} characters, not {length}")
    if not ending.fullmatch(text[22:]):
        raise InvalidIdentifierError(kind, text, f"does not end in {said}")
    try:
        Cups(text[:22])
    except InvalidIdentifierError as error:
        raise InvalidIdentifierError(kind, text, f"the CUPS inside {error.reason}") from error
