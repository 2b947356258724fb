"""Links and last admins on either database, by many at once: one wins, and one stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import select

from api.policies import GIVES
from api.services.accounts.accept_invitation import AddressHeldError, accept_invitation
from api.services.accounts.disable_account import LastAdminError, disable_account
from api.services.accounts.invite_account import Invitation, invite_account
from api.services.accounts.mailed_links import DeadLinkError, LinkDesk
from api.services.accounts.reset_password import request_password_reset, reset_password
from api.services.jobs.clear_away_nightly import clear_away_nightly
from models.session import read_session, write_session
from models.tables import OneTimeLink, Promoter, UserAccount, UserSession
from models.values.access import Reach, Role
from models.values.errors import CommunityError
from models.values.language import Language
from tests.support.databases import RECORDED_AT
from tests.support.keyrings import KEYRING

DESK = LinkDesk(KEYRING, "https://reparto.example/", Language.SPANISH)
N_AT_ONCE = 8


def do(
    engine: Engine, use_case: Callable[..., Any], reach: Reach | None = None, **more: Any
) -> Any:
    """Do something in a transaction of its own, or name why it was refused."""
    try:
        with write_session(engine, reach) as session:
            return use_case(session, **more)
    except CommunityError as error:
        return type(error)


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


def invite(engine: Engine, promoter: Promoter, role: Role = Role.PROMOTER_STAFF) -> str:
    """Invite somebody, within the promoter's reach, and give the secret."""
    invited = do(
        engine,
        invite_account,
        Reach(promoter.id),
        promoter_id=promoter.id,
        gives=GIVES[Role.PROMOTER_ADMIN],
        invitation=Invitation("ana@vila.example", "Ana", role),
        desk=DESK,
        now=RECORDED_AT,
    )
    return str(invited.sent.address.partition("#")[2])


def accept(engine: Engine, secret: str) -> Callable[[], Any]:
    return partial(do, engine, accept_invitation, secret=secret, new_hash="kept", now=RECORDED_AT)


def count(engine: Engine, kind: Any) -> int:
    with read_session(engine) as session:
        return len(session.exec(select(kind)).all())


def test_a_link_lets_one_in(engine: Engine, promoter: Promoter) -> None:
    secret = invite(engine, promoter)
    answers = all_at_once([accept(engine, secret)] * N_AT_ONCE)
    assert answers.count(DeadLinkError) == N_AT_ONCE - 1
    assert count(engine, UserSession) == 1


def test_an_address_opens_one_account(
    engine: Engine, promoter: Promoter, other_promoter: Promoter
) -> None:
    secrets = [invite(engine, owner) for owner in (promoter, other_promoter)]
    answers = all_at_once([accept(engine, secret) for secret in secrets])
    assert answers.count(AddressHeldError) == 1
    with read_session(engine) as session:
        waiting = [row.awaits_acceptance for row in session.exec(select(UserAccount))]
        unused = [row.used_at is None for row in session.exec(select(OneTimeLink))]
    assert sorted(waiting) == sorted(unused) == [False, True]


def test_a_password_is_reset_once(engine: Engine, promoter: Promoter) -> None:
    accept(engine, invite(engine, promoter))()
    sent = do(engine, request_password_reset, email="ana@vila.example", desk=DESK, now=RECORDED_AT)
    secret = sent.address.partition("#")[2]
    calls = [
        partial(do, engine, reset_password, secret=secret, new_hash=str(n), now=RECORDED_AT)
        for n in range(N_AT_ONCE)
    ]
    answers = all_at_once(calls)
    assert answers.count(DeadLinkError) == N_AT_ONCE - 1
    with read_session(engine) as session:
        account = session.exec(select(UserAccount)).one()
        assert account.password_hash == str(answers.index(None))
        assert session.exec(select(UserSession)).one().ended_at == RECORDED_AT


def test_two_admins_do_not_shut_each_other_out(engine: Engine, promoter: Promoter) -> None:
    admins = [
        UserAccount(
            promoter_id=promoter.id,
            email=f"{name}@vila.example",
            name=name,
            role=Role.PROMOTER_ADMIN,
            created_at=RECORDED_AT,
        )
        for name in ("ana", "eva")
    ]
    with write_session(engine) as session:
        session.add_all(admins)
    shut = partial(
        do,
        engine,
        disable_account,
        Reach(promoter.id),
        promoter_id=promoter.id,
        gives=GIVES[Role.PROMOTER_ADMIN],
        now=RECORDED_AT,
    )
    answers = all_at_once([partial(shut, account_id=admin.id) for admin in admins])
    assert answers.count(LastAdminError) == 1


def test_links_are_forgotten_a_month_after_they_ended(
    engine: Engine, promoter: Promoter, tmp_path: Path
) -> None:
    invite(engine, promoter)
    left = []
    for days in (36, 38):
        clear_away_nightly(
            engine=engine,
            data_dir=tmp_path,
            job_retention=timedelta(days=400),
            now=RECORDED_AT + timedelta(days=days),
        )
        left.append(count(engine, OneTimeLink))
    assert left == [1, 0]
