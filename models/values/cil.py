"""CIL: the code of a production unit in the settlement of renewable energy."""

import re
from typing import Self

from models.values.cups import check_code_on_cups

_ENDING = re.compile(r"[0-9]{3}")


class Cil(str):
    """A production unit's code that has passed its check, 25 characters.

    Raises
    ------
    InvalidIdentifierError
        If the length, the ending or the CUPS inside is wrong.

    Notes
    -----
    The 22-character CUPS and three digits (Circular CNMC 8/2021, BOE-A-2021-21003).

    Examples
    --------
    >>> Cil("ES0021000000000001RK0F001")
    'ES0021000000000001RK0F001'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        check_code_on_cups("CIL", text, _ENDING, 25, "3 digits")
        return super().__new__(cls, text)
