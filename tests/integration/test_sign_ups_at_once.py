"""Sign-ups on either database: confirmed once among many who try, and forgotten by the clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from api.services.jobs.clear_away_nightly import clear_away_nightly
from api.services.outbox.mailed_secrets import draw_secret
from api.services.sign_ups.confirm_sign_up import UnknownLinkError, confirm_sign_up
from api.services.sign_ups.follow_sign_up import read_sign_up_status, withdraw_sign_up
from api.services.sign_ups.sign_up import sign_up
from models.session import read_session, write_session
from models.tables import Community, Member, OutboxMessage, Promoter, ReserveApplication, SignUp
from tests.support.databases import acting_for_all
from tests.support.keyrings import KEYRING
from tests.support.sign_ups import DESK, make_wish, publish_for_all
from tests.support.table_rows import ROWS

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
N_AT_ONCE = 6


@pytest.fixture
def community(engine: Engine, promoter: Promoter) -> Community:
    """Publish a community that lets everybody in."""
    with write_session(engine) as session:
        return publish_for_all(session, promoter, NOW)


def ask(engine: Engine, number: int = 1, at: datetime = NOW) -> str:
    """Sign up as the person of a number, and give the secret that confirms it."""
    wish = make_wish(number)
    with write_session(engine) as session:
        sign_up(session, wish=wish, network="192.0.2.0/24", desk=DESK, now=at)
    with read_session(engine) as session:
        mail = session.exec(
            select(OutboxMessage).where(OutboxMessage.recipient == wish.email)
        ).one()
    key = mail.idempotency_key
    return draw_secret(KEYRING, promoter_id=mail.promoter_id, idempotency_key=key)


def confirm(engine: Engine, secret: str) -> str | None:
    try:
        with write_session(engine) as session:
            return confirm_sign_up(session, secret=secret, desk=DESK, now=NOW)
    except UnknownLinkError:
        return None


def all_at_once(works: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(work) for work in works]]


def read(engine: Engine, kind: type) -> list[Any]:
    with read_session(engine) as session:
        return list(session.exec(select(kind)))


def test_one_of_many_confirms(engine: Engine, community: Community):
    secret = ask(engine)
    found = all_at_once([partial(confirm, engine, secret)] * N_AT_ONCE)
    assert [each is None for each in found].count(False) == 1
    assert len(read(engine, ReserveApplication)) == 1
    assert len(read(engine, Member)) == 3


def test_each_of_many_gets_a_place_of_its_own(engine: Engine, community: Community):
    secrets = [ask(engine, number) for number in range(N_AT_ONCE)]
    told = all_at_once([partial(confirm, engine, secret) for secret in secrets])
    positions = [each.position for each in read(engine, ReserveApplication)]
    assert sorted(positions) == list(range(2, 2 + N_AT_ONCE))
    with read_session(engine) as session:
        standing = [
            read_sign_up_status(session, secret=secret, keyring=KEYRING).place_in_list
            for secret in told
        ]
    assert sorted(standing) == list(range(1, 1 + N_AT_ONCE))


def test_what_nobody_confirmed_is_forgotten_with_its_mail(
    engine: Engine, community: Community, tmp_path: Path
):
    ask(engine, 1, at=NOW - timedelta(days=7))
    ask(engine, 2, at=NOW - timedelta(days=6))
    clear_away(engine, tmp_path, NOW + timedelta(hours=1))
    assert [row.created_at for row in read(engine, SignUp)] == [NOW - timedelta(days=6)]
    assert [row.recipient for row in read(engine, OutboxMessage)] == ["ana2@example.org"]


def test_what_was_withdrawn_is_forgotten_thirty_days_later(
    engine: Engine, community: Community, tmp_path: Path
):
    secret = confirm(engine, ask(engine))
    with write_session(engine) as session:
        withdraw_sign_up(session, secret=secret, keyring=KEYRING, now=NOW)
    clear_away(engine, tmp_path, NOW + timedelta(days=29))
    assert len(read(engine, SignUp)) == 1
    clear_away(engine, tmp_path, NOW + timedelta(days=31))
    assert read(engine, SignUp) == read(engine, OutboxMessage) == []
    assert len(read(engine, ReserveApplication)) == 1


def clear_away(engine: Engine, folder: Path, now: datetime) -> None:
    assert clear_away_nightly(
        engine=engine, data_dir=folder, job_retention=timedelta(days=400), now=now
    )


def test_other_mails_are_kept(engine: Engine, community: Community):
    ask(engine)
    with acting_for_all(engine) as connection:
        connection.execute(text("UPDATE outbox_message SET state = 'sent', sent_at = due_at"))
        connection.execute(text("DELETE FROM outbox_message"))
        add_mail(connection)
        with pytest.raises(IntegrityError, match="an e-mail is kept"):
            connection.execute(text("DELETE FROM outbox_message"))
        connection.rollback()


def add_mail(connection: Any) -> None:
    row = ROWS["outbox_message"]
    owner = connection.scalar(text("SELECT id FROM promoter LIMIT 1"))
    row = row | {"promoter_id": owner, "account_id": None}
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO outbox_message ({columns}) VALUES ({values})"), row)
