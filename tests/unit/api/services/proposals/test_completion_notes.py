import pytest

from api.services.proposals.completion_notes import name_profile, note_completions
from models.values.language import Language
from planner.profiles import Completion, Scale

STANDARD = Completion(0.0, "profile of the operator", Scale.DECLARED)
ONE = Completion(0.5, "mean of 1 member of 2.0TD", Scale.CONTRACTED_POWER, 1, ("2.0TD",))
SEVERAL = Completion(
    0.5, "mean of 7 members of 2.0TD and 3.0TD", Scale.MEASURED, 7, ("2.0TD", "3.0TD")
)


@pytest.mark.parametrize(
    ("completion", "english", "spanish"),
    [
        (Completion(1.0), None, None),
        (
            STANDARD,
            "profile of the operator, scaled to the declared yearly consumption",
            "profile of the operator, ajustado al consumo anual declarado",
        ),
        (
            ONE,
            "shape of 1 member of 2.0TD, scaled to the contracted power",
            "forma de 1 participante de 2.0TD, ajustada a la potencia contratada",
        ),
        (
            SEVERAL,
            "mean of 7 members of 2.0TD and 3.0TD, scaled to the measured energy",
            "media de 7 participantes de 2.0TD y 3.0TD, ajustada a la energía medida",
        ),
    ],
)
def test_profiles_are_named_in_both_languages(
    completion: Completion, english: str | None, spanish: str | None
) -> None:
    assert name_profile(completion, Language.ENGLISH) == english
    assert name_profile(completion, Language.SPANISH) == spanish


@pytest.mark.parametrize(
    ("language", "topic", "start"),
    [
        (Language.ENGLISH, "Part of a year or none", "Of 2 of 3 members the year is partly or"),
        (Language.SPANISH, "Parte de un año o nada", "De 2 de 3 participantes falta parte o todo"),
    ],
)
def test_the_note_counts_whose_year_is_not_whole(
    language: Language, topic: str, start: str
) -> None:
    ((found, text),) = note_completions([Completion(1.0), ONE, STANDARD], language)

    assert found == topic
    assert text.startswith(start)
    assert "{" not in text
    assert note_completions([Completion(1.0)], language) == []
