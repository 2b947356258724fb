"""Creditor identifier (AT-02): who may collect by SEPA direct debit."""

import re
from typing import Self

from stdnum.eu import at_02
from stdnum.exceptions import ValidationError

from models.values.errors import InvalidIdentifierError

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}")


class CreditorId(str):
    """A creditor identifier that has passed its check, up to 35 characters.

    Raises
    ------
    InvalidIdentifierError
        If the shape or the check digits are wrong.

    Notes
    -----
    Country, two check digits, three characters that the creditor chooses (``ZZZ`` if it does not
    tell its branches apart) and the national identifier, in Spain the NIF. The check is
    python-stdnum's; it leaves out the three characters.

    Examples
    --------
    >>> CreditorId("ES23ZZZ47690558N")
    'ES23ZZZ47690558N'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        if not _SHAPE.fullmatch(text):
            raise InvalidIdentifierError(
                "creditor identifier", text, "is not 2 letters, 2 digits and 4 to 31 characters"
            )
        try:
            at_02.validate(text)
        except ValidationError as error:
            expected = at_02.calc_check_digits(text)
            raise InvalidIdentifierError(
                "creditor identifier",
                text,
                f"has check digits {text[2:4]}, should be {expected}",
            ) from error
        return super().__new__(cls, text)
