"""What is handed to those who write clients: forms of the schema, and word of what breaks them."""

import json
import re

import pytest
from graphql import (
    BreakingChange,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    is_abstract_type,
    is_interface_type,
    is_object_type,
)

from api.graphql.published_schema import export_introspection, export_possible_types
from tests.support.source_code import ROOT

FOLDER = ROOT / "api" / "graphql"
PUBLISHED = FOLDER / "published"
CHANGELOG = ROOT / "CHANGELOG.md"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Read the schema as it stands in the repository."""
    return build_schema((FOLDER / "schema.graphql").read_text(encoding="utf-8"))


def list_told_breaks(changelog: str) -> list[str]:
    """Give what the unreleased part says to break: the code that opens each line of its list."""
    unreleased = changelog.split("\n## ")[1]
    _, _, breaking = unreleased.partition("\n### Breaking\n")
    return re.findall(r"^- `([^`]+)`", breaking.split("\n### ")[0], re.MULTILINE)


def describe(changes: list[BreakingChange]) -> list[str]:
    return sorted(change.description for change in changes)


@pytest.mark.parametrize(
    ("name", "export"),
    [
        ("possibleTypes.json", export_possible_types),
        ("introspection.json", export_introspection),
    ],
)
def test_the_published_forms_are_those_of_the_code(name: str, export) -> None:
    assert (PUBLISHED / name).read_text(encoding="utf-8") == export(), "run `make schema`"


def test_possible_types_name_every_interface_and_union(schema: GraphQLSchema) -> None:
    possible = json.loads((PUBLISHED / "possibleTypes.json").read_text(encoding="utf-8"))
    assert set(possible) == {
        name for name, kind in schema.type_map.items() if is_abstract_type(kind)
    }
    for name, kinds in possible.items():
        found = schema.get_possible_types(schema.type_map[name])
        assert kinds == sorted(kind.name for kind in found)
    assert "JobRun" in possible["Node"]


def test_the_introspection_tells_every_field_and_its_arguments(schema: GraphQLSchema) -> None:
    told = json.loads((PUBLISHED / "introspection.json").read_text(encoding="utf-8"))["__schema"]
    roots = ("queryType", "mutationType", "subscriptionType")
    assert [told[root]["name"] for root in roots] == ["Query", "Mutation", "Subscription"]
    assert {
        (kind["name"], field["name"]): {each["name"] for each in field["args"]}
        for kind in told["types"]
        for field in kind.get("fields", ())
    } == {
        (kind.name, name): field.args.keys()
        for kind in schema.type_map.values()
        if not kind.name.startswith("__") and (is_object_type(kind) or is_interface_type(kind))
        for name, field in kind.fields.items()
    }


def test_what_breaks_the_released_schema_is_told_word_for_word(schema: GraphQLSchema) -> None:
    released = build_schema((PUBLISHED / "released.graphql").read_text(encoding="utf-8"))
    told = list_told_breaks(CHANGELOG.read_text(encoding="utf-8"))
    assert sorted(told) == describe(find_breaking_changes(released, schema)), (
        "write the missing ones under `### Breaking` of the changelog's unreleased part, "
        "each as the code that begins a line, and drop those that do not break anything"
    )


BEFORE = """
type Query { member(id: ID!): Member, sun: Float }
type Member { name: String, kwh: Float }
enum Zone { NORTH SOUTH }
"""
AFTER = """
type Query { member(id: ID!, zone: Zone!): Member, sun: Float, rain: Float }
type Member { name: String }
enum Zone { NORTH EAST }
"""


def test_changes_that_break_clients_are_known_from_those_that_do_not() -> None:
    assert describe(find_breaking_changes(build_schema(BEFORE), build_schema(AFTER))) == [
        "A required argument Query.member(zone:) was added.",
        "Enum value Zone.SOUTH was removed.",
        "Field Member.kwh was removed.",
    ]


def test_only_the_list_of_the_unreleased_part_tells_what_breaks() -> None:
    changelog = """# Changelog
## Unreleased
### Added
- `Field Query.rain was removed.`
### Breaking
- `Field Member.kwh was removed.` Ask for `energy` instead.
- The file of prices has another column.
### Fixed
- `Field Query.sun was removed.`
## 0.1.0
### Breaking
- `Field Member.name was removed.`
"""
    assert list_told_breaks(changelog) == ["Field Member.kwh was removed."]
