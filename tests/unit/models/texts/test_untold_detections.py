"""Why a file seems to be something is told in every language: every sentence of the detection."""

import ast
from pathlib import Path

import pytest

import loaders.detection
from loaders.file_heads import xml_heads
from models.texts.phrases import translate
from models.values.language import Language

LOADERS = Path(loaders.detection.__file__).parent
SOURCES = [LOADERS / "detection.py", *sorted((LOADERS / "file_heads").glob("*_heads.py"))]
FIRST_WORDS = ("is ", "has ", "begins ")


def write_sample(node: ast.expr) -> str:
    """Write a sentence with something in each of its gaps."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(write_sample, node.values))
    return str(node.value) if isinstance(node, ast.Constant) else "7"


def list_sentences() -> list[str]:
    """List what detections are given as their reason."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            texts = []
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("Detection"):
                texts = node.args
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
                texts = [node.value]
            found += [write_sample(each) for each in texts]
    return sorted({text for text in found if text.startswith(FIRST_WORDS)} - MADE_OF_OTHERS)


MADE_OF_OTHERS = {"is 7 (7)", "is 7; not imported"}
MADE = [
    *(f"is {meaning} (camt.053)" for _, meaning in xml_heads._BANK_MESSAGES.values()),
    "is a message of the electricity market: C1, a change of retailer, step 01 ('x'); not imported",
    "is a message of the electricity market ('x'); not imported",
]
SENTENCES = [*list_sentences(), *MADE]


def test_the_sentences_are_found() -> None:
    assert len(SENTENCES) > 20
    assert "is a table of 7 columns that no format has; map its columns by hand" in SENTENCES


@pytest.mark.parametrize("language", [Language.SPANISH, Language.CATALAN])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_reason_has_words(sentence: str, language: Language) -> None:
    assert translate(sentence, language) != sentence
