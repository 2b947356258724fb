"""Names that people give to things: short, and readable wherever they are shown."""

from models.values.errors import InvalidArgumentError

LONGEST_NAME = 200
"""Most characters of a name."""

_SHOWN = 40


class InvalidNameError(InvalidArgumentError):
    """A name says nothing, or cannot be shown.

    Attributes
    ----------
    kind : str
        What was to be named so.
    text : str
        The beginning of the name that was offered.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(
            f"the {kind} name needs 1 to {LONGEST_NAME} printable characters, "
            f"not the {len(text)} of {text[:_SHOWN]!r}"
        )
        self.kind = kind
        self.text = text[:_SHOWN]


def check_name(kind: str, text: str) -> str:
    """Return a name as it is, if it is fit to be stored and shown.

    Parameters
    ----------
    kind : str
        What is named so, for the error.
    text : str
        The name.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    InvalidNameError
        If it is blank, has more than 200 characters, or one that cannot be printed.

    Examples
    --------
    >>> check_name("promoter", "Ajuntament de la Peña")
    'Ajuntament de la Peña'
    """
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise InvalidNameError(kind, text)
    return text
