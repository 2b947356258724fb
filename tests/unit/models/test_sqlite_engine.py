from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models import sqlite_engine
from models.session import read_session
from models.sqlite_engine import has_safe_wal, journal_mode
from tests.support.databases import opened


@pytest.fixture
def engine(tmp_path: Path):
    with opened(f"sqlite:///{tmp_path / 'own.db'}") as engine:
        yield engine


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
def test_connections_are_prepared(engine: Engine, pragma, expected):
    with read_session(engine) as session:
        assert session.connection().scalar(text(f"PRAGMA {pragma}")) == expected


def test_the_driver_begins_nothing_by_itself(engine: Engine):
    with read_session(engine) as session:
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


def test_a_vulnerable_library_leaves_the_write_ahead_log(engine: Engine, monkeypatch):
    with read_session(engine) as session:
        assert session.connection().scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()
    monkeypatch.setattr(sqlite_engine.dbapi2, "sqlite_version_info", (3, 40, 1))
    with read_session(engine) as session:
        assert session.connection().scalar(text("PRAGMA journal_mode")) == "delete"
