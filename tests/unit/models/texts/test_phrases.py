"""Phrases: the English stands in the sources, and others say it with the same gaps."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from time import perf_counter

import pydantic
import pytest
import typer

import models.texts.phrases as phrasebook
from models.texts.phrases import read_phrases, translate
from models.values.language import Language

ES, CA = Language.SPANISH, Language.CATALAN
ROOT = Path(phrasebook.__file__).parents[3]
GAP = re.compile(r"\{\w+\}")


def list_laws() -> list[str]:
    """List why rows of a person are kept, as the inventory of columns says it."""
    inventory = tomllib.loads((ROOT / "models" / "personal_data.toml").read_text("utf-8"))
    return [law["text"] for law in inventory["laws"].values()]


def test_every_law_that_keeps_something_has_words() -> None:
    assert set(list_laws()) <= set(read_phrases(CA))


@cache
def words_in_sources() -> str:
    """Join every text that the sources hold, with a gap for each value that is put in."""
    told: list[str] = []
    ours = [ROOT / package for package in ("api", "loaders", "models", "planner", "scripts")]
    # Those that refuse arguments of commands.
    others = [Path(package.__file__).parent for package in (typer, pydantic)]
    for folder in (*ours, *others):
        for path in folder.rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            told += [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
    return "\n".join([*told, *list_laws()])


def test_both_languages_know_the_same_phrases_with_the_same_gaps() -> None:
    spanish, catalan = read_phrases(ES), read_phrases(CA)
    assert list(spanish) == list(catalan)
    for english in spanish:
        gaps = set(GAP.findall(english))
        assert set(GAP.findall(spanish[english])) == gaps == set(GAP.findall(catalan[english]))


@pytest.mark.parametrize("english", read_phrases(ES))
def test_the_words_of_every_phrase_stand_in_the_sources(english: str) -> None:
    words = [word for part in GAP.split(english) for word in re.findall(r"[a-zA-Z]{4,}", part)]
    missing = [word for word in words if word not in words_in_sources()]
    assert missing == []


@pytest.mark.parametrize(
    ("english", "spanish", "catalan"),
    [
        ("choosing coefficients", "eligiendo coeficientes", "triant coeficients"),
        ("line 3", "línea 3", "línia 3"),
        (
            "the invoices are not sound:\nline 3",
            "las facturas no están íntegras:\nlínea 3",
            "les factures no són íntegres:\nlínia 3",
        ),
        (
            "cups is 'ES1', which has check letters ZZ, should be GB",
            "cups es 'ES1', con letras de control ZZ, deberían ser GB",
            "cups és 'ES1', amb lletres de control ZZ, haurien de ser GB",
        ),
        (
            "member_id 'M01' stands already in line 3",
            "member_id 'M01' está ya en la línea 3",
            "member_id 'M01' ja és a la línia 3",
        ),
        (
            "floor cannot hold: the least coefficients sum to 1.2, more than 1; relax one of them",
            "mínimo no puede cumplirse: los coeficientes mínimos suman 1.2, más de 1; aflójelo",
            "mínim no es pot complir: els coeficients mínims sumen 1.2, més d’1; afluixeu-lo",
        ),
        ("VAT on electricity", "IVA sobre electricidad", "IVA sobre electricitat"),
        (
            "the tax agency refused the message: Client: 3002",
            "la Agencia Tributaria rechazó el mensaje: Client: 3002",
            "l’Agència Tributària va rebutjar el missatge: Client: 3002",
        ),
        (
            "SMTP cannot be reached: it does not answer in time; ask again later",
            "no se llega a SMTP: no contesta a tiempo; vuelva a intentarlo más tarde",
            "no s’arriba a SMTP: no contesta a temps; torneu-ho a provar més tard",
        ),
        (
            "bill: cups: is missing; and 2 more",
            "factura: cups: falta; y 2 más",
            "factura: cups: falta; i 2 més",
        ),
        ("nothing of ours", "nothing of ours", "nothing of ours"),
        ("column {x} is missing", "falta la columna {x}", "falta la columna {x}"),
    ],
)
def test_sentences_are_said_in_other_languages(english: str, spanish: str, catalan: str) -> None:
    assert translate(english, ES) == spanish
    assert translate(english, CA) == catalan
    assert translate(english, Language.ENGLISH) == english


def test_long_sentences_stay_as_they_are_and_hostile_ones_take_no_time() -> None:
    began = perf_counter()
    hostile = " is , not between and ; which " * 33
    assert len(translate(hostile, ES)) > 900
    assert translate(f"reading {'x' * 1_000}", ES).startswith("reading")
    assert perf_counter() - began < 5.0
