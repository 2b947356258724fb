"""Texts that are kept beside the code: a folder a language, in it one TOML file a subject."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from models.values.language import Language, write_number


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one package.

    Attributes
    ----------
    package : str
        Where they stand, such as ``scripts.texts``.
    """

    package: str

    def fill(self, language: Language, key: str, **values: object) -> str:
        """Give a text with its gaps filled.

        Parameters
        ----------
        language : Language
            Whose words and separators.
        key : str
            Subject and name, such as ``plan.energy``.
        **values : object
            What fills the gaps.

        Returns
        -------
        str
            The text.
        """
        subject, _, name = key.partition(".")
        return fill_text(_read_texts(self.package, language, subject)[name], values, language)


def fill_text(text: str, values: Mapping[str, Any], language: Language) -> str:
    """Fill the gaps of a text as its language writes numbers and lists.

    Parameters
    ----------
    text : str
        With names in braces, behind a colon the form of a number; of an object its attributes.
    values : mapping
        What fills the gaps.
    language : Language
        Whose separators.

    Returns
    -------
    str
        The text; what could steer a terminal is escaped in what was filled in.

    Examples
    --------
    >>> fill_text("{kwh:,.1f} kWh de {names}", {"kwh": 1234.56, "names": ("a", "b")},
    ...     Language.SPANISH)
    '1.234,6 kWh de a, b'
    """
    return _Filler(language).vformat(text, (), values)


class _Filler(Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write one value."""
        if isinstance(value, tuple | list):
            return ", ".join(self.format_field(each, format_spec) for each in value)
        if isinstance(value, Enum):
            value = value.value
        if format_spec and isinstance(value, int | float | Decimal):
            return write_number(value, format_spec, self._language)
        return "".join(map(_show, format(value, format_spec)))


def _show(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return character.encode("unicode_escape").decode()


@cache
def _read_texts(package: str, language: Language, subject: str) -> dict[str, str]:
    """Read a subject's texts."""
    path = files(package).joinpath(language, f"{subject}.toml")
    return tomllib.loads(path.read_text("utf-8"))
