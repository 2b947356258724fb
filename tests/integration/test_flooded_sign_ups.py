"""Sign-ups by the hundred: who floods a page or a mailbox stands in nobody else's way."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from api.services.outbox.mailed_secrets import draw_secret
from api.services.sign_ups.confirm_sign_up import confirm_sign_up
from api.services.sign_ups.sealed_details import index_meter, index_network
from api.services.sign_ups.sign_up import sign_up
from models.session import read_session, write_session
from models.tables import OutboxMessage, Promoter, SignUp, SignUpState
from tests.support.databases import on_sqlite
from tests.support.keyrings import KEYRING
from tests.support.sign_ups import DESK, make_wish, publish_for_all

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
OWN, STRANGERS, OTHERS = "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/48"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def community(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        publish_for_all(session, promoter, NOW)


def ask(engine: Engine, number: int, network: str, *, after: timedelta = timedelta(0), **typed):
    """Sign up with the meter of a number, some time after the first."""
    with write_session(engine) as session:
        wish = make_wish(number, **typed)
        sign_up(session, wish=wish, network=network, desk=DESK, now=NOW + after)


def list_networks(engine: Engine) -> list[str]:
    """List from where those come that wait to be confirmed, in their order."""
    names = {index_network(KEYRING, name): name for name in (OWN, STRANGERS, OTHERS)}
    with read_session(engine) as session:
        rows = session.exec(select(SignUp).order_by(SignUp.created_at))
        return [names[row.network_index] for row in rows]


def list_hours(engine: Engine) -> list[float]:
    """List when e-mails go, in hours from the first."""
    with read_session(engine) as session:
        dues = session.exec(select(OutboxMessage.due_at).order_by(OutboxMessage.due_at))
        return [(due - NOW) / HOUR for due in dues]


def test_a_flood_makes_room_for_others(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.services.sign_ups.sign_up._MOST_UNCONFIRMED", 4)
    come = partial(ask, engine)
    come(1, OWN)
    for number in range(2, 7):
        come(number, STRANGERS, after=number * HOUR)
    come(7, OTHERS, after=7 * HOUR)
    assert list_networks(engine) == [OWN, STRANGERS, STRANGERS, OTHERS]
    with read_session(engine) as session:
        written_to = set(session.exec(select(OutboxMessage.recipient)))
    assert written_to == {f"ana{number}@example.org" for number in (1, 5, 6, 7)}


def test_strangers_do_not_silence_a_mailbox(engine: Engine):
    for number in range(9):
        ask(engine, number, STRANGERS, email="ana@example.org")
    ask(engine, 10, OWN, email="ANA@example.org")
    assert list_hours(engine) == [0, 0, 0, 0, 1]
    assert list_networks(engine) == [STRANGERS] * 4 + [OWN]


@on_sqlite
def test_of_those_that_wait_the_newest_stays(engine: Engine):
    for number in range(5):
        ask(engine, number, OWN, email="ana@example.org", name=f"Ana {number}")
    with read_session(engine) as session:
        last = session.exec(select(SignUp).order_by(SignUp.expires_at.desc())).first()
    assert last.meter_index == index_meter(KEYRING, make_wish(4).cups)
    assert last.expires_at == NOW + HOUR + timedelta(days=7)


@on_sqlite
def test_further_mails_go_hours_apart(engine: Engine):
    for number, hour in enumerate((0, 0, 0, 0, 2, 5, 10, 15)):
        ask(engine, number, OWN, after=hour * HOUR, email="ana@example.org")
    assert list_hours(engine) == [0, 0, 0, 1, 3, 7, 11, 15]


@on_sqlite
def test_many_networks_fill_no_mailbox(engine: Engine):
    for number in range(14):
        ask(engine, number, f"203.0.{number}.0/24", email="ana@example.org")
    assert list_hours(engine) == [0] * 12 + [1, 3]


def test_of_who_confirmed_no_network_is_kept(engine: Engine):
    ask(engine, 1, OWN)
    with write_session(engine) as session:
        mail = session.exec(select(OutboxMessage)).one()
        secret = draw_secret(
            KEYRING, promoter_id=mail.promoter_id, idempotency_key=mail.idempotency_key
        )
        confirm_sign_up(session, secret=secret, desk=DESK, now=NOW)
    with read_session(engine) as session:
        row = session.exec(select(SignUp)).one()
    assert (row.state is SignUpState.UNCONFIRMED, row.network_index) == (False, None)
