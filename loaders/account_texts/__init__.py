"""Headings and words of accounts, in the languages that accountants read."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.values.language import Language


@dataclass(frozen=True, slots=True)
class AccountTexts:
    """Everything that a workbook or table of accounts says by itself.

    Attributes
    ----------
    title, total, day_format : str
        Name of the whole, name of a total, and how days are shown.
    facts : mapping of str to str
        Names of what the summary says first.
    tables, columns : mapping of str to str
        Names of the sheets, and headings, by key.
    words : mapping of str to mapping of str to str
        What codes mean, by list.
    notes : sequence of str
        What has to be known to read the tables.
    exports : mapping of str to str
        What has to be known to read exported data, by subject.
    """

    title: str
    total: str
    day_format: str
    facts: Mapping[str, str]
    tables: Mapping[str, str]
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    notes: Sequence[str]
    exports: Mapping[str, str]


@cache
def account_texts_in(language: Language) -> AccountTexts:
    """Read the texts of a language.

    Parameters
    ----------
    language : Language
        Which.

    Returns
    -------
    AccountTexts
        The same keys in every language.

    Examples
    --------
    >>> account_texts_in(Language.SPANISH).tables["vat_book"]
    'Libro de IVA'
    """
    content = files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return AccountTexts(**tomllib.loads(content))
