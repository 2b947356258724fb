"""Every example in a docstring gives what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.support.source_code import ROOT, python_files

FOLDERS = ("planner", "loaders", "models/values", "models/regulation", "api/services")
MODULES = [path for path in python_files(*FOLDERS) if ">>> " in path.read_text(encoding="utf-8")]


def import_module_at(path: Path) -> object:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner()
    module = import_module_at(path)
    for example in finder.find(module):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out


def test_there_are_examples() -> None:
    assert len(MODULES) >= 20
