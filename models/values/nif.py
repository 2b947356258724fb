"""NIF: the tax number of a person or an entity in Spain."""

from typing import Self

from stdnum.es import nif as nif_rules
from stdnum.exceptions import InvalidChecksum, ValidationError

from models.values.errors import InvalidIdentifierError

_NATURAL = frozenset("0123456789XYZKLM")


class Nif(str):
    """A tax number that has passed its check, 9 characters.

    Raises
    ------
    InvalidIdentifierError
        If it has separators, small letters, another length or a wrong check character.

    Notes
    -----
    DNI, NIE and the letters K, L and M of people, and the numbers of entities (RD 1065/2007,
    articles 18 to 22). The check is python-stdnum's.

    Examples
    --------
    >>> Nif("P2807900B").is_natural
    False
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it."""
        if text != nif_rules.compact(text):
            raise InvalidIdentifierError("NIF", text, "has separators, a prefix or small letters")
        try:
            nif_rules.validate(text)
        except InvalidChecksum as error:
            raise InvalidIdentifierError("NIF", text, "has a wrong check character") from error
        except ValidationError as error:
            raise InvalidIdentifierError("NIF", text, "has not the form of one") from error
        return super().__new__(cls, text)

    @property
    def is_natural(self) -> bool:
        """Tell whether it is a person's, not an entity's."""
        return self[0] in _NATURAL
