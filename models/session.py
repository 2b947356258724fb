"""The embedded database: how its engine is made, and how a use case reads or writes it.

One use case is one transaction, begun and ended here; nothing below the edge commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from models.values.errors import InvalidArgumentError

SqliteVersion = tuple[int, int, int]

_READ_ONLY = "reparto_read_only"
_PRAGMAS = (
    "busy_timeout = 30000",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes sealed rows without asking
)


class UnsupportedDatabaseError(InvalidArgumentError):
    """The database address names nothing that reparto can open."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"database address {url} is not that of a SQLite file: write sqlite:///reparto.db"
        )
        self.url = url


def create_database_engine(url: str) -> Engine:
    """Make the engine of one database, such as ``sqlite:///reparto.db``."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        # What cannot be parsed may hold a password anywhere.
        raise UnsupportedDatabaseError("(unreadable)") from error
    if address.drivername != "sqlite" or address.database in (None, "", ":memory:"):
        raise UnsupportedDatabaseError(address.render_as_string(hide_password=True))
    engine = create_engine(address, module=dbapi2, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """Read one snapshot of the database; writing in it fails."""
    with Session(engine.execution_options(**{_READ_ONLY: True}), expire_on_commit=False) as session:
        yield session


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """Hold the only writing transaction: committed at the end, rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def has_safe_wal(version: SqliteVersion) -> bool:
    """Tell whether a library's write-ahead log is free of the WAL-reset bug.

    The bug loses commits when a writer races a checkpoint; 3.44.6, 3.50.7 and 3.51.3 mend it.
    """
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


def journal_mode(version: SqliteVersion) -> str:
    """Choose the journal that keeps every commit on this version of the library."""
    return "WAL" if has_safe_wal(version) else "DELETE"


def _prepare_connection(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by itself, and too late: see _begin.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA journal_mode = {journal_mode(dbapi2.sqlite_version_info)}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns into a writer fails on what it has read."""
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
