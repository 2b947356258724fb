"""The formulation page tells every limit by its label, class and test, and names what exists."""

import ast
import re
from dataclasses import replace
from typing import get_args

import numpy as np

from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    PaybackLimit,
    list_restrictions,
)
from planner.goal import YearCurves
from tests.support.sharing_years import make_year
from tests.support.source_code import ROOT, functions, parse, python_files

PAGE = (ROOT / "docs" / "formulation.md").read_text(encoding="utf-8")
LIMITS_TEST = ROOT / "tests" / "unit" / "planner" / "coefficients" / "test_limits.py"
EVERY_LIMIT: tuple[Limit, ...] = (
    Floor(0.5),
    Floor(0.5, in_euros=True),
    CoefficientRange(1, 2),
    FixedCoefficient(1, (0,)),
    Group("X", (0,), 1, 2),
    ChangeLimit(1, 2),
    Blocks(2),
    ContributionLimit(1.0),
    PaybackLimit(1.0),
)


def list_labels() -> dict[str, str]:
    """List the label of every restriction, a group's name left out, and the class it is from."""
    ones = np.ones(4)
    curves = YearCurves(replace(make_year(), current_beta=ones / 4, investment_eur=ones))
    return {
        restriction.label.removesuffix("_X"): type(limit).__name__
        for limit in EVERY_LIMIT
        for restriction in list_restrictions(curves, [limit])
    }


def list_rows() -> dict[str, str]:
    """List the rows of the page's table of limits by label."""
    table = PAGE.split("| label |")[1].split("\n\n")[0]
    rows = table.splitlines()[2:]
    return {re.findall(r"`(\w+)", row)[0]: row for row in rows}


def test_the_labels_are_those_of_every_class_of_limit() -> None:
    assert {type(limit) for limit in EVERY_LIMIT} == set(get_args(Limit))
    assert set(list_labels().values()) == {each.__name__ for each in get_args(Limit)}


def test_every_label_has_a_row_with_its_class_and_its_test_and_no_row_is_left_over() -> None:
    written = {each.name for each in functions(str(LIMITS_TEST.relative_to(ROOT).parent))}
    labels = list_labels()

    assert list_rows().keys() == labels.keys()
    for label, row in list_rows().items():
        assert f"`{labels[label]}`" in row
        assert f"`test_{label}`" in row
        assert f"test_{label}" in written


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:planner|tests|docs)/[\w./]*)`", PAGE))

    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_test_class_and_function_that_the_page_names_is_there() -> None:
    known = {each.node.name for each in functions("tests", "planner")}
    modules = [parse(path) for path in python_files("planner", "tests")]
    known |= {node.name for tree in modules for node in tree.body if isinstance(node, ast.ClassDef)}
    named = set(re.findall(r"`(test_\w+|[A-Z]\w+|\w+(?=\(\)`))", PAGE))

    assert len(named) > 30
    assert sorted(named - known) == []
