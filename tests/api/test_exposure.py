"""What the server tells to those who do not say who they are, and under which names it answers."""

import pytest
from anyio.from_thread import start_blocking_portal

from api.app import create_app
from tests.support.api import bearer, connect
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

SCHEMA = "{ __schema { queryType { name } } }"
TYPE = '{ ...of } fragment of on Query { __type(name: "Query") { name } }'
MISSPELT = "{ communitie { totalCount } }"


@pytest.fixture
def changed(api):
    """Serve the same with other settings."""
    opened = []

    def serve(**settings):
        opened.append(connect(create_app(api.settings.model_copy(update=settings))))
        return opened[-1].__enter__()

    yield serve
    for each in opened:
        each.__exit__(None, None, None)


def post(client, query, **headers):
    return client.request("POST", "/graphql", json={"query": query}, headers=headers)


@pytest.mark.parametrize("query", [SCHEMA, TYPE])
def test_the_schema_is_told_to_those_who_say_who_they_are(api, changed, query):
    error = api.error(query, token="")
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"].startswith("__")
    assert api.ask(query)
    assert "errors" not in post(changed(public_introspection=True), query).json()


def test_the_public_may_ask_what_it_looks_at(api):
    assert api.ask("{ __typename }", token="") == {"__typename": "Query"}


def test_names_are_suggested_to_those_who_say_who_they_are(api):
    told = "Cannot query field 'communitie' on type 'Query'."
    assert api.error(MISSPELT)["message"] == f"{told} Did you mean 'communities' or 'community'?"
    # What is kept of a document is the same for both.
    assert api.error(MISSPELT, token="")["message"] == told
    assert api.error(MISSPELT)["message"].endswith("?")


def test_names_in_variables_are_not_suggested_to_the_public_either(api):
    query = "query ($c: ErrorCode) { __typename }"
    for token in ("", api.own):
        answer = api.post(query, token=token, c="NOT_FOUN").json()
        assert "Did you mean" not in str(answer) or token


@pytest.mark.parametrize(
    ("host", "is_answered"),
    [
        ("reparto.example.org", True),
        ("REPARTO.example.org:8443", True),
        ("reparto.example.org.", True),
        ("a.example.net", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("example.net", False),
        ("evil.example.org", False),
        ("reparto.example.org.evil.example", False),
        ("aexample.net", False),
        ("", False),
    ],
)
def test_only_trusted_hosts_are_answered(changed, host, is_answered):
    client = changed(trusted_hosts="Reparto.example.org *.example.net [::1]")
    answer = post(client, "{ __typename }", host=host)
    assert answer.status_code == (200 if is_answered else 400)
    assert client.request("GET", "/healthz", headers={"host": host}).status_code == 200
    if not is_answered:
        assert answer.json()["errors"][0]["extensions"] == {"code": "INVALID_ARGUMENT"}
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_any_host_is_answered_where_none_is_named(api):
    assert post(api.client, "{ __typename }", host="anything.example").status_code == 200


def test_sockets_of_foreign_hosts_are_closed(changed):
    client = changed(trusted_hosts="reparto.example.org")
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    client.portal.call(client.session._transport.app, scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_browsers_are_held_to_tls_only_where_there_is_tls(api):
    header = "strict-transport-security"
    assert header not in api.client.request("GET", "/healthz").headers
    answer = api.client.request("GET", "https://reparto.test/healthz")
    assert answer.headers[header] == "max-age=31536000; includeSubDomains"


def test_the_server_starts_and_stops_through_all_of_this(changed):
    app = changed(trusted_hosts="reparto.example.org").session._transport.app
    asked = iter(("lifespan.startup", "lifespan.shutdown"))
    sent = []

    async def receive():
        return {"type": next(asked)}

    async def send(message):
        sent.append(message["type"])

    with start_blocking_portal() as portal:
        portal.call(app, {"type": "lifespan", "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_answers_are_for_no_other_origin(api):
    headers = api.client.request("GET", "/nowhere", headers=bearer(api.own)).headers
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"
    assert headers["x-permitted-cross-domain-policies"] == "none"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
