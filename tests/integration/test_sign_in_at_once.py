"""Signing in on either database, and by many at once: failures are counted, codes used, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from api.authentication import PUBLIC, authenticate_session
from api.services.accounts import second_factor
from api.services.accounts.note_use import note_use
from api.services.accounts.passwords import PasswordCheck
from api.services.accounts.second_factor import begin_second_factor, confirm_second_factor
from api.services.accounts.sign_in import sign_in
from models.keyring import Keyring
from models.repositories.user_accounts import remove_old_sessions
from models.session import read_session, write_session
from models.tables import Promoter, UserAccount, UserSession
from models.values.access import Reach, Role
from tests.support.databases import RECORDED_AT
from tests.support.stored_records import add_community

EMAIL = "ana@vila.example"
RIGHT = PasswordCheck(is_right=True, kept_hash="kept")
WRONG = PasswordCheck(is_right=False, kept_hash="kept")
KEYRING = Keyring({1: bytes(32)})
N_AT_ONCE = 8


@pytest.fixture
def account(engine: Engine, promoter: Promoter) -> UserAccount:
    """Make a promoter's admin."""
    with write_session(engine) as session:
        account = UserAccount(
            promoter_id=promoter.id,
            email=EMAIL,
            name="Ana",
            role=Role.PROMOTER_ADMIN,
            password_hash="kept",
            created_at=RECORDED_AT,
        )
        session.add(account)
    return account


def do(engine: Engine, use_case: Callable[..., Any], **arguments: Any) -> Any:
    """Do something in a transaction of its own."""
    with write_session(engine) as session:
        return use_case(session, **arguments)


def all_at_once(work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        return [done.result() for done in [pool.submit(work) for _ in range(N_AT_ONCE)]]


def test_who_signs_in_is_found_again_and_reaches_its_promoter(
    engine: Engine, account: UserAccount, other_promoter: Promoter
) -> None:
    with write_session(engine) as session:
        add_community(session, other_promoter.id)
    opened = do(engine, sign_in, email=EMAIL, check=RIGHT, now=RECORDED_AT)
    with read_session(engine) as session:
        find = partial(
            authenticate_session, session, secret=opened.secret, promoters_need_second_factor=False
        )
        found = find(at=RECORDED_AT)
        assert find(at=opened.expires_at) == PUBLIC
    assert (found.account_id, found.reach) == (account.id, Reach(account.promoter_id))


def test_guesses_at_once_are_counted_one_after_another(
    engine: Engine, account: UserAccount
) -> None:
    guess = partial(do, engine, sign_in, email=EMAIL, check=WRONG, now=RECORDED_AT)
    assert all_at_once(guess) == [None] * N_AT_ONCE
    with read_session(engine) as session:
        stored = session.exec(select(UserAccount)).one()
    assert stored.failed_sign_ins == 5
    assert stored.locked_until == RECORDED_AT + timedelta(minutes=1)
    assert do(engine, sign_in, email=EMAIL, check=RIGHT, now=RECORDED_AT) is None
    later = RECORDED_AT + timedelta(minutes=1)
    assert do(engine, sign_in, email=EMAIL, check=RIGHT, now=later) is not None


def test_a_password_that_was_changed_meanwhile_opens_nothing(
    engine: Engine, account: UserAccount
) -> None:
    dated = PasswordCheck(is_right=True, kept_hash="another")
    assert do(engine, sign_in, email=EMAIL, check=dated, now=RECORDED_AT) is None
    with read_session(engine) as session:
        assert session.exec(select(UserAccount.failed_sign_ins)).one() == 0


def test_a_code_sent_twice_at_once_opens_once(
    engine: Engine, account: UserAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(engine, begin_second_factor, account_id=account.id, keyring=KEYRING)
    monkeypatch.setattr(second_factor, "find_step", lambda *_given, **_instant: 7)
    show = partial(
        do,
        engine,
        confirm_second_factor,
        account_id=account.id,
        code="123456",
        keyring=KEYRING,
        now=RECORDED_AT,
    )
    assert sorted(all_at_once(show)) == [False] * (N_AT_ONCE - 1) + [True]


def test_old_sessions_are_removed_some_at_a_time(engine: Engine, account: UserAccount) -> None:
    kept: list[UUID] = []
    for place in range(4):
        opened = do(engine, sign_in, email=EMAIL, check=RIGHT, now=RECORDED_AT)
        with write_session(engine) as session:
            row = session.exec(
                select(UserSession).where(UserSession.expires_at == opened.expires_at)
            ).one()
            row.expires_at += timedelta(days=1 + 100 * (place == 3))
            row.ended_at = RECORDED_AT if place == 0 else None
            row.expires_at += timedelta(seconds=place)
            kept += [row.id] if place == 3 else []
    over = RECORDED_AT + timedelta(days=30)
    counts = [do(engine, remove_old_sessions, over_before=over, at_most=2) for _ in range(2)]
    assert counts == [2, 1]
    with read_session(engine) as session:
        assert session.exec(select(UserSession.id)).all() == kept


def test_a_use_that_somebody_has_just_noted_is_not_noted_again(
    engine: Engine, account: UserAccount
) -> None:
    do(engine, sign_in, email=EMAIL, check=RIGHT, now=RECORDED_AT)
    with read_session(engine) as session:
        session_id = session.exec(select(UserSession.id)).one()
    noted = []
    for minutes in (14, 15, 20, 30):
        instant = RECORDED_AT + timedelta(minutes=minutes)
        do(engine, note_use, token_id=None, session_id=session_id, now=instant)
        with read_session(engine) as session:
            noted.append(session.exec(select(UserSession.last_seen_at)).one() - RECORDED_AT)
    assert noted == [timedelta(minutes=minutes) for minutes in (0, 15, 15, 30)]
