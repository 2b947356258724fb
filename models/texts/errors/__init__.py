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
    facts = {name: _say(fact, language) for name, fact in vars(error).items()}
    return fill_text(text, facts, language)


def _say(fact: object, language: Language) -> object:
    """Say a fact that is a sentence of ours, or one in each line; any other is what it is."""
    if type(fact) is not str:
        return fact
    lines = fact.split("\n")
    if len(lines) > _MOST_LINES or max(map(len, lines)) > _LONGEST_FACT:
        return fact
    return "\n".join(translate(line, language) for line in lines)


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
