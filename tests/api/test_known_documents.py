"""Documents that the server knows are asked for by their SHA-256."""

import hashlib
from dataclasses import replace

import pytest
from pydantic import SecretStr

from api.app import create_app
from api.graphql.known_documents import UnfitDocumentError, read_documents
from tests.support.api import bearer, connect
from tests.support.databases import on_sqlite
from tests.support.sockets import connected

pytestmark = on_sqlite

LISTING = "query Listing($first: Int) { communities(first: $first) { totalCount } }\n"
WATCH = "subscription Watch($id: ID!) { job(id: $id) { state } }"
BOTH = "query One { one: __typename } query Two { two: __typename }"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def knowing(api, tmp_path):
    """Serve the same with two documents that it knows."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "listing.graphql").write_text(LISTING)
    (folder / "both.graphql").write_text(BOTH)
    (folder / "watch.graphql").write_text(WATCH)
    (folder / "notes.txt").write_text("{")
    known = {"documents_dir": folder, "metrics_token": SecretStr("t")}
    with connect(create_app(api.settings.model_copy(update=known))) as client:
        yield client


def ask(client, api, sha256, **more):
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256}}} | more
    return client.request("POST", "/graphql", json=body, headers=bearer(api.own))


def test_a_known_document_is_executed_and_counted_by_its_name(api, knowing):
    answer = ask(knowing, api, digest(LISTING), variables={"first": 1}, operationName="Listing")
    assert answer.json() == {"data": {"communities": {"totalCount": 1}}}
    assert ask(knowing, api, digest(LISTING)).status_code == 200  # its only operation
    second = ask(knowing, api, digest(BOTH), operationName="Two")
    assert second.json() == {"data": {"two": "Query"}}
    metrics = knowing.request("GET", "/metrics", headers=bearer("t")).text
    assert 'reparto_operation_seconds_count{operation="Listing",outcome="done"} 2.0' in metrics
    assert 'reparto_operation_seconds_count{operation="Two",outcome="done"} 1.0' in metrics


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../listing.graphql", digest(LISTING).upper()])
def test_others_are_not_known(api, knowing, sha256):
    """In the words by which Apollo's and urql's clients then send the query too."""
    answer = ask(knowing, api, sha256)
    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
        ]
    }


def test_nothing_is_known_without_a_folder(api):
    answer = ask(api.client, api, digest(LISTING))
    assert (answer.status_code, set(answer.json())) == (200, {"errors"})
    (error,) = answer.json()["errors"]
    assert error["message"] == "PersistedQueryNotSupported"
    assert error["extensions"] == {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}


def test_a_query_beside_its_digest_is_executed(api, knowing):
    query = "{ __typename }"
    for client in (knowing, api.client):
        answer = ask(client, api, digest(query), query=query)
        assert answer.json() == {"data": {"__typename": "Query"}}


def test_a_query_with_the_digest_of_another_is_refused(api, knowing):
    answer = ask(knowing, api, digest(LISTING), query="{ __typename }")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert digest("{ __typename }") in error["message"]


@pytest.mark.parametrize("named", [1, "x", {}, {"sha256Hash": 1}, {"sha256Hash": None}, None])
def test_a_digest_of_another_form_is_none(api, knowing, named):
    body = {"extensions": {"persistedQuery": named}}
    answer = knowing.request("POST", "/graphql", json=body, headers=bearer(api.own))
    assert answer.status_code == 400


def test_subscriptions_name_documents_too(api, knowing):
    def name(sha256):
        return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256}}}

    knowing_api = replace(api, app=knowing.session._transport.app, client=knowing)
    with connected(knowing_api, api.own) as client:
        client.say("subscribe", id="a", payload=name("0" * 64))
        refused = client.hear()
        assert (refused["type"], refused["id"]) == ("error", "a")
        assert refused["payload"][0]["message"] == "PersistedQueryNotFound"
        other = name(digest(WATCH)) | {"query": "subscription { __typename }"}
        client.say("subscribe", id="a", payload=other)
        assert client.hear()["payload"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
        watched = name(digest(WATCH)) | {"variables": {"id": "none"}}
        client.say("subscribe", id="a", payload=watched)
        assert client.hear_all("a") == [{"job": None}]


@pytest.mark.parametrize("content", [b"{", b"\xff", b""])
def test_a_file_that_is_no_document_keeps_the_server_from_starting(
    database_kind, tmp_path, content
):
    (tmp_path / "broken.graphql").write_bytes(content)
    with pytest.raises(UnfitDocumentError, match=r"broken\.graphql is no GraphQL document"):
        read_documents(tmp_path)
