"""The language of a request: what its caller prefers to read, for whatever is told in words."""

import re
from contextvars import ContextVar

from models.texts.errors import describe_error
from models.texts.phrases import translate
from models.values.errors import CommunityError
from models.values.language import Language

_LONGEST_HEADER = 500
_KNOWN = frozenset(Language)
_RANGE = re.compile(
    r"\s*(?P<tag>\*|[a-z]{2})(-[a-z0-9-]*)?"
    r"\s*(;\s*q=(?P<weight>0(\.[0-9]{0,3})?|1(\.0{0,3})?))?\s*",
    re.IGNORECASE,
)

_spoken: ContextVar[Language] = ContextVar("spoken", default=Language.ENGLISH)


def choose_language(accept_language: str | None, default: Language) -> Language:
    """Choose the language that a caller weighs most; the first of several (RFC 9110, 12.5.4).

    ``*`` stands for the default; so does a header that names no language of ours.
    """
    best, chosen = 0.0, default
    for piece in (accept_language or "")[:_LONGEST_HEADER].split(","):
        found = _RANGE.fullmatch(piece)
        language = _read_tag(found["tag"].lower(), default) if found else None
        weight = float(found["weight"] or 1) if found else 0.0
        if language is not None and weight > best:
            best, chosen = weight, language
    return chosen


def _read_tag(tag: str, default: Language) -> Language | None:
    if tag == "*":
        return default
    return Language(tag) if tag in _KNOWN else None


def speak(language: Language) -> None:
    """Let everything that follows in this request be told in a language."""
    _spoken.set(language)


def spoken() -> Language:
    """Tell which language this request is answered in."""
    return _spoken.get()


def say(sentence: str) -> str:
    """Say an English sentence of ours in the language of the request."""
    return translate(sentence, spoken())


def say_error(error: CommunityError) -> str:
    """Say what failed in the language of the request."""
    return describe_error(error, spoken())
