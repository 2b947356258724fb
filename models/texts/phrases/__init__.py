"""English sentences of parts that know no language, said in others: stages, warnings, faults.

Such sentences are made at hundreds of places, are kept as text (in jobs and reports), and are data
to whoever passes them on. So each is told by its English, which names its gaps.
"""

import re
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from models.values.language import Language, write_number

_LONGEST = 1_000
"""Characters of a sentence that is looked for: matching is not linear."""

_MOST_LINES = 50
"""Sentences of a text, a line each: what is wrong with a file, fault by fault."""

_DEEPEST = 8
"""Sentences within sentences that are looked into: others' text may nest without end."""

_GAP = re.compile(r"\{(\w+)\}")
_SAID_IN_TURN = "reason"
_AMOUNT = "_eur"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OUTSIDE_BRACKETS = r"(?![^(]*\))"
_EACH_IN_TURN = {
    "reasons": (re.compile("; " + _OUTSIDE_BRACKETS), "; "),
    "parts": (re.compile(", " + _OUTSIDE_BRACKETS), ", "),
    "labels": (re.compile(" and "), " + "),
}
"""Gaps of several sentences: what parts them in English, and elsewhere."""


class _Phrase(NamedTuple):
    pattern: re.Pattern[str]
    told: str


def translate(sentence: str, language: Language) -> str:
    """Say an English sentence of ours in another language.

    Parameters
    ----------
    sentence : str
        As a reader, a use case or a job said it.
    language : Language
        One TOML file each beside this one: English with its gaps, and how it is said.

    Returns
    -------
    str
        The sentence as it is where the language has no words for it. What fills a gap stays as it
        is, but for ``reason``, which holds a sentence in turn, lists of such, and amounts.

    Examples
    --------
    >>> translate("fetching 2026-11-22", Language.SPANISH)
    'descargando 2026-11-22'
    >>> translate("nothing of ours", Language.SPANISH)
    'nothing of ours'
    """
    return _tell(sentence, language, depth=0)


def _tell(sentence: str, language: Language, depth: int) -> str:
    if 0 < sentence.count("\n") < _MOST_LINES:
        return "\n".join(_tell(line, language, depth) for line in sentence.split("\n"))
    if language is Language.ENGLISH or len(sentence) > _LONGEST or depth > _DEEPEST:
        return sentence
    for phrase in _read_phrases(language):
        if found := phrase.pattern.fullmatch(sentence):
            gaps = found.groupdict().items()
            return phrase.told.format_map(
                {name: _fill(name, text, language, depth + 1) for name, text in gaps}
            )
    return sentence


def _fill(gap: str, text: str, language: Language, depth: int) -> str:
    if gap in _EACH_IN_TURN:
        parted, joined = _EACH_IN_TURN[gap]
        return joined.join(_tell(each, language, depth) for each in parted.split(text))
    if gap.endswith(_AMOUNT) and _NUMBER.fullmatch(text):
        return write_number(Decimal(text), ",.2f", language)
    return _tell(text, language, depth) if gap == _SAID_IN_TURN else text


@cache
def read_phrases(language: Language) -> dict[str, str]:
    """Read what a language has words for.

    Parameters
    ----------
    language : Language
        Any but English.

    Returns
    -------
    dict of str to str
        How it is said, by the English with its gaps; not to be changed.
    """
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


@cache
def _read_phrases(language: Language) -> list[_Phrase]:
    """Read the phrases, those with most words of their own first."""
    texts = read_phrases(language)
    ordered = sorted(texts, key=lambda english: -len(_GAP.sub("", english)))
    return [_Phrase(_find(english), texts[english]) for english in ordered]


def _find(english: str) -> re.Pattern[str]:
    """Find a phrase by its own words, whatever stands in its gaps."""
    parts = _GAP.split(english)
    words = "".join(
        f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
    return re.compile(words, re.DOTALL)
