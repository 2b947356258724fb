"""Every list of the schema, and a document that asks for it of as many parents as there are."""

from collections import deque
from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.support.least_calls import SCHEMA, write_arguments

_CONNECTION = "Connection"
_NAME = "{ __typename }"
_UNKNOWN = {"input", "ids"}
"""Arguments of lists that are worked out, not read."""


def is_list(field: GraphQLField) -> bool:
    """Tell a list, which is a connection."""
    return get_named_type(field.type).name.endswith(_CONNECTION)


def name_lists() -> Iterator[str]:
    """Name every list, by its type and field."""
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            yield from (
                f"{kind.name}.{name}" for name, field in kind.fields.items() if is_list(field)
            )


def write_list_documents(given: Mapping[str, str]) -> dict[str, str]:
    """Write a document for each list of a root or a record, to which lists and records lead.

    Arguments that name something stored are given by name.
    """
    documents: dict[str, str] = {}
    waiting = deque([("Query", "{}")])
    seen = {"Query"}
    while waiting:
        parent, document = waiting.popleft()
        for name, field in SCHEMA.type_map[parent].fields.items():
            needed = {key for key, each in field.args.items() if is_required_argument(each)}
            kind = _item_of(field) if is_list(field) else get_named_type(field.type)
            is_way = is_list(field) or (is_record(kind.name) and not needed)
            if not is_way or needed & _UNKNOWN or (parent == "Query" and not is_list(field)):
                continue
            call = _write_call(name, field, given, first=60 if parent == "Query" else 2)
            if is_list(field):
                shown = f"totalCount edges {{ node {'' if is_leaf_type(kind) else _NAME} }}"
                documents[f"{parent}.{name}"] = _put(document, f"{call} {{ {shown} }}")
            if is_record(kind.name) and kind.name not in seen:
                seen.add(kind.name)
                inner = "{ edges { node {} } }" if is_list(field) else "{}"
                waiting.append((kind.name, _put(document, f"{call} {inner}")))
    return documents


def is_record(kind: str) -> bool:
    """Tell what has an id of its own: its lists are read, those of values are at hand."""
    found = SCHEMA.type_map[kind]
    return isinstance(found, GraphQLObjectType) and "Node" in {
        each.name for each in found.interfaces
    }


def _item_of(field: GraphQLField) -> GraphQLNamedType:
    edges = get_named_type(field.type).fields["edges"]
    return get_named_type(get_named_type(edges.type).fields["node"].type)


def _write_call(name: str, field: GraphQLField, given: Mapping[str, str], *, first: int) -> str:
    """Call a field with the least that it takes."""
    known = [f'{key}: "{text}"' for key, text in given.items() if key in field.args]
    known += [f"first: {first}"] if is_list(field) else []
    return name + write_arguments(field, known=known, left_out=given)


def _put(document: str, inside: str) -> str:
    return document.replace("{}", f"{{ {inside} }}")
