"""Subscriptions over WebSocket: the protocol to the letter, and what cuts a client off."""

import asyncio
import json

import pytest

from api.services.accounts.create_token import revoke_token
from models.session import write_session
from models.values.access import Capability, Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import CAU, NOW, PROPOSE, YEAR, add_token, bearer
from tests.support.databases import on_sqlite
from tests.support.sockets import ClosedError, connected, connecting

# No database can change what is said here.
pytestmark = on_sqlite

JOB = "subscription ($id: ID!, $after: String) { job(id: $id, after: $after) { state progress } }"
NEWS = "subscription ($after: String) { notifications(after: $after) { kind } }"
DONE = {"job": {"state": "SUCCEEDED", "progress": 1.0}}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Look for changes all the time."""
    monkeypatch.setattr("api.graphql.change_feed.SECONDS_BETWEEN", 0.01)


def ask_for_job(api):
    """Queue a proposal and give the job's id."""
    wish = {"cau": CAU, "year": YEAR}
    return api.ask(PROPOSE, input=wish)["proposeCoefficients"]["job"]["id"]


def accept(client):
    """Hear that the connection is there."""
    assert client.portal.call(client._next)["type"] == "websocket.accept"


def test_a_job_is_followed_to_its_end(api):
    job = ask_for_job(api)
    with connected(api) as client:
        client.follow("a", JOB, id=job)
        first = client.hear()
        assert first["payload"]["data"] == {"job": {"state": "QUEUED", "progress": 0.0}}
        api.drain()
        assert client.hear_all("a")[-1] == DONE
        client.follow("a", JOB, id=job, after=first["payload"]["extensions"]["cursor"])
        assert client.hear_all("a") == [DONE]


def test_operations_are_told_apart_and_end_one_by_one(api):
    job = ask_for_job(api)
    with connected(api) as client:
        for key in ("a", "b"):
            client.follow(key, JOB, id=job)
            assert client.hear()["id"] == key
        client.say("complete", id="a")
        client.say("complete", id="nobody's")
        client.say("ping")
        assert client.hear() == {"type": "pong"}
        api.drain()
        assert client.hear_all("b")[-1] == DONE
    assert api.app.state.changes._signals == {}


def test_what_is_somebody_elses_is_nobodys(api):
    job = ask_for_job(api)
    with connected(api, api.other) as client:
        for key, its in (("a", job), ("b", "nonsense")):
            client.follow(key, JOB, id=its)
            assert client.hear_all(key) == [{"job": None}]


def test_news_are_told_to_those_whom_they_concern(api):
    with connected(api) as own, connected(api, api.other) as other:
        for client in (own, other):
            client.follow("n", NEWS, after="0")
        ask_for_job(api)
        api.drain()
        assert own.hear()["payload"] == {
            "data": {"notifications": {"kind": "JOB_SUCCEEDED"}},
            "extensions": {"cursor": "1"},
        }
        other.say("ping")
        assert other.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    ("role", "heard"),
    [
        (Role.PROMOTER_ADMIN, {"data": {"notifications": {"kind": "JOB_SUCCEEDED"}}}),
        (Role.COMMUNITY_MANAGER, {"data": {"notifications": {"kind": "JOB_SUCCEEDED"}}}),
        (Role.MEMBER, None),
        (Role.CANDIDATE, None),
    ],
)
def test_a_cookie_tells_who_follows(api, role, heard):
    ask_for_job(api)
    api.drain()
    headers = call_as(api, role).headers | {"origin": "http://reparto.test"}
    with connecting(api, headers=headers) as client:
        accept(client)
        client.say("connection_init")
        assert client.hear() == {"type": "connection_ack"}
        client.follow("n", NEWS, after="0")
        client.follow("x", "{ __typename }")
        first = client.hear()
        if heard is None:
            assert first["id"] == "x"
        else:
            # Each is answered by a task of its own, whichever comes first.
            [told] = [each for each in (first, client.hear()) if each["id"] == "n"]
            assert told["payload"]["data"] == heard["data"]


def test_a_scope_opens_what_it_names(api):
    token = add_token(api.engine, "Ajuntament de la Peña", scopes=[Capability.READ_MONEY])
    with connected(api, token.text) as client:
        client.follow("n", NEWS)
        refused = client.hear()
        assert (refused["type"], refused["id"]) == ("error", "n")
        assert [error["extensions"] for error in refused["payload"]] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{ __typename }", "subscriptions alone are followed: send others to POST /graphql"),
        ("mutation { __typename }", "subscriptions alone are followed: send others to"),
        ("", "the query is empty"),
        ("{", "Syntax Error"),
        ("subscription { __typename }", "Subscription must not select an introspection"),
        ("subscription { a: job(id: 1) { id } b: job(id: 2) { id } }", "must select only one"),
        (
            "subscription A { job(id: 1) { id } } subscription B { job(id: 2) { id } }",
            "the document has several operations",
        ),
        ('subscription { notifications(after: "x") { kind } }', "after: not a cursor of this"),
        ('subscription { notifications(after: "9999999999999999999") { kind } }', "after: not"),
    ],
)
def test_what_cannot_be_followed_is_refused_alone(api, query, says):
    with connected(api) as client:
        client.follow("a", query)
        refused = client.hear()
        assert (refused["type"], refused["id"]) == ("error", "a")
        assert says in refused["payload"][0]["message"]
        assert refused["payload"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
        client.say("ping")
        assert client.hear() == {"type": "pong"}


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",)])
def test_other_protocols_are_not_spoken(api, protocols):
    with connecting(api, protocols=protocols) as client:
        accept(client)
        assert client.hear_end() == 4406


@pytest.mark.parametrize("origin", ["https://elsewhere.test", "null", "http://reparto.test:81"])
def test_pages_of_others_are_not_let_in(api, origin):
    with connecting(api, headers={"origin": origin}) as client, pytest.raises(ClosedError):
        client.hear()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4401),
        ({"type": "connection_init", "payload": None}, 4401),
        ({"type": "connection_init", "payload": {}}, 4401),
        ({"type": "connection_init", "payload": {"authorization": "Bearer rp_none"}}, 4401),
        ({"type": "connection_init", "payload": {"authorization": 1}}, 4400),
        ({"type": "connection_init", "payload": []}, 4401),
        ({"type": "connection_init", "payload": "x"}, 4400),
        ({"type": "subscribe", "id": "a", "payload": {"query": NEWS}}, 4401),
        ({"type": "complete", "id": "a"}, 4401),
        ({"type": "gossip"}, 4401),
    ],
    ids=str,
)
def test_those_who_do_not_say_who_they_are_are_let_go(api, message, code):
    with connecting(api) as client:
        accept(client)
        client.say("ping")
        assert client.hear() == {"type": "pong"}
        client.send_text(json.dumps(message))
        assert client.hear_end() == code


@pytest.mark.parametrize("token", ["expired", "revoked"])
def test_tokens_that_open_nothing_open_nothing(api, monkeypatch, token):
    with connecting(api) as client:
        accept(client)
        client.say("connection_init", payload=bearer(getattr(api, token)))
        assert client.hear_end() == 4401


def test_the_silent_are_not_waited_for(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.SECONDS_TO_INTRODUCE", 0.05)
    with connecting(api) as client:
        accept(client)
        assert client.hear_end() == 4408


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "connection_init"}', 4429),
        ('{"type": "gossip"}', 4400),
        ('{"type": "next", "id": "a"}', 4400),
        ('{"type": 1}', 4400),
        ('{"type": ["ping"]}', 4400),
        ("{}", 4400),
        ("[]", 4400),
        ("1", 4400),
        ("{", 4400),
        ("", 4400),
        ("[" * 90_000, 4400),
        ('{"type": "ping", "x": "\ud800"}', 4400),
        (" " * 100_001, 1009),
        ("ñ" * 60_000, 1009),
        ('{"type": "complete"}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "' + "x" * 101 + '", "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "a"}', 4400),
        ('{"type": "subscribe", "id": "a", "payload": {"query": 1}}', 4400),
        ('{"type": "subscribe", "id": "a", "payload": {"query": "{a}", "variables": 1}}', 4400),
    ],
    ids=lambda value: str(value)[:60].encode("ascii", "replace").decode(),
)
def test_nonsense_ends_the_connection(api, text, code):
    with connected(api) as client:
        client.send_text(text)
        assert client.hear_end() == code


def test_bytes_are_no_messages(api):
    with connected(api) as client:
        client.send_bytes(b'{"type": "ping"}')
        assert client.hear_end() == 4400


def test_two_operations_of_one_name_end_the_connection(api):
    with connected(api) as client:
        client.follow("a", NEWS)
        client.follow("a", NEWS)
        assert client.hear_end() == 4409
    assert api.app.state.changes._signals == {}


def test_a_connection_follows_only_so_much(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.MOST_OPERATIONS", 2)
    with connected(api) as client:
        for key in "abc":
            client.follow(key, NEWS)
        refused = client.hear()
        assert (refused["id"], refused["type"]) == ("c", "error")
        assert refused["payload"][0]["extensions"] == {"code": "TOO_LARGE"}


def test_floods_are_stopped(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.REQUEST_COST", api.settings.cost_per_minute / 3)
    with connected(api) as client:
        for number in range(10):
            client.follow(str(number), NEWS)
        assert client.hear_end() == 1013


def test_only_so_many_connections_are_held(api, monkeypatch):
    monkeypatch.setattr("api.graphql.change_feed.MOST_OF_A_PROMOTER", 1)
    with connected(api), connecting(api) as second:
        accept(second)
        second.say("connection_init", payload=bearer(api.own))
        assert second.hear_end() == 1013
        with connected(api, api.other):
            pass
    with connected(api):
        pass
    assert not api.app.state.changes._seats


def test_the_dead_are_found_out(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.SECONDS_BETWEEN_PINGS", 0.05)
    with connected(api) as client:
        assert client.hear() == {"type": "ping"}
        client.say("pong")
        assert client.hear() == {"type": "ping"}
        assert client.hear_end() == 4408


def test_a_revoked_token_ends_what_it_began(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.SECONDS_BETWEEN_PINGS", 0.02)
    monkeypatch.setattr("api.graphql.sockets.SECONDS_BETWEEN_CHECKS", 0.0)
    token = add_token(api.engine, "Ajuntament de la Peña")
    with connected(api, token.text) as client:
        client.follow("n", NEWS)
        assert client.hear() == {"type": "ping"}
        client.say("pong")
        with write_session(api.engine) as session:
            revoke_token(session, token=token.prefix, now=NOW)
        assert client.hear_end() == 4401


def test_a_server_that_stops_says_so(api):
    with connected(api) as client:
        client.follow("n", NEWS)
        client.say("ping")
        client.hear()
        client.portal.call(api.app.state.changes.close)
        assert client.hear_end() == 1012


def test_the_slow_are_cut_off(api, monkeypatch):
    monkeypatch.setattr("api.graphql.sockets.SECONDS_TO_TAKE", 0.05)
    with connected(api) as client:
        client.heard._maxsize = 1
        for _ in range(5):
            client.say("ping")
        client.portal.call(_wait_for_empty_feed, api.app.state.changes)
    assert not api.app.state.changes._seats


async def _wait_for_empty_feed(changes):
    """Give the server the time to lose patience."""
    async with asyncio.timeout(5):
        while changes._seats:
            await asyncio.sleep(0.01)
