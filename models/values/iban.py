"""IBAN: the number of a bank account, which shows itself only when asked."""

import re

from stdnum import iban as iban_rules
from stdnum.exceptions import ValidationError

from models.values.errors import InvalidIdentifierError

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BEGIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}")
_BODY = re.compile(r"[A-Za-z0-9](?: ?[A-Za-z0-9]){,33}")
_LEAST = 14
_SHOWN = 4
_LEAST_HIDDEN = 8


class Iban:
    """An account number that has passed its check.

    It is personal data, so text, logs and errors show its country and last four characters only;
    ``reveal`` gives the whole. It is no ``str`` and no dataclass, which would end up whole in any
    message.

    Parameters
    ----------
    text : str
        The number, in capitals or not, with or without spaces.

    Raises
    ------
    InvalidIdentifierError
        If the shape or the check digits are wrong; for Spain those of the account inside, too. It
        does not carry the number either.

    Notes
    -----
    The country's form, the check digits (ISO 13616) and those of Spanish accounts are
    python-stdnum's.

    Examples
    --------
    >>> iban = Iban("ES91 2100 0418 4502 0005 1332")
    >>> iban
    Iban('ES…1332')
    >>> iban.reveal()
    'ES9121000418450200051332'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        compact = text.replace(" ", "").upper()
        # not every text that upper() makes plain was plain: the German sharp s becomes SS
        if not text.isascii() or not _SHAPE.fullmatch(compact):
            reason = "is not 2 letters, 2 digits and 11 to 30 letters or digits"
            raise InvalidIdentifierError("IBAN", _mask(compact), reason)
        try:
            iban_rules.validate(compact)
        except ValidationError as error:
            raise InvalidIdentifierError("IBAN", _mask(compact), "fails its check") from error
        self._text = compact

    @property
    def country(self) -> str:
        """Return the country of the bank, as its ISO 3166 code."""
        return self._text[:2]

    def reveal(self) -> str:
        """Return the whole number, without spaces."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Iban) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return _mask(self._text)

    def __repr__(self) -> str:
        return f"Iban('{self}')"


def hide_ibans(text: str) -> str:
    """Mask every account number that stands in a text.

    Parameters
    ----------
    text : str
        What somebody wrote, numbers with or without spaces.

    Returns
    -------
    str
        The same, with what passes the check of an IBAN shown by its ends only.

    Examples
    --------
    >>> hide_ibans("from ES91 2100 0418 4502 0005 1332 for 2026-000123")
    'from ES…1332 for 2026-000123'
    """
    shown, done = [], 0
    for found in _BEGIN.finditer(text):
        end = _find_end(text, found.start()) if found.start() >= done else None
        if end is not None:
            shown += [text[done : found.start()], str(Iban(text[found.start() : end]))]
            done = end
    return "".join(shown) + text[done:]


def _find_end(text: str, start: int) -> int | None:
    """Find where an account number ends that begins at a place."""
    found = _BODY.match(text, start)
    assert found is not None
    for end in range(found.end(), start + _LEAST, -1):
        compact = text[start:end].replace(" ", "").upper()
        if text[end - 1] != " " and iban_rules.is_valid(compact):
            return end
    return None


def _mask(text: str) -> str:
    """Show the ends, if enough stays hidden between them."""
    if len(text) < 2 + _SHOWN + _LEAST_HIDDEN:
        return "…"
    return f"{text[:2]}…{text[-_SHOWN:]}"
