"""The tree and the size of what stands in it."""

import numpy as np

from tests.support.source_code import (
    PACKAGES,
    ROOT,
    functions,
    is_ignored,
    python_files,
)

TOP_LEVEL = {
    *("api", "planner", "models", "loaders", "scripts", "tests", "docs"),
    *("Dockerfile", "Makefile", "pyproject.toml"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}
NAMES_WITHOUT_SUBJECT = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 60
USUAL_LINES_OF_A_FUNCTION = 40


def test_the_top_level_holds_what_was_agreed_and_no_more() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in names if not is_ignored(name)} == TOP_LEVEL


def test_every_module_and_folder_is_named_after_its_subject() -> None:
    offenders = [
        path.relative_to(ROOT)
        for path in python_files(*PACKAGES, "tests")
        if NAMES_WITHOUT_SUBJECT & {part.removesuffix(".py") for part in path.parts}
    ]
    assert offenders == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in python_files(*PACKAGES, "tests")
    }
    assert {path: n for path, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_functions_fit_on_a_screen() -> None:
    found = functions(*PACKAGES)
    long = {str(each): each.n_lines for each in found if each.n_lines > MOST_LINES_OF_A_FUNCTION}
    assert long == {}
    assert np.percentile([each.n_lines for each in found], 90) <= USUAL_LINES_OF_A_FUNCTION


def test_packages_that_others_import_hold_no_code_in_their_door() -> None:
    assert (ROOT / "models" / "__init__.py").read_text(encoding="utf-8") == ""
    assert (ROOT / "models" / "values" / "__init__.py").read_text(encoding="utf-8") == ""
