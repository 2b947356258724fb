from sqlalchemy import Engine, make_url, text

from models.session import read_session, write_session
from tests.support.databases import on_postgres, opened

pytestmark = on_postgres

SETTINGS = {
    "application_name": "reparto",
    "TimeZone": "UTC",
    "lock_timeout": "30s",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
}


def _settings(session) -> dict[str, str]:
    return {name: session.connection().scalar(text(f"SHOW {name}")) for name in SETTINGS}


def test_connections_are_prepared(empty_engine: Engine):
    with write_session(empty_engine) as session:
        assert _settings(session) == SETTINGS
        assert session.connection().scalar(text("SHOW transaction_isolation")) == "read committed"
        assert session.connection().scalar(text("SHOW transaction_read_only")) == "off"


def test_readers_hold_a_snapshot(empty_engine: Engine):
    with read_session(empty_engine) as session:
        assert session.connection().scalar(text("SHOW transaction_isolation")) == "repeatable read"
        assert session.connection().scalar(text("SHOW transaction_read_only")) == "on"


def test_what_the_address_sets_counts(empty_url: str):
    address = make_url(empty_url).update_query_dict(
        {"application_name": "nightly", "options": "-c lock_timeout=5s"}
    )
    with (
        opened(address.render_as_string(hide_password=False)) as engine,
        read_session(engine) as session,
    ):
        assert _settings(session) == SETTINGS | {
            "application_name": "nightly",
            "lock_timeout": "5s",
        }


def test_a_short_address_takes_the_same_driver(empty_url: str):
    with opened(empty_url.replace("+psycopg", "")) as engine, read_session(engine) as session:
        assert engine.dialect.driver == "psycopg"
        assert session.connection().scalar(text("SELECT 1")) == 1


def test_a_connection_that_the_server_closed_is_replaced(empty_url: str, empty_engine: Engine):
    def process() -> int:
        with read_session(empty_engine) as session:
            return session.connection().scalar(text("SELECT pg_backend_pid()"))

    closed = process()
    assert process() == closed
    with opened(empty_url) as other, write_session(other) as session:
        ends = text("SELECT pg_terminate_backend(:process, 5000)")
        assert session.connection().scalar(ends, {"process": closed})
    assert process() != closed
