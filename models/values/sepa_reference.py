"""References that SEPA messages carry: of a mandate, of a debit, of a message."""

import re
from typing import Self

from models.values.errors import InvalidIdentifierError

LONGEST_REFERENCE = 35
"""Most characters of a reference."""

_CHARACTERS = re.compile(r"[A-Za-z0-9/?:().,'+ -]*")


class SepaReference(str):
    """A reference that every bank passes on as it is, up to 35 characters.

    Raises
    ------
    InvalidIdentifierError
        If it is empty or too long, has a character outside the SEPA set, a space at an end, or
        slashes where they are not allowed.

    Notes
    -----
    Letters and digits without accents, space and ``/-?:().,'+``; no slash at an end and no two
    together (European Payments Council, EPC130-08, section 1.4).

    Examples
    --------
    >>> SepaReference("MND-2026/0017")
    'MND-2026/0017'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        if not 0 < len(text) <= LONGEST_REFERENCE:
            reason = f"has {len(text)} characters, not 1 to {LONGEST_REFERENCE}"
            raise InvalidIdentifierError("SEPA reference", text, reason)
        if not _CHARACTERS.fullmatch(text):
            reason = "has a character other than A-Z a-z 0-9 / - ? : ( ) . , ' + and space"
            raise InvalidIdentifierError("SEPA reference", text, reason)
        if text != text.strip(" /") or "//" in text:
            reason = "begins or ends with a space or a slash, or has two slashes together"
            raise InvalidIdentifierError("SEPA reference", text, reason)
        return super().__new__(cls, text)
