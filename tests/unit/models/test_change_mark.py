"""A database's mark changes with every commit of anybody's, and with nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import text

from models.change_mark import ChangeMark
from models.session import read_session, write_session
from models.tables import Promoter
from tests.support.databases import RECORDED_AT, on_postgres, on_sqlite

WRITE = """import sys; from pysqlite3 import dbapi2
with dbapi2.connect(sys.argv[1]) as connection:
    connection.execute("PRAGMA user_version = 7")"""


@pytest.fixture
def mark(engine):
    mark = ChangeMark(engine)
    yield mark
    mark.close()


def add_promoter(session):
    session.add(Promoter(name="Vila", created_at=RECORDED_AT))


@on_sqlite
def test_a_commit_changes_it_and_reading_does_not(engine, mark):
    first = mark.read()
    with read_session(engine) as session:
        session.exec(text("SELECT count(*) FROM promoter")).one()
    assert mark.read() == first
    with write_session(engine) as session:
        add_promoter(session)
        session.flush()
        assert mark.read() == first
    assert mark.read() != first


@on_sqlite
def test_what_is_rolled_back_does_not_change_it(engine, mark):
    first = mark.read()
    with write_session(engine) as session:
        add_promoter(session)
        session.flush()
        session.rollback()
    assert mark.read() == first


@on_sqlite
def test_another_process_changes_it(database_url, mark):
    first = mark.read()
    file = database_url.removeprefix("sqlite:///")
    subprocess.run([sys.executable, "-c", WRITE, file], check=True)
    assert mark.read() != first


@on_sqlite
def test_it_holds_no_reader_back_nor_a_clean_up(engine, mark):
    mark.read()
    with write_session(engine) as session:
        add_promoter(session)
    mark.read()
    cleaner = engine.raw_connection()
    # Not blocked, and the whole log is in the file: nobody still reads an older state.
    [(blocked, *_)] = cleaner.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cleaner.close()
    assert blocked == 0


@on_sqlite
def test_it_counts_for_no_connection_in_use_and_writes_nothing(engine, mark):
    mark.read()
    assert engine.pool.checkedout() == 0
    with pytest.raises(dbapi2.OperationalError, match="readonly"):
        mark._connection.execute("DELETE FROM promoter")


@on_sqlite
def test_a_file_that_cannot_be_read_tells_nothing(engine, mark, database_url):
    mark.read()
    Path(database_url.removeprefix("sqlite:///")).write_bytes(b"no database" * 10_000)
    assert mark.read() is None


@on_sqlite
def test_once_closed_it_opens_anew(mark):
    assert mark.read() is not None
    mark.close()
    assert mark.read() is not None


@on_postgres
def test_behind_a_network_it_is_not_known(mark):
    assert mark.read() is None
