"""Of a record that a query shows, the columns are read that it asks for."""

import re

import pytest

from tests.support.databases import on_sqlite
from tests.support.queries import count_queries

# No database can change what is said here.
pytestmark = on_sqlite

COMMUNITY = "{ communities { edges { node { %s } } } }"
MEMBERS = "{ communities { edges { node { members { %s } } } } }"


def read_columns(api, query, table):
    """List the columns of a table that the last question for it reads."""
    with count_queries(api.engine) as queries:
        assert api.ask(query)
    [chosen] = [
        re.match(r"SELECT (.*?) \nFROM", query)[1]
        for query in queries
        if query.startswith(f"SELECT {table}.") and "count(*)" not in query
    ]
    return {name.removeprefix(f"{table}.") for name in chosen.split(", ")}


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ("code", {"code"}),
        ("id", set()),
        ("__typename name alias: zone", {"zone"}),
        ("...x } } a: edges { node { ...x", {"code"}),
    ],
)
def test_plain_fields_read_their_own_columns(api, fields, columns):
    query = COMMUNITY % fields + " fragment x on Community { code }" * ("...x" in fields)
    # Those too by which the list is made: whose it is, and what orders it and makes its cursors.
    assert read_columns(api, query, "community") == columns | {"id", "promoter_id", "name"}


def test_what_hangs_on_a_record_reads_what_its_type_declares(api):
    columns = read_columns(
        api, MEMBERS % "edges { node { supplyPoints { totalCount } } }", "member"
    )
    assert columns == {"id", "community_id", "code", "kind"}


def test_parts_of_a_selection_are_put_together(api):
    parts = "edges { node { code } } b: edges { c: node { kind } }"
    assert read_columns(api, MEMBERS % parts, "member") == {"id", "community_id", "code", "kind"}


def test_what_may_be_anything_is_read_whole(api):
    key = api.ask(COMMUNITY % "id")["communities"]["edges"][0]["node"]["id"]
    query = f'{{ node(id: "{key}") {{ ... on Community {{ code }} }} }}'
    assert "created_at" in read_columns(api, query, "community")
