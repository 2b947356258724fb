"""GraphQL over HTTP: what is refused before anything is executed, and how answers are labelled."""

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from models import tables
from models.session import read_session
from tests.support.api import bearer
from tests.support.databases import on_sqlite
from tests.support.full_disks import files_of_at_most

# No database can change what is said here.
pytestmark = on_sqlite

GRAPHQL_JSON = "application/graphql-response+json"
QUERY = '{"query": "{ __typename }"}'


def send(api, body, *, content_type="application/json", accept=None):
    """Post raw bytes as the owner."""
    headers = bearer(api.own) | {"content-type": content_type}
    if accept is not None:
        headers["accept"] = accept
    return api.client.request("POST", "/graphql", content=body, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"{}",
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "extensions": 7}',
        b'[{"query": "{ __typename }"}]',
        b'{"query": "{ \xff }"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"a":' * 15_000 + b"1" + b"}" * 15_000,
        b"[" * 90_000,
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_bodies_of_the_wrong_form_are_refused(api, body):
    answer = send(api, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "INVALID_ARGUMENT"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
    ],
)
def test_other_content_types_are_refused(api, content_type):
    assert send(api, QUERY, content_type=content_type).status_code == 415


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
def test_json_in_utf8_is_read(api, content_type):
    assert send(api, QUERY, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*;q=0.5", "application/json"),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8, application/json; q=0.9", GRAPHQL_JSON),
        (f"application/json, {GRAPHQL_JSON};q=0.1", "application/json"),
        (f"text/html, {GRAPHQL_JSON};q=x, application/json;q=0.2", "application/json"),
        ("text/event-stream, application/json", "application/json"),
    ],
)
def test_answers_come_in_the_type_that_the_caller_prefers(api, accept, expected):
    answer = send(api, QUERY, accept=accept)
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*"])
def test_callers_who_read_neither_type_are_refused(api, accept):
    assert send(api, QUERY, accept=accept).status_code == 406


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "{ nothing }",
        "query A { __typename } query B { __typename }",
        "fragment F on Query { __typename }",
        "   ",
        "subscription { __typename }",
    ],
)
def test_request_errors_by_media_type(api, document):
    body = {"query": document}
    headers = bearer(api.own)
    legacy = api.client.request("POST", "/graphql", json=body, headers=headers)
    assert (legacy.status_code, legacy.json()["data"]) == (200, None)
    strict = api.client.request(
        "POST", "/graphql", json=body, headers=headers | {"accept": GRAPHQL_JSON}
    )
    assert (strict.status_code, "data" in strict.json()) == (400, False)
    assert strict.json()["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"


def test_field_errors_keep_the_data_and_the_status(api):
    query = "{ ok: __typename communities(first: 101) { totalCount } }"
    answer = send(api, f'{{"query": "{query}"}}', accept=GRAPHQL_JSON)
    assert answer.status_code == 200
    assert answer.json()["data"] is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_only_get_and_post_are_served(api, method):
    answer = api.client.request(method, "/graphql?query={__typename}", headers=bearer(api.own))
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert answer.json()["errors"][0]["message"] == "Method Not Allowed"


def get(api, query_string):
    """Ask by an address as the owner."""
    headers = bearer(api.own) | {"accept": GRAPHQL_JSON}
    return api.client.request("GET", f"/graphql?{query_string}", headers=headers)


@pytest.mark.parametrize(
    "query_string",
    [
        "query=%7B__typename%7D",
        "query=query+A%7B__typename%7D+query+B%7Bx:__typename%7D&operationName=A",
        "query=query($no:Boolean!)%7B__typename+@skip(if:$no)%7D&variables=%7B%22no%22:false%7D",
        "query=%7B__typename%7D&variables=null&extensions=%7B%7D",
    ],
)
def test_an_address_can_ask(api, query_string):
    answer = get(api, query_string)
    assert answer.status_code == 200
    assert set(answer.json()["data"].values()) == {"Query"}


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query",
        "query=%7B__typename%7D&query=%7B__typename%7D",
        "query=%7B__typename%7D&variables=",
        "query=%7B__typename%7D&variables=%5B%5D",
        "query=%7B__typename%7D&extensions=1",
        "query=%ff",
        "query=%7B__typename%7D&operationName=none",
        "query=%7B__typename%7D&variables=" + "%5B" * 9_000,
    ],
)
def test_addresses_of_the_wrong_form_are_refused(api, query_string):
    answer = get(api, query_string)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "INVALID_ARGUMENT"}


@pytest.mark.parametrize("name", ["exportAccounts", "none"])
def test_an_address_changes_nothing(api, name):
    answer = get(api, f"query=mutation%7B{name}%7B__typename%7D%7D")
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["message"] == "what changes something is posted"


def test_large_bodies_are_refused(api):
    answer = send(api, b'{"query": "{ __typename }", "x": "' + b"x" * 100_000 + b'"}')
    assert answer.status_code == 413


def test_large_bodies_of_unknown_length_are_refused(api):
    async def pieces():
        for _ in range(200):
            yield b"x" * 1_000

    answer = send(api, pieces())
    assert answer.status_code == 413


def test_every_answer_carries_security_headers(api):
    for path, token in (("/healthz", ""), ("/graphql", ""), ("/nowhere", api.own)):
        headers = api.client.request("GET", path, headers=bearer(token)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("offered", "is_kept"),
    [("abcDEF12-3_4", True), ("short", False), ("x" * 65, False), ("bad id with spaces", False)],
)
def test_harmless_request_ids_are_kept(api, offered, is_kept):
    answer = api.client.request("GET", "/healthz", headers={"x-request-id": offered})
    assert (answer.headers["x-request-id"] == offered) is is_kept


def test_graphiql_is_not_served(api):
    headers = bearer(api.own) | {"accept": "text/html"}
    assert api.client.request("GET", "/graphql", headers=headers).status_code == 406


@pytest.mark.parametrize(("name", "expected"), [("A", {"a": "Query"}), ("B", {"b": "Query"})])
def test_one_of_several_operations_is_chosen_by_its_name(api, name, expected):
    body = {"query": "query A { a: __typename } query B { b: __typename }", "operationName": name}
    answer = api.client.request("POST", "/graphql", json=body, headers=bearer(api.own))
    assert answer.json() == {"data": expected}


def test_an_operation_that_is_not_in_the_document_is_refused(api):
    body = {"query": "query A { __typename }", "operationName": "B"}
    answer = api.client.request("POST", "/graphql", json=body, headers=bearer(api.own))
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert answer.json()["data"] is None


def call(api, scope, message):
    """Speak ASGI to the application without a client that minds its manners."""
    sent = []

    async def receive():
        return message

    async def send(answer):
        sent.append(answer)

    raw = {
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"authorization", f"Bearer {api.own}".encode()),
            (b"content-type", b"application/zip"),
        ],
    }
    api.client.portal.call(api.app, raw | scope, receive, send)
    return sent


def test_websockets_are_refused_where_there_is_nothing_to_follow(api):
    scope = {"type": "websocket", "subprotocols": [], "path": "/uploads"}
    (answer,) = call(api, scope, {"type": "websocket.connect"})
    assert answer["type"] == "websocket.close"


@pytest.mark.parametrize("path", ["/graphql", "/uploads"])
def test_callers_who_go_away_leave_nothing_behind(api, path):
    scope = {"type": "http", "method": "POST", "path": path, "http_version": "1.1"}
    with capture_logs() as log:
        start, _body = call(api, scope, {"type": "http.disconnect"})
    assert start["status"] == 400
    assert [entry["event"] for entry in log] == ["request"]
    folder = api.settings.data_dir / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def upload(api, n_bytes: int):
    """Send a file of zeros as the owner."""
    headers = bearer(api.own) | {"content-type": "application/octet-stream"}
    return api.client.request("POST", "/uploads", content=bytes(n_bytes), headers=headers)


@pytest.mark.parametrize(("n_bytes", "n_bytes_taken"), [(900_000, 400_000), (10, 40_000)])
def test_a_disk_that_takes_no_more_is_told_and_nothing_is_left(api, n_bytes, n_bytes_taken):
    # The second time it is the journal of the database that finds no room.
    with capture_logs() as log, files_of_at_most(n_bytes_taken):
        answer = upload(api, n_bytes)
    assert answer.status_code == 503
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "its disk may be full: ask again later" in error["message"]
    assert [entry["event"] for entry in log] == ["upload_not_kept", "request"]
    assert list((api.settings.data_dir / "uploads").iterdir()) == []
    with read_session(api.engine) as session:
        assert session.exec(select(tables.Upload)).all() == []
    assert upload(api, n_bytes).status_code == 201


def test_a_folder_that_cannot_be_made_is_told(api):
    api.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (api.settings.data_dir / "uploads").write_text("in the way")
    assert upload(api, 10).json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
