"""Addresses of electronic mail, as far as they can be told from any other text."""

import re

from models.values.errors import InvalidArgumentError

_LONGEST = 254
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_WORD}(\.{_WORD})*@{_LABEL}(\.{_LABEL})+")


class UnfitEmailError(InvalidArgumentError):
    """A text is no address of electronic mail.

    Attributes
    ----------
    email : str
        The text.
    """

    def __init__(self, email: str) -> None:
        super().__init__(f"{email[:80]!r} is not an e-mail address such as ana@example.org")
        self.email = email


def check_email(text: str) -> None:
    """Refuse a text that is no address of electronic mail.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    UnfitEmailError
        If it has another form than ``local@host.domain``, letters beyond ASCII, or more than 254
        characters.

    Notes
    -----
    RFC 5321, 4.1.2 and 4.5.3.1, without quoted names and addresses of machines, which nobody has;
    a domain with other letters is written in its ASCII form (RFC 5890).
    """
    if len(text) > _LONGEST or not _ADDRESS.fullmatch(text):
        raise UnfitEmailError(text)
