"""Every reason of a return says in three languages what it means and what to do."""

import tomllib
from importlib.resources import files
from string import Formatter

import pytest

from loaders.sepa.return_reasons import NextStep, explain_return, find_return_reason
from models.values.certainty import Certainty
from models.values.language import Language

PACKAGE = files("loaders.sepa.return_reasons")
CODES = tomllib.loads(PACKAGE.joinpath("codes.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", Language)
def test_each_language_explains_every_code_and_every_step(language: Language) -> None:
    texts = tomllib.loads(PACKAGE.joinpath(f"{language}.toml").read_text("utf-8"))
    assert texts["reasons"].keys() == CODES["codes"].keys()
    assert texts["steps"].keys() == set(NextStep)
    sentences = [*texts["reasons"].values(), *texts["steps"].values()]
    assert all(each.endswith(".") and "{" not in each for each in sentences)
    assert [name for _, name, _, _ in Formatter().parse(texts["unknown"]) if name] == ["code"]
    assert len(set(texts["reasons"].values())) == len(texts["reasons"])


@pytest.mark.parametrize("code", CODES["codes"])
def test_each_code_has_a_step_and_a_source(code: str) -> None:
    reason = find_return_reason(code)
    assert reason.is_known
    assert reason.source in CODES["sources"].values()
    assert reason.certainty in {Certainty.VERIFIED, Certainty.RECALLED}


@pytest.mark.parametrize(
    ("code", "step", "allows_retry", "ends_mandate"),
    [
        ("AM04", NextStep.RETRY, True, False),
        ("BE05", NextStep.CORRECT, True, False),
        ("AC04", NextStep.NEW_ACCOUNT, False, False),
        ("MS02", NextStep.ASK, False, False),
        ("MD06", NextStep.ASK, False, False),
        ("MD01", NextStep.NEW_MANDATE, False, True),
        ("MD07", NextStep.OTHER_MEANS, False, True),
        ("AM05", NextStep.NONE, False, False),
    ],
)
def test_what_a_return_means_for_the_mandate(
    code: str, step: NextStep, allows_retry: bool, ends_mandate: bool
) -> None:
    found = find_return_reason(code).next_step
    assert (found, found.allows_retry, found.ends_mandate) == (step, allows_retry, ends_mandate)


def test_a_code_of_the_banks_own_is_told_and_stops_nothing() -> None:
    reason = find_return_reason("X{9}")
    assert (reason.next_step, reason.is_known, reason.source) == (NextStep.ASK, False, "")
    assert explain_return("X{9}", Language.CATALAN) == (
        "El banc dona el codi X{9}, que no és a la taula. "
        "Parleu amb el soci abans de tornar a cobrar."
    )


def test_an_explanation_is_two_sentences() -> None:
    assert explain_return("MD01", Language.SPANISH) == (
        "No hay mandato válido: no existe, se ha cancelado o el titular niega haberlo firmado. "
        "No cobre nada más con este mandato; hace falta uno nuevo, firmado."
    )
