"""Subscriptions over server-sent events, from sockets: told once, in order, and gone on with."""

import asyncio
import json

import pytest

from api.app import create_app
from api.services.accounts.create_token import revoke_token
from models.repositories.notifications import add_notification
from models.session import write_session
from models.tables import NotificationKind
from tests.support.api import CAU, NOW, PROPOSE, YEAR, add_token, bearer
from tests.support.databases import on_sqlite
from tests.support.sockets import serving_on_tcp, streaming

# No database can change what is said here.
pytestmark = on_sqlite

JOB = "subscription ($id: ID!) { job(id: $id) { state progress } }"
NEWS = "subscription ($after: String) { notifications(after: $after) { kind subject { id } } }"
COMPLETE = {"event": "complete", "data": ""}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Look for changes all the time."""
    monkeypatch.setattr("api.graphql.change_feed.SECONDS_BETWEEN", 0.01)


@pytest.fixture
def own(api):
    """Give the owner's promoter and a token of it."""
    return add_token(api.engine, "Ajuntament de la Peña")


def happen(api, own, *kinds):
    """Let things happen to the owner."""
    with write_session(api.engine) as session:
        for kind in kinds:
            add_notification(
                session, promoter_id=own.promoter_id, kind=kind, subject_id=own.promoter_id, at=NOW
            )


def data_of(event):
    return json.loads(event["data"])["data"]


def test_a_job_is_followed_to_its_end_and_no_further(api):
    job = api.ask(PROPOSE, input={"cau": CAU, "year": YEAR})["proposeCoefficients"]["job"]["id"]
    with serving_on_tcp(api.app) as client:
        with streaming(client, api.own, JOB, id=job) as stream:
            headers = stream.answer.headers
            assert headers["content-type"] == "text/event-stream; charset=utf-8"
            assert headers["cache-control"] == "no-store"
            first = stream.hear()
            assert list(first) == ["id", "event", "data"]
            assert data_of(first) == {"job": {"state": "QUEUED", "progress": 0.0}}
            assert json.loads(first["data"])["extensions"] == {"cursor": first["id"]}
            api.drain()
            *_, last, end = stream.hear_all()
        assert data_of(last) == {"job": {"state": "SUCCEEDED", "progress": 1.0}}
        assert end == COMPLETE
        with streaming(client, api.own, JOB, last=first["id"], id=job) as stream:
            assert stream.hear_all() == [last, COMPLETE]
        with streaming(client, api.own, JOB, last=last["id"], id=job) as stream:
            assert stream.hear_all() == [COMPLETE]


def test_news_are_gone_on_with_after_a_restart(api, own):
    kinds = list(NotificationKind)
    happen(api, own, *kinds[:3])
    with (
        serving_on_tcp(api.app) as client,
        streaming(client, api.own, NEWS, after="0") as stream,
    ):
        told = [stream.hear(), stream.hear()]
    happen(api, own, *kinds[3:])
    with (
        serving_on_tcp(create_app(api.settings)) as client,
        streaming(client, api.own, NEWS, last=told[-1]["id"]) as stream,
    ):
        told += [stream.hear() for _ in kinds[2:]]
        happen(api, own, NotificationKind.JOB_FAILED)
        told.append(stream.hear())
    expected = [kind.name for kind in [*kinds, NotificationKind.JOB_FAILED]]
    assert [data_of(event)["notifications"]["kind"] for event in told] == expected
    assert [event["id"] for event in told] == [str(place) for place in range(1, len(told) + 1)]
    assert {data_of(event)["notifications"]["subject"] for event in told} == {None}


def test_news_begin_now_unless_it_is_said_from_where(api, own, monkeypatch):
    monkeypatch.setattr("api.graphql.event_stream.SECONDS_BETWEEN_SIGNS", 0.05)
    happen(api, own, NotificationKind.JOB_FAILED)
    with serving_on_tcp(api.app) as client, streaming(client, api.own, NEWS) as stream:
        assert stream.hear() == {"": ""}
        happen(api, own, NotificationKind.JOB_SUCCEEDED)
        while (event := stream.hear()) == {"": ""}:
            pass
        assert data_of(event)["notifications"]["kind"] == "JOB_SUCCEEDED"


def test_news_of_money_are_for_those_who_may_see_it(api, own):
    happen(api, own, NotificationKind.MESSAGE_FAILED, NotificationKind.JOB_FAILED)
    token = add_token(api.engine, "Ajuntament de la Peña", scopes=["read"]).text
    with serving_on_tcp(api.app) as client, streaming(client, token, NEWS, after="0") as stream:
        assert data_of(stream.hear())["notifications"]["kind"] == "JOB_FAILED"


@pytest.mark.parametrize(
    ("token", "query", "code"),
    [
        ("", NEWS, "UNAUTHENTICATED"),
        ("own", "subscription { nothing }", "INVALID_ARGUMENT"),
        ("own", 'subscription { notifications(after: "-1") { kind } }', "INVALID_ARGUMENT"),
        ("own", "{ nothing }", "INVALID_ARGUMENT"),
    ],
)
def test_what_is_refused_is_told_as_an_event(api, token, query, code):
    with (
        serving_on_tcp(api.app) as client,
        streaming(client, getattr(api, token, token), query) as stream,
    ):
        refused, end = stream.hear_all()
    assert (list(refused), end) == (["event", "data"], COMPLETE)
    answer = json.loads(refused["data"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert answer.get("data") is None


def test_a_question_is_answered_once(api):
    answers = [{"event": "next", "data": '{"data":{"__typename":"Query"}}'}, COMPLETE]
    with serving_on_tcp(api.app) as client:
        with streaming(client, api.own, "{ __typename }") as stream:
            assert stream.hear_all() == answers
        headers = bearer(api.own) | {"accept": "text/event-stream"}
        with client.stream("GET", "/graphql?query={__typename}", headers=headers) as answer:
            assert answer.read() == (
                b'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'
            )


def test_a_subscription_needs_a_stream(api):
    error = api.error(NEWS)
    assert error["message"].startswith("a subscription is answered by events: accept text/event")
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}


def test_only_so_many_streams_are_held(api, monkeypatch):
    monkeypatch.setattr("api.graphql.change_feed.MOST_OF_A_PROMOTER", 1)
    monkeypatch.setattr("api.graphql.event_stream.SECONDS_BETWEEN_SIGNS", 0.05)
    with serving_on_tcp(api.app) as client:
        with streaming(client, api.own, NEWS) as first:
            first.hear()
            with streaming(client, api.own, NEWS) as second:
                assert second.answer.status_code == 503
                assert json.loads(second.answer.read())["errors"][0]["extensions"] == {
                    "code": "UNAVAILABLE"
                }
            with streaming(client, api.other, NEWS) as other:
                assert other.answer.status_code == 200
        while client.get("/healthz") and api.app.state.changes._seats:
            pass
        with streaming(client, api.own, NEWS) as again:
            assert again.answer.status_code == 200
    assert api.app.state.changes._signals == {}


def test_a_revoked_token_breaks_its_stream_off(api, own, monkeypatch):
    monkeypatch.setattr("api.graphql.event_stream.SECONDS_BETWEEN_SIGNS", 0.02)
    monkeypatch.setattr("api.graphql.event_stream.SECONDS_BETWEEN_CHECKS", 0.0)
    with serving_on_tcp(api.app) as client, streaming(client, own.text, NEWS) as stream:
        assert stream.hear() == {"": ""}
        with write_session(api.engine) as session:
            revoke_token(session, token=own.prefix, now=NOW)
        assert COMPLETE not in stream.hear_all()


def test_a_server_that_stops_breaks_streams_off(api):
    with serving_on_tcp(api.app) as client, streaming(client, api.own, NEWS) as stream:
        api.app.state.changes.close()
        assert stream.hear_all() == []


def test_a_client_that_takes_nothing_is_cut_off(api, own, monkeypatch):
    monkeypatch.setattr("api.graphql.event_stream.SECONDS_TO_TAKE", 0.05)
    happen(api, own, NotificationKind.JOB_FAILED)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/graphql",
        "query_string": b'query=subscription{notifications(after:"0"){kind}}',
        "headers": [
            (b"authorization", f"Bearer {api.own}".encode()),
            (b"accept", b"text/event-stream"),
        ],
        "client": ("127.0.0.1", 1),
    }
    started = []

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)
        started.append(message["status"])

    api.client.portal.call(api.app, scope, receive, send)
    assert started == [200]
    assert not api.app.state.changes._seats
