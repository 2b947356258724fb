import tomllib
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from loaders.report_texts import texts_in
from models.values.language import Language
from planner.classes.step_classes import Classes
from planner.coefficients.rules import Rule
from planner.goal import Objective
from planner.unseen.survival import Check


def read_gaps(package: str, language: Language) -> dict[str, set[str]]:
    """List every text of a language by its place, with the names that are filled in."""
    document = tomllib.loads(files(package).joinpath(f"{language}.toml").read_text("utf-8"))
    return dict(_walk("", document))


def _walk(place: str, value: Any) -> Any:
    """Go through tables and lists, down to texts."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _walk(f"{place}.{name}", below)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _walk(f"{place}.{number}", below)
    else:
        yield place, {name for _, name, _, _ in Formatter().parse(value) if name is not None}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("package", "n_texts"),
    [
        ("loaders.report_texts", 50),
        ("api.services.proposals.report_notes", 50),
        ("api.services.proposals.completion_notes", 8),
    ],
)
def test_every_language_says_the_same_with_the_same_gaps(
    package: str, n_texts: int, language: Language
) -> None:
    english = read_gaps(package, Language.ENGLISH)

    assert len(english) >= n_texts
    assert read_gaps(package, language) == english


def test_everything_that_a_plan_can_be_has_a_name() -> None:
    for language in Language:
        texts = texts_in(language)

        assert set(texts.rules) == {*Rule, "proposal", "hourly_bound"}
        assert set(texts.class_kinds) == set(Classes)
        assert set(texts.objectives) == set(Objective)
        assert set(texts.units) == {objective.unit for objective in Objective}
        assert set(texts.on_unseen.checks) == {check.name.lower() for check in Check}


def test_names_of_sheets_are_short_enough_for_spreadsheets() -> None:
    for language in Language:
        sheets = texts_in(language).sheets
        names = [getattr(sheets, name) for name in sheets.__slots__]

        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= 31
