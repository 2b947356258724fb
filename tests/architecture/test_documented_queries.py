"""What the pages show of the API is what the API takes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLError, GraphQLSchema, parse, validate

from api.graphql.schema import build_schema
from tests.support.documented_calls import read_json
from tests.support.source_code import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDE = (ROOT / "docs" / "graphql.md").read_text(encoding="utf-8")


def find_blocks(text: str, language: str) -> list[str]:
    """Give the blocks of a page that are written in a language."""
    return re.findall(rf"^```{language}(?: public)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def find_queries() -> Iterator[tuple[str, str]]:
    """Give every query of every page: its blocks, and what is sent with curl."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, query in enumerate(find_blocks(text, "graphql"), 1):
            yield f"{page.name}, block {number}", query
        for number, body in enumerate(re.findall(r"-d '(\{.*?\})'\n", text), 1):
            yield f"{page.name}, curl {number}", json.loads(body)["query"]


QUERIES = dict(find_queries())


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


def list_faults(schema: GraphQLSchema, query: str) -> list[str]:
    """Say why the API would refuse a query before it runs."""
    try:
        return [fault.message for fault in validate(schema, parse(query))]
    except GraphQLError as error:
        return [error.message]


def test_pages_with_queries_are_found() -> None:
    assert {name.split(",")[0] for name in QUERIES} >= {
        "README.md",
        "api.md",
        "graphql.md",
        "graphql-money.md",
    }


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_on_a_page_is_one_that_the_api_takes(schema: GraphQLSchema, name: str) -> None:
    assert list_faults(schema, QUERIES[name]) == []


@pytest.mark.parametrize(
    "query", ["{ communities { what } }", '{ installation(cau: "ES00") { id } }', "{ open"]
)
def test_a_query_that_it_refuses_would_be_told(schema: GraphQLSchema, query: str) -> None:
    assert len(list_faults(schema, query)) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_of_a_program_stands_in_it(page: Path) -> None:
    shown = re.compile(r"^```(?:ts|python|toml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for path, piece in shown.findall(page.read_text(encoding="utf-8")):
        assert piece in (ROOT / "tests" / "clients" / path).read_text(encoding="utf-8")


def test_every_mutation_has_one_row_in_the_guide(schema: GraphQLSchema) -> None:
    rows = GUIDE.split("## All mutations")[1].split("| --- | --- | --- |\n")[1].splitlines()
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert schema.mutation_type is not None
    assert sorted(named) == sorted(schema.mutation_type.fields)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_as_answers_is_json_but_for_what_is_cut(page: Path) -> None:
    for answer in find_blocks(page.read_text(encoding="utf-8"), "json"):
        assert read_json(answer)
