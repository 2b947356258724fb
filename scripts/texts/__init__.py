"""What commands say: texts by key in the language that was asked for, and its numbers."""

from contextvars import ContextVar
from decimal import Decimal

from models.texts.catalogue import Catalogue
from models.values.coefficient import MILLIONTHS
from models.values.language import Language, write_number

_CATALOGUE = Catalogue("scripts.texts")
_spoken: ContextVar[Language] = ContextVar("spoken", default=Language.ENGLISH)


def speak(language: Language) -> None:
    """Let everything that follows be said in a language."""
    _spoken.set(language)


def spoken() -> Language:
    """Tell which language is spoken."""
    return _spoken.get()


def say(key: str, **values: object) -> str:
    """Give the text of a key, such as ``plan.energy``, with its gaps filled."""
    return _CATALOGUE.fill(spoken(), key, **values)


def say_each(*keys: str) -> list[str]:
    """Give the texts of several keys, such as the headings of a table."""
    return [say(key) for key in keys]


def number(value: float | Decimal, shape: str) -> str:
    """Write a number of a table, in a form such as ``,.1f``."""
    return write_number(value, shape, spoken())


def coefficient(millionths: int) -> str:
    """Write a coefficient with its six decimals."""
    return number(Decimal(millionths) / MILLIONTHS, ".6f")
