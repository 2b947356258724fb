from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from models import session as session_module
from models.session import (
    UnsupportedDatabaseError,
    create_database_engine,
    has_safe_wal,
    journal_mode,
    read_session,
    write_session,
)


@pytest.fixture
def counter(tmp_path: Path):
    engine = create_database_engine(f"sqlite:///{tmp_path / 'counter.db'}")
    with write_session(engine) as session:
        session.connection().execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
        session.connection().execute(text("INSERT INTO counter VALUES (0)"))
    yield engine
    engine.dispose()


def _value(session) -> int:
    return session.connection().scalar(text("SELECT value FROM counter"))


def _set(session, value: int) -> None:
    session.connection().execute(text("UPDATE counter SET value = :value"), {"value": value})


@pytest.mark.parametrize(
    "url",
    [
        "nonsense of user:secret@host",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///x.db",
        "postgresql://user:secret@host/reparto",
    ],
)
def test_only_a_sqlite_file_is_opened(url):
    with pytest.raises(UnsupportedDatabaseError, match=r"write sqlite:///reparto\.db") as caught:
        create_database_engine(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("recursive_triggers", 1),
        ("busy_timeout", 30000),
        ("journal_mode", "wal"),
    ],
)
def test_connections_are_prepared(counter: Engine, pragma, expected):
    with read_session(counter) as session:
        assert session.connection().scalar(text(f"PRAGMA {pragma}")) == expected


def test_the_driver_begins_nothing_by_itself(counter: Engine):
    with read_session(counter) as session:
        assert session.connection().connection.driver_connection.isolation_level is None


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_write_ahead_log_only_where_commits_survive(version, is_safe):
    assert has_safe_wal(version) is is_safe
    assert journal_mode(version) == ("WAL" if is_safe else "DELETE")


def test_a_vulnerable_library_leaves_the_write_ahead_log(counter: Engine, monkeypatch):
    counter.dispose()
    monkeypatch.setattr(session_module.dbapi2, "sqlite_version_info", (3, 40, 1))
    with read_session(counter) as session:
        assert session.connection().scalar(text("PRAGMA journal_mode")) == "delete"


def test_a_new_table_rolls_back_with_its_transaction(counter: Engine):
    def change_and_fail() -> None:
        with write_session(counter) as session:
            session.connection().execute(text("CREATE TABLE passing (x INTEGER)"))
            _set(session, 5 // _value(session))

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert inspect(counter).get_table_names() == ["counter"]
    with read_session(counter) as session:
        assert _value(session) == 0


def test_two_reads_in_one_transaction_see_one_snapshot(counter: Engine):
    with read_session(counter) as reader:
        assert _value(reader) == 0
        with write_session(counter) as writer:
            _set(writer, 1)
        assert _value(reader) == 0
    with read_session(counter) as reader:
        assert _value(reader) == 1


def test_a_read_session_cannot_write_and_the_next_writer_can(counter: Engine):
    with pytest.raises(OperationalError, match="readonly"), read_session(counter) as session:
        _set(session, 9)
    with write_session(counter) as session:
        _set(session, 2)
    with read_session(counter) as session:
        assert _value(session) == 2


def test_concurrent_writers_lose_nothing(counter: Engine):
    def count_up() -> None:
        for _ in range(25):
            with write_session(counter) as session:
                _set(session, _value(session) + 1)

    threads = [Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_session(counter) as session:
        assert _value(session) == 100
