"""CAU: the code of a self-consumption installation."""

import re
from typing import Self

from models.values.cups import Cups, check_code_on_cups

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
        check_code_on_cups("CAU", text, _ENDING, 26, "A and 3 digits")
        return super().__new__(cls, text)

    @property
    def cups(self) -> Cups:
        """Return the CUPS of the generation."""
        return Cups(self[:22])
