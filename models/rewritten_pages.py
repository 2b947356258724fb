"""Pages of a database written anew, so that none keeps what was deleted from it."""

from collections.abc import Iterable
from contextlib import closing

from pysqlite3 import dbapi2
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from models.session import DatabaseBusyError, is_held


def rewrite_tables(engine: Engine, tables: Iterable[str]) -> None:
    """Write the pages of tables anew, so that none keeps what was on them; without any, nothing.

    A SQLite file is written whole, and its log emptied. PostgreSQL forgets too what it knew of the
    values for its plans.

    Raises
    ------
    DatabaseBusyError
        If somebody else reads or writes for too long.
    """
    names = list(dict.fromkeys(tables))
    if not names:
        return
    try:
        if engine.dialect.name == "sqlite":
            _rewrite_file(engine)
        else:
            _rewrite_tables(engine, names)
    except (DBAPIError, dbapi2.OperationalError) as error:
        if is_held(getattr(error, "orig", error)):
            raise DatabaseBusyError from error
        raise


def _rewrite_file(engine: Engine) -> None:
    # Outside of any transaction, which our engine begins with every statement.
    with closing(engine.raw_connection()) as file:
        cursor = file.cursor()
        cursor.execute("PRAGMA query_only = OFF")
        cursor.execute("VACUUM")
        is_busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise DatabaseBusyError


def _rewrite_tables(engine: Engine, names: Iterable[str]) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        for name in names:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {name}")
