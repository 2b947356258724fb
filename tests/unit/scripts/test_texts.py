"""Every text of the command line is there in every language, with the same gaps, and is used."""

import ast
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from models.texts.catalogue import Catalogue, fill_text
from models.values.language import Language
from scripts import texts
from scripts.texts import coefficient, number, say, say_each, speak, spoken

FOLDER = Path(texts.__file__).parent
SCRIPTS = FOLDER.parent
SUBJECTS = sorted(path.stem for path in (FOLDER / "en").iterdir())
WORD = re.compile(r"[^\W\d_]{4,}")
TONGUES = [Language.SPANISH, Language.CATALAN]
ALIKE = {"bytes", "error", "format", "iban", "index", "plan", "plans", "quota", "total", "variant"}
"""Words of both tongues."""


def read_subject(language: Language, subject: str) -> dict[str, str]:
    return tomllib.loads((FOLDER / language / f"{subject}.toml").read_text("utf-8"))


def gaps_of(text: str) -> set[tuple[str, str | None]]:
    return {(name, shape) for _, name, shape, _ in Formatter().parse(text) if name is not None}


def own_words(text: str) -> list[str]:
    return WORD.findall(re.sub(r"\{[^}]*\}|\[/?bold\]", " ", text))


def used_keys() -> tuple[set[str], set[str]]:
    """List the keys that commands say, and the beginnings of those made up of a value."""
    whole, begun = set(), set()
    for path in SCRIPTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
                begun.add(str(node.left.value))
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    return whole, begun - {""}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", TONGUES)
def test_every_language_has_the_same_texts_with_the_same_gaps(
    subject: str, language: Language
) -> None:
    english, other = read_subject(Language.ENGLISH, subject), read_subject(language, subject)

    assert {key: gaps_of(text) for key, text in other.items()} == {
        key: gaps_of(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", Language)
def test_no_language_has_subjects_of_its_own(language: Language) -> None:
    assert sorted(path.stem for path in (FOLDER / language).iterdir()) == SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", TONGUES)
def test_no_text_is_left_in_english(subject: str, language: Language) -> None:
    english, other = read_subject(Language.ENGLISH, subject), read_subject(language, subject)

    same = [text for key, text in english.items() if other[key] == text]
    assert [text for text in same if not ALIKE.issuperset(own_words(text.lower()))] == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_long_catalan_is_not_spanish(subject: str) -> None:
    spanish, catalan = (read_subject(language, subject) for language in TONGUES)

    alike = [key for key, text in spanish.items() if text == catalan[key]]
    assert [key for key in alike if len(own_words(spanish[key])) > 2] == []


def test_every_text_is_said_somewhere_and_every_key_has_its_text() -> None:
    whole, begun = used_keys()
    keys = {
        f"{subject}.{key}"
        for subject in SUBJECTS
        for key in read_subject(Language.ENGLISH, subject)
    }
    subjects = re.compile(rf"(?:{'|'.join(SUBJECTS)})\.[a-z_-]+")

    unsaid = {key for key in keys - whole if not any(map(key.startswith, begun))}
    assert unsaid == set()
    assert {each for each in whole if subjects.fullmatch(each)} - keys - begun == {"country.db"}


def test_the_command_line_speaks_the_language_that_was_asked_for() -> None:
    assert spoken() is Language.ENGLISH
    told = []
    for language in Language:
        speak(language)
        told.append([say("plan.member"), *say_each("plan.used"), number(1234.5, ",.1f")])
        told[-1].append(coefficient(123_456))
    assert told == [
        ["Participante", "kWh usados", "1.234,5", "0,123456"],
        ["Participant", "kWh usats", "1.234,5", "0,123456"],
        ["Member", "kWh used", "1,234.5", "0.123456"],
    ]
    assert spoken() is Language.ENGLISH


def test_what_fills_a_gap_steers_no_terminal_and_lists_are_named() -> None:
    values = {"name": "a\x1b[31m\ud800\n", "powers": (Decimal("1.5"), 2), "kind": Language.CATALAN}
    filled = fill_text("{name}|{powers:.1f}|{kind}|{kind.name}", values, Language.SPANISH)
    assert filled == "a\\x1b[31m\\ud800\n|1,5, 2,0|ca|CATALAN"


def test_an_unknown_key_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        Catalogue("scripts.texts").fill(Language.ENGLISH, "plan.nothing")
