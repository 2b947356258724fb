"""What is known of a document from the last time is never what its variables decide."""

import pytest

from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite


def ask_each(api, query, *wanted, **named):
    return [api.ask(query, **(named | each)) for each in wanted]


def test_arguments_are_read_each_time(api):
    query = "query ($n: Int) { communities(first: $n) { edges { node { code } } } }"
    found = ask_each(api, query, {"n": 0}, {"n": 1}, {"n": 0})
    assert [len(each["communities"]["edges"]) for each in found] == [0, 1, 0]


@pytest.mark.parametrize("condition", ["@include(if: $is)", "@ include (if: $is)"])
def test_variables_decide_each_time_which_fields_are_asked_for(api, condition):
    query = (
        f"query ($is: Boolean!) {{ communities {{ edges {{ node {{ id code {condition}"
        f" ... {condition} {{ name }} }} }} }} }}"
    )
    found = ask_each(api, query, {"is": True}, {"is": False}, {"is": True})
    nodes = [each["communities"]["edges"][0]["node"] for each in found]
    assert [sorted(each) for each in nodes] == [
        ["code", "id", "name"],
        ["id"],
        ["code", "id", "name"],
    ]


def test_operations_of_a_document_are_told_apart(api):
    query = "query A { a: __typename } query B { b: communities { totalCount } }"
    for name, key in (("A", "a"), ("B", "b"), ("A", "a")):
        body = {"query": query, "operationName": name}
        answer = api.client.request(
            "POST", "/graphql", json=body, headers={"authorization": f"Bearer {api.own}"}
        )
        assert list(answer.json()["data"]) == [key]


def test_what_one_caller_asked_is_not_what_another_is_told(api):
    query = "{ communities { edges { node { id code } } } }"
    own, other = (api.ask(query, token=token) for token in (api.own, api.other))
    assert own != other
    assert own == api.ask(query)
