"""Secrets on their way into a header, refused where they would show."""

from pydantic import SecretStr

from models.values.errors import InvalidArgumentError


class UnusableSecretError(InvalidArgumentError):
    """A secret holds what no header can carry; the text itself is never told.

    Attributes
    ----------
    name : str
        What the secret is.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty or holds spaces or special characters; copy it again")
        self.name = name


def reveal_for_header(name: str, secret: SecretStr) -> str:
    """Take a secret out for a header.

    Raises
    ------
    UnusableSecretError
        If it is empty or not of visible ASCII characters: the error of an HTTP library would
        quote it.
    """
    text = secret.get_secret_value()
    if not text or not all("!" <= character <= "~" for character in text):
        raise UnusableSecretError(name)
    return text
