"""Whatever is sent to hurt is refused by a 4xx or an error of GraphQL, and tells nothing inner."""

import json

import pytest
from structlog.testing import capture_logs

from models.values.access import Role
from tests.support.accounts_of_roles import Caller
from tests.support.databases import on_sqlite
from tests.support.hostile_requests import (
    HostileRequest,
    list_hostile_requests,
    list_public_requests,
    send_raw,
)
from tests.support.whole_databases import everything_in

# No database sees any of this.
pytestmark = [on_sqlite, pytest.mark.timeout(60)]

REQUESTS = dict(list_hostile_requests())
PUBLIC = dict(list_public_requests())
INNER_WORDS = ("Traceback", "sqlalchemy", "sqlite", "psycopg", "/work", ".py", "0x", "Exception")


def stored_in(api):
    """Read all that is stored, but for when a token was last used."""
    return {name: rows for name, rows in everything_in(api.engine).items() if name != "api_token"}


def errors_of(answer):
    """Read the errors of an answer, wherever they stand."""
    content = json.loads(answer.body)
    data = content.get("data") or {}
    told = [each for payload in data.values() for each in (payload or {}).get("userErrors", ())]
    return [*content.get("errors", ()), *told]


@pytest.mark.parametrize("is_known", [True, False])
def test_each_is_refused_and_tells_nothing_inner(api, is_known):
    before = stored_in(api)
    for name, request in (REQUESTS if is_known else PUBLIC).items():
        with capture_logs() as log:
            token = api.own if is_known else ""
            answer = send_raw(api.client.portal, api.app, request, token)
        assert answer.status == 200 or 400 <= answer.status < 500, (name, answer)
        errors = errors_of(answer)
        assert errors, (name, answer)
        codes = {each.get("extensions", each)["code"] for each in errors}
        assert codes & {"UNEXPECTED", "RATE_LIMITED"} == set(), name
        assert [word for word in INNER_WORDS if word in str(errors)] == [], (name, errors)
        assert len(answer.body) < 200_000, name
        assert [entry["event"] for entry in log] == ["request"], (name, log)
        assert answer.headers["x-content-type-options"] == "nosniff", name
    assert stored_in(api) == before
    assert list(api.settings.data_dir.rglob("*.*")) == []


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\x00.csv", "a\r\nset-cookie: b=c"],
)
def test_names_of_uploads_lead_nowhere(api, name):
    path = f"/uploads?fileName={''.join(f'%{byte:02x}' for byte in name.encode())}"
    request = HostileRequest(path, b"content", headers={"content-type": "text/csv"})
    answer = send_raw(api.client.portal, api.app, request, api.own)
    assert answer.status in (201, 400)
    assert "set-cookie" not in answer.headers
    kept = [each for each in api.settings.data_dir.parent.rglob("*") if each.is_file()]
    folder = api.settings.data_dir / "uploads"
    assert all(each.parent == folder for each in kept if each.read_bytes() == b"content")


@pytest.mark.parametrize("name", ["x-request-id", "origin", "accept-language", "user-agent"])
def test_headers_put_nothing_into_the_answer(api, name):
    headers = {"content-type": "application/json", name: "abcdefgh\r\nset-cookie: b=c"}
    request = HostileRequest(body=b'{"query": "{ __typename }"}', headers=headers)
    answer = send_raw(api.client.portal, api.app, request, api.own)
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "made_up", ["", "eA==", "Q29tbXVuaXR5OjE=", "\u00e9", "../..", "A" * 50_000, "Q29tbXVuaXR5Og=="]
)
def test_made_up_ids_find_nothing(api, made_up):
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert api.ask(query, id=made_up) == {"node": None}


@pytest.mark.parametrize("made_up", ["", "../..", "' OR 1=1 --", "\x00", "\u202e", "a" * 50_000])
def test_made_up_pages_and_secrets_open_nothing(api, made_up):
    query = """query ($text: String!) {
      publicCommunity(slug: $text) { name } signUpStatus(secret: $text) { state } }"""
    answer = {"publicCommunity": None, "signUpStatus": None}
    assert Caller(api, Role.PUBLIC).ask(query, text=made_up) == answer
