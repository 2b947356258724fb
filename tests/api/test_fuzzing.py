"""Whatever fits the schema is answered, and nothing that a caller can send breaks the server."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import schemathesis
from graphql import introspection_from_schema, parse, print_ast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.settings import Settings
from tests.api import schemathesis_strategies
from tests.support.api import CAU, Client, FilledDatabase, bearer, connect
from tests.support.databases import Server, on_sqlite
from tests.support.reserve_pools import STUDIES

pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

SCHEMA = schemathesis.graphql.from_dict(
    introspection_from_schema(schemathesis_strategies.SCHEMA, descriptions=False)
)
BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)

EACH_OPERATION = settings(BOUNDED, max_examples=4)
"""A few of every operation here, where each is traced; a served schema takes more."""


@pytest.fixture(scope="module")
def served(
    filled_database: FilledDatabase, server: Server, tmp_path_factory
) -> Iterator[tuple[Client, str]]:
    """Serve one copy of the filled database to all examples, with a token."""
    folder = tmp_path_factory.mktemp("fuzzing")
    url = server.copy(filled_database.url)
    config = Settings(database_url=url, data_dir=folder / "data", import_root=folder)
    with connect(create_app(config)) as client:
        yield client, filled_database.own
    server.drop(url)


def check(answer):
    """An answer is JSON, never a fault of the program, and its errors are typed."""
    assert answer.status_code < 500, answer.text
    errors = answer.json().get("errors", [])
    codes = {error["extensions"]["code"] for error in errors}
    assert "UNEXPECTED" not in codes, errors
    return codes


def test_the_strategies_know_the_stored_installation():
    assert schemathesis_strategies.KNOWN_CAU == CAU


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("{floor: {share: 0.5}, blocks: {kw: 1, count: 2}}", "{ floor: { share: 0.5 } }"),
        ("{floor: null, blocks: {kw: 1, count: 2}}", "{ blocks: { kw: 1 } }"),
        ("{floor: null}", "{ floor: null }"),
        ("{}", "{ }"),
    ],
)
def test_objects_of_one_key_are_mended(given, mended):
    query = (
        "mutation {{ proposeCoefficients(input: {{year: 2023, limits: [{}]}}) {{ __typename }} }}"
    )
    body = schemathesis_strategies.map_body(None, parse(query.format(given)))
    assert f"limits: [{mended}]" in " ".join(print_ast(body).split())


@SCHEMA.parametrize()
@EACH_OPERATION
def test_operations_of_the_schema_are_answered(case, served):
    client, token = served
    body = {"query": case.body} if isinstance(case.body, str) else case.body
    check(client.request("POST", "/graphql", json=body, headers=bearer(token)))


@given(body=st.binary(max_size=300))
@BOUNDED
def test_any_bytes_are_answered(served, body):
    client, token = served
    headers = bearer(token) | {"content-type": "application/json"}
    check(client.request("POST", "/graphql", content=body, headers=headers))


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(query=st.text(max_size=80) | st.just("{ __typename }"), variables=_json, operation=_json)
@BOUNDED
def test_any_json_is_answered(served, query, variables, operation):
    client, token = served
    body = {"query": query, "variables": variables, "operationName": operation}
    check(client.request("POST", "/graphql", json=body, headers=bearer(token)))


@pytest.mark.parametrize("mutation", ["proposeCoefficients", *STUDIES])
@given(values=st.fixed_dictionaries({"input": _json}))
@BOUNDED
def test_any_input_of_a_mutation_is_answered(served, mutation, values):
    client, token = served
    query = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
      {mutation}(input: $input) {{ job {{ id }} userErrors {{ code message path }} }}
    }}"""
    body = {"query": query, "variables": values}
    check(client.request("POST", "/graphql", json=body, headers=bearer(token)))


@given(path=st.text(max_size=60), query=st.text(max_size=40))
@BOUNDED
def test_any_address_is_answered(served, path, query):
    client, token = served
    answer = client.request(
        "GET", f"/proposals/{quote(path)}", params={"year": query}, headers=bearer(token)
    )
    check(answer)


@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
@BOUNDED
def test_any_authorization_is_answered(served, header):
    client, _ = served
    encoded = header.encode("latin-1")
    answer = client.request("POST", "/graphql", headers={b"authorization": encoded})
    assert answer.status_code == 401
    assert check(answer) == {"UNAUTHENTICATED"}
