"""Reasons in plain language: one sentence a code, in the reader's language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from models.values.language import Language
from planner.reserve.reasons import Reason, ReasonCode


def word_reason(reason: Reason, language: Language) -> str:
    """Put a reason into a sentence.

    Parameters
    ----------
    reason : Reason
        Code and figures.
    language : Language
        Language of the sentence, one TOML file each beside this one.

    Returns
    -------
    str
        With numbers as that language writes them.

    Examples
    --------
    >>> from planner.reserve.reasons import ReasonCode
    >>> word_reason(Reason(ReasonCode.ADDS_ENERGY, {"kwh": 1234.56}), Language.SPANISH)
    'Por sí solo añadiría 1.234,6 kWh al año a lo que la comunidad aprovecha de su planta.'
    """
    texts = _read_texts(language)
    facts: dict[str, object] = {
        name: _Number(figure, texts) if isinstance(figure, float) else figure
        for name, figure in reason.figures.items()
    }
    if "beta" in facts:
        facts["beta"] = str(facts["beta"]).replace(".", texts["decimals"])
    if "month" in facts:
        facts["month"] = texts["months"][int(str(facts["month"])) - 1]
    if "modality" in facts:
        facts["modality"] = texts["modalities"][facts["modality"]]
    sentence: str = texts["reasons"][reason.code]
    return sentence.format(**facts)


def state_reason(reason: Reason) -> dict[str, Any]:
    """Write a reason down in no language.

    Parameters
    ----------
    reason : Reason
        Code and figures.

    Returns
    -------
    dict
        Ready for JSON.
    """
    return {"code": reason.code.value, "figures": dict(reason.figures)}


def word_stated_reason(stated: Mapping[str, Any], language: str) -> str:
    """Put a reason that was written down into a sentence.

    Parameters
    ----------
    stated : mapping
        As ``state_reason`` gave it.
    language : str
        ``es``, ``ca`` or ``en``.

    Returns
    -------
    str
        With numbers as that language writes them.

    Examples
    --------
    >>> word_stated_reason(state_reason(Reason(ReasonCode.PINNED)), "es")
    'Se ha pedido su admisión.'
    """
    reason = Reason(ReasonCode(stated["code"]), stated["figures"])
    return word_reason(reason, Language(language))


@cache
def _read_texts(language: Language) -> dict[str, Any]:
    """Read a language's sentences."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


class _Number:
    """A number that writes its separators as a language does."""

    def __init__(self, value: float, texts: dict[str, Any]) -> None:
        self.value = value
        self.marks = str.maketrans({",": texts["thousands"], ".": texts["decimals"]})

    def __format__(self, shape: str) -> str:
        return format(self.value, shape).translate(self.marks)
