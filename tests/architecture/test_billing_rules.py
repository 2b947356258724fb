"""The page of billing rules names a test for every rule, and tests and modules that exist."""

import ast
import re

from tests.support.source_code import ROOT, functions, parse

PAGE = (ROOT / "docs" / "billing-rules.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_rule_has_its_text_formula_example_certainty_and_test() -> None:
    parts = ("**Law.**", "**Formula.**", "**Example.**", "**Certainty.**", "**Test.**")
    lacking = {
        section.splitlines()[0]: [part for part in parts if part not in section]
        for section in SECTIONS
    }
    assert {title: missing for title, missing in lacking.items() if missing} == {}


def test_every_test_that_is_named_exists() -> None:
    assert TESTS
    for path, name in TESTS:
        tree = parse(ROOT / path)
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in defined, f"{path} has no {name}"


def test_every_function_that_is_named_exists() -> None:
    packages = (
        "models/regulation",
        "models/values",
        "planner",
        "api/services/invoices",
        "api/services/bills",
    )
    defined = {each.name for each in functions(*packages)}
    named = set(re.findall(r"`(\w+)\(\)`", PAGE))
    assert named
    assert named <= defined
