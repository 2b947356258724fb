"""The least that each root field takes: values that fit the schema and name nothing stored."""

from collections.abc import Collection, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    build_schema,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.type import get_named_type

from api.graphql.schema import export_schema
from tests.support.community_folders import make_cau, make_cups

SCHEMA: GraphQLSchema = build_schema(export_schema())

_LITERALS = {
    "ID": '"none"',
    "Int": "2023",
    "Float": "1.0",
    "Boolean": "true",
    "Cau": f'"{make_cau(99)}"',
    "Cups": f'"{make_cups(99)}"',
    "Date": '"2023-10-01"',
    "DateTime": '"2023-10-01T00:00:00Z"',
    "Kw": "1.0",
    "Kwh": "1.0",
}
"""What a scalar takes; the others take the text of a number."""


def write_calls(kind: str, names: Sequence[str]) -> str:
    """Write one document of a root's fields, each called with the least that it takes."""
    root = SCHEMA.type_map[kind]
    calls = [f"{name}{write_arguments(root.fields[name])}" for name in names]
    leaves = {name for name in names if is_leaf_type(get_named_type(root.fields[name].type))}
    chosen = [
        call if name in leaves else f"{call} {{ __typename }}"
        for name, call in zip(names, calls, strict=True)
    ]
    return f"{kind.lower()} {{ {' '.join(chosen)} }}"


def write_arguments(
    field: GraphQLField, known: Sequence[str] = (), left_out: Collection[str] = ()
) -> str:
    """Write what a field has to be told, and what is known already."""
    needed = {name: each for name, each in field.args.items() if is_required_argument(each)}
    given = [
        f"{name}: {_write_value(each.type)}"
        for name, each in needed.items()
        if name not in left_out
    ]
    given += known
    return f"({', '.join(given)})" if given else ""


def _write_value(kind: GraphQLInputType | Any) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _write_value(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{_write_value(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return _write_object(kind)
    return _LITERALS.get(kind.name, '"1"')


def _write_object(kind: GraphQLInputObjectType) -> str:
    needed = [name for name, each in kind.fields.items() if is_required_input_field(each)]
    wanted = needed or ([next(iter(kind.fields))] if kind.is_one_of else [])
    given = (f"{name}: {_write_value(kind.fields[name].type)}" for name in wanted)
    return f"{{{', '.join(given)}}}"
