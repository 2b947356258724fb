"""The schema in the forms that the caches of clients read; both sorted, like its text."""

import json
from typing import Any

from graphql import introspection_from_schema, is_abstract_type, lexicographic_sort_schema

from api.graphql.schema import build_schema

_ANY = {"kind": "SCALAR", "name": "Any"}
_READ_KINDS = {"OBJECT", "INTERFACE", "UNION"}
_ROOTS = ("queryType", "mutationType", "subscriptionType")


def export_possible_types() -> str:
    """Write what each interface and union can be, as the cache of Apollo Client takes it."""
    schema = build_schema()
    possible = {
        name: sorted(each.name for each in schema.get_possible_types(kind))
        for name, kind in sorted(schema.type_map.items())
        if is_abstract_type(kind)
    }
    return json.dumps(possible, indent=2) + "\n"


def export_introspection() -> str:
    """Write what Graphcache of urql reads of types and fields: no scalars, enums or inputs."""
    ordered = lexicographic_sort_schema(build_schema())
    told: Any = introspection_from_schema(ordered, descriptions=False)
    schema: dict[str, Any] = told["__schema"]
    types = [
        _shorten(kind)
        for kind in schema["types"]
        if kind["kind"] in _READ_KINDS and not kind["name"].startswith("__")
    ]
    roots = {name: {"name": schema[name]["name"]} for name in _ROOTS}
    head = json.dumps(roots | {"directives": []})[1:-1]
    # One type a line: a change of the schema shows as what it is.
    lines = ",\n".join(json.dumps(kind, separators=(",", ":")) for kind in [*types, _ANY])
    return f'{{"__schema": {{{head}, "types": [\n{lines}\n]}}}}\n'


def _shorten(kind: dict[str, Any]) -> dict[str, Any]:
    """Keep of a type what a cache reads."""
    short: dict[str, Any] = {"kind": kind["kind"], "name": kind["name"]}
    if kind["kind"] != "UNION":
        short["fields"] = [_shorten_field(field) for field in kind["fields"]]
        short["interfaces"] = [_name(each) for each in kind["interfaces"]]
    if kind["kind"] != "OBJECT":
        short["possibleTypes"] = [_name(each) for each in kind["possibleTypes"]]
    return short


def _shorten_field(field: dict[str, Any]) -> dict[str, Any]:
    args = [{"name": each["name"], "type": _shorten_type(each["type"])} for each in field["args"]]
    return {"name": field["name"], "type": _shorten_type(field["type"]), "args": args}


def _shorten_type(kind: dict[str, Any]) -> dict[str, Any]:
    """Keep how a type is wrapped, and its name where it has fields."""
    if kind["kind"] in {"LIST", "NON_NULL"}:
        return {"kind": kind["kind"], "ofType": _shorten_type(kind["ofType"])}
    return _name(kind) if kind["kind"] in _READ_KINDS else _ANY


def _name(kind: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind["kind"], "name": kind["name"]}
