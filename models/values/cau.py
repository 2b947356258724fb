"""CAU: the code of a self-consumption installation."""

import re
from typing import Self

from models.values.cups import Cups
from models.values.errors import InvalidIdentifierError

_ENDING = re.compile(r"A[0-9]{3}")


class Cau(str):
    """A self-consumption code that has passed its check, 26 characters.

    Raises
    ------
    InvalidIdentifierError
        If the length, the ending or the CUPS inside is wrong.

    Notes
    -----
    The 22-character CUPS of the generation, ``A`` and three digits.

    Examples
    --------
    >>> Cau("ES0021000000000001RK0FA000").cups
    'ES0021000000000001RK0F'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        if len(text) != 26:
            raise InvalidIdentifierError("CAU", text, f"has {len(text)} characters, not 26")
        if not _ENDING.fullmatch(text[22:]):
            raise InvalidIdentifierError("CAU", text, "does not end in A and 3 digits")
        try:
            Cups(text[:22])
        except InvalidIdentifierError as error:
            raise InvalidIdentifierError("CAU", text, f"the CUPS inside {error.reason}") from error
        return super().__new__(cls, text)

    @property
    def cups(self) -> Cups:
        """Return the CUPS of the generation."""
        return Cups(self[:22])
