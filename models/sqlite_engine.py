"""The embedded database: a SQLite file that keeps every commit."""

from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event

SqliteVersion = tuple[int, int, int]

READ_ONLY = "reparto_read_only"
"""Execution option of an engine whose transactions only read."""

_PATIENCE_SECONDS = 30.0
_PRAGMAS = (
    "page_size = 16384",  # of a new file: holds months of readings with the least waste
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes sealed rows without asking
)


def create_sqlite_engine(address: URL) -> Engine:
    """Make the engine of a SQLite file; the ``timeout`` of its address counts before our own."""
    own = {} if "timeout" in address.query else {"timeout": _PATIENCE_SECONDS}
    engine = create_engine(address, module=dbapi2, connect_args=own, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


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


def reads_beside_writers() -> bool:
    """Tell whether who reads waits for nobody who writes."""
    return journal_mode(dbapi2.sqlite_version_info) == "WAL"


def _prepare_connection(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by itself, and too late: see _begin.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA journal_mode = {journal_mode(dbapi2.sqlite_version_info)}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns into a writer fails on what it has read."""
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    # What cannot fail goes by the driver: it is asked before every reading.
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    if read_only:
        driver.execute("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
