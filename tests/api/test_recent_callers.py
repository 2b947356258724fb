"""Who called a moment ago is known, until anybody writes."""

import asyncio
import time

import pytest
from sqlalchemy import event
from sqlmodel import update

from api.authentication import UnauthenticatedError
from api.clock import now
from api.credentials import Credentials
from api.http import recent_callers
from api.http.recent_callers import SECONDS_KEPT, RecentCallers
from models.change_mark import ChangeMark
from models.session import create_database_engine, write_session
from models.tables import ApiToken, Promoter
from models.values.access import Role
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite


@pytest.fixture
def callers(api):
    mark = ChangeMark(api.engine)
    yield RecentCallers(api.engine, mark, api.app.state.settings)
    mark.close()


@pytest.fixture
def lookups(api):
    """Each looking up of a token."""
    found = []

    def note(_connection, _cursor, statement, *_rest):
        if "api_token.sha256 = " in statement:
            found.append(statement)

    event.listen(api.engine, "before_cursor_execute", note)
    yield found
    event.remove(api.engine, "before_cursor_execute", note)


def find(callers, token):
    return asyncio.run(callers.find(Credentials(f"Bearer {token}", None)))


def test_two_requests_of_a_moment_look_up_once(api, callers, lookups):
    first, second = find(callers, api.own), find(callers, api.own)
    assert first == second
    assert first.role is Role.INTEGRATOR
    assert len(lookups) == 1
    assert find(callers, api.other).promoter_id != first.promoter_id
    assert len(lookups) == 2


@pytest.mark.parametrize("is_here", [True, False], ids=["this process", "another"])
def test_what_is_taken_back_holds_at_once(api, callers, is_here):
    find(callers, api.own)
    engine = api.engine if is_here else create_database_engine(api.settings.database_url)
    with write_session(engine) as session:
        session.exec(update(ApiToken).values(revoked_at=now()))
    with pytest.raises(UnauthenticatedError):
        find(callers, api.own)


def test_what_ends_by_itself_ends_after_a_moment(api, callers, lookups, monkeypatch):
    find(callers, api.own)
    later = time.monotonic() + SECONDS_KEPT
    monkeypatch.setattr(recent_callers.time, "monotonic", lambda: later)
    find(callers, api.own)
    assert len(lookups) == 2


def test_what_was_found_before_a_write_is_not_kept(api, callers, lookups, monkeypatch):
    usual = Credentials.find_principal

    async def find_slowly(credentials, engine, settings):
        found = await usual(credentials, engine, settings)
        with write_session(engine) as session:
            session.exec(update(Promoter).values(name=Promoter.name + "!"))
        return found

    monkeypatch.setattr(Credentials, "find_principal", find_slowly)
    find(callers, api.own)
    find(callers, api.own)
    assert len(lookups) == 2


def test_who_is_unknown_is_looked_up_each_time(api, callers, lookups):
    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            find(callers, "rp_nothing")
    assert len(lookups) == 2


@pytest.fixture
def one_kept(monkeypatch):
    monkeypatch.setattr(recent_callers, "_MOST_KEPT", 1)


def test_the_oldest_are_let_go(api, one_kept, callers, lookups):
    for token in (api.own, api.other, api.own):
        find(callers, token)
    assert len(lookups) == 3


def test_a_token_is_no_secret_of_a_session(api, callers):
    find(callers, api.own)
    found = asyncio.run(callers.find(Credentials(None, f"Bearer {api.own}")))
    assert found.role is Role.PUBLIC


def test_where_the_database_tells_nothing_nobody_is_kept(api, callers, lookups, monkeypatch):
    monkeypatch.setattr(ChangeMark, "read", lambda _mark: None)
    find(callers, api.own)
    find(callers, api.own)
    assert len(lookups) == 2
