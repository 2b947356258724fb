"""Every reason has one sentence a language, with the same figures in it."""

import string
import tomllib
from pathlib import Path

import pytest

from api.services.studies import admission_reasons
from api.services.studies.admission_reasons import word_reason
from models.values.language import Language
from models.values.modality import Modality
from planner.reserve.reasons import Reason, ReasonCode

FOLDER = Path(admission_reasons.__file__).parent


def read_texts(language: Language) -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def figures_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", Language)
def test_every_code_and_modality_has_its_words(language: Language) -> None:
    texts = read_texts(language)

    assert set(texts["reasons"]) == set(ReasonCode)
    assert set(texts["modalities"]) == set(Modality)
    assert len(texts["months"]) == 12


@pytest.mark.parametrize("language", [Language.SPANISH, Language.CATALAN])
def test_every_language_names_the_same_figures(language: Language) -> None:
    english, other = (read_texts(each)["reasons"] for each in (Language.ENGLISH, language))
    assert {code: figures_in(text) for code, text in english.items()} == {
        code: figures_in(text) for code, text in other.items()
    }


@pytest.mark.parametrize(
    ("reason", "english", "spanish"),
    [
        (
            Reason(ReasonCode.FILLS_MONTH, {"month": "3", "share": 0.125}),
            "The month that gains most is March: 12.5% of its surplus would be used.",
            "El mes que más gana es marzo: se aprovecharía el 12,5% de su excedente.",
        ),
        (
            Reason(ReasonCode.NET_OF_HORIZON, {"years": "25", "eur": -1234.5}),
            "Over 25 years the balance is -1,234.50 EUR.",
            "En 25 años el balance es de -1.234,50 EUR.",
        ),
        (
            Reason(ReasonCode.OTHER_MODALITY, {"modality": Modality.SOLD_SURPLUS.value}),
            (
                "It is already in self-consumption with surplus, sold, and all members of an "
                "installation are in the same modality."
            ),
            (
                "Ya está en autoconsumo con excedentes no acogida a compensación, y todos los "
                "consumidores de una instalación están en la misma modalidad."
            ),
        ),
    ],
)
def test_figures_are_written_as_the_language_does(
    reason: Reason, english: str, spanish: str
) -> None:
    assert word_reason(reason, Language.ENGLISH) == english
    assert word_reason(reason, Language.SPANISH) == spanish


def test_a_coefficient_is_written_as_its_language_writes_numbers() -> None:
    reason = Reason(ReasonCode.TAKES_VACANCY, {"beta": "0.055472"})

    assert "0,055472" in word_reason(reason, Language.SPANISH)
    assert "0.055472" in word_reason(reason, Language.ENGLISH)
