"""What expected failures say in other languages than English, which they speak themselves."""

import tomllib
from functools import cache
from importlib.resources import files

from models.texts.catalogue import fill_text
from models.texts.phrases import translate
from models.values.errors import CommunityError
from models.values.language import Language

_LONGEST_FACT = 300
"""Characters of a fact that may be a sentence of ours; what callers sent may be any text."""

_MOST_LINES = 20

_MOST_FAULTS = 20

_MANY = ("faults", "reasons")
"""Attributes that hold several sentences, or faults that each have one."""


def describe_error(error: CommunityError, language: Language) -> str:
    """Say what failed in a language: by the error's class, or else as the phrase that it says.

    Parameters
    ----------
    error : CommunityError
        Its attributes fill the gaps of the text.
    language : Language
        One TOML file each beside this one: modules, and in each its errors by their class.

    Returns
    -------
    str
        The error's own English where the language has no words for it.

    Examples
    --------
    >>> from models.values.errors import InvalidIdentifierError
    >>> describe_error(InvalidIdentifierError("CUPS", "ES1", "is short"), Language.SPANISH)
    "CUPS 'ES1': is short"
    """
    if language is Language.ENGLISH:
        return str(error)
    kind = type(error)
    text = read_errors(language).get(kind.__module__, {}).get(kind.__name__)
    if text is None:
        return translate(str(error), language)
    facts = {name: _say(name, fact, language) for name, fact in vars(error).items()}
    return fill_text(text, facts, language)


def _say(name: str, fact: object, language: Language) -> object:
    """Say a fact that is a sentence of ours, or one in each line; any other is what it is."""
    if isinstance(fact, dict) and language in fact:
        return fact[language]
    if name in _MANY and isinstance(fact, tuple):
        told = [_say_fault(each, language) for each in fact[:_MOST_FAULTS]]
        if (more := len(fact) - len(told)) > 0:
            told.append(translate(f"and {more} more", language))
        return "; ".join(told)
    if type(fact) is not str:
        return fact
    lines = fact.split("\n")
    if len(lines) > _MOST_LINES or max(map(len, lines)) > _LONGEST_FACT:
        return fact
    return translate(fact, language)


def _say_fault(fault: object, language: Language) -> str:
    """Say a sentence, or the reason of a fault behind its place."""
    whole = str(fault)
    if isinstance(fault, str):
        told = translate(whole, language)
        subject, colon, rest = whole.rpartition(": ")
        return told if told != whole else subject + colon + translate(rest, language)
    reason = str(getattr(fault, "reason", None) or getattr(fault, "message", whole))
    if line := getattr(fault, "line", None):
        return translate(f"row {line}: {reason}", language)
    head = whole.removesuffix(reason) if whole.endswith(reason) else ""
    if place := getattr(fault, "place", None):
        head = head.replace(place, translate(place, language))
    return head + translate(reason, language)


@cache
def read_errors(language: Language) -> dict[str, dict[str, str]]:
    """Read the texts of a language, by module and class.

    Parameters
    ----------
    language : Language
        Any but English.

    Returns
    -------
    dict of str to dict of str to str
        Not to be changed.
    """
    path = files(__package__).joinpath(f"{language}.toml")
    return tomllib.loads(path.read_text("utf-8"))
