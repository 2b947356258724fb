"""Every list of the schema: a connection that counts, and a page that is capped."""

import pytest
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, get_named_type, is_scalar_type

from api.graphql.pagination import DEFAULT_PAGE, LARGEST_PAGE, PageSizeError, read_page_size
from api.graphql.schema import build_schema

SCHEMA = build_schema()
FIELDS = {
    f"{kind.name}.{name}": field
    for kind in SCHEMA.type_map.values()
    if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
    for name, field in kind.fields.items()
}
SHORT = {"Query.nodes"}
"""Lists that are no connections: as long as what the caller sent, and capped by themselves."""


def is_list(kind):
    """Tell whether a field answers with a list."""
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return isinstance(bare, GraphQLList)


def is_connection(kind):
    return get_named_type(kind).name.endswith("Connection")


def test_every_connection_counts_and_takes_a_capped_page():
    lists = {name: field for name, field in FIELDS.items() if is_connection(field.type)}
    assert len(lists) > 50
    for name, field in lists.items():
        assert {"edges", "pageInfo", "totalCount"} <= get_named_type(field.type).fields.keys(), name
        assert {"first", "after"} <= field.args.keys(), name
        assert field.args["first"].default_value == DEFAULT_PAGE, name
        assert f"0 to {LARGEST_PAGE}" in field.args["first"].description, name


def test_only_connections_take_a_page():
    pages = {name for name, field in FIELDS.items() if "first" in field.args}
    assert {name for name in pages if not is_connection(FIELDS[name].type)} == set()


def test_what_is_a_list_without_pages_is_short():
    plain = {name for name, field in FIELDS.items() if is_list(field.type)}
    told = {name for name in plain if not name.endswith((".edges", ".userErrors"))}
    objects = {name for name in told if not is_scalar_type(get_named_type(FIELDS[name].type))}
    assert objects - SHORT == set()


@pytest.mark.parametrize("first", [-1, LARGEST_PAGE + 1, 2**31 - 1])
def test_a_page_is_capped(first):
    with pytest.raises(PageSizeError):
        read_page_size(first)


def test_a_page_is_as_large_as_asked_for():
    assert [read_page_size(first) for first in (0, 7, LARGEST_PAGE, None)] == [
        0,
        7,
        LARGEST_PAGE,
        DEFAULT_PAGE,
    ]
