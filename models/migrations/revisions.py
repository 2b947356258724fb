"""Bring a database to the newest revision, and tell which one it is at."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, String, column, event, func, inspect, select, table
from sqlalchemy.exc import DatabaseError

from models.job_delivery import install_delivery
from models.keyring import Keyring
from models.migrations.rewriting import KEYRING, REWRITTEN
from models.migrations.statistics import state_statistics
from models.rewritten_pages import rewrite_tables
from models.row_security import act_for
from models.session import DatabaseBusyError, create_database_engine, is_held
from models.sqlite_engine import READ_ONLY
from models.values.errors import ConflictError, InvalidArgumentError

_VERSION = table("alembic_version", column("version_num", String))
_UPGRADE_LOCK = 0x7265_7061_7274_6F  # "reparto": no other program takes this number by chance


class UnusableDatabaseError(InvalidArgumentError):
    """A database cannot be opened, or is none that reparto made."""

    def __init__(self, database: str | None, reason: str) -> None:
        super().__init__(f"cannot use the database {database}: {reason}")
        self.database = database
        self.reason = reason


class UnknownRevisionError(ConflictError):
    """A database stands at a revision that this version does not know."""

    def __init__(self, database: str | None) -> None:
        super().__init__(f"the database {database} was made by another version of reparto; use it")
        self.database = database


def upgrade_database(url: str, keyring: Keyring | None = None) -> str:
    """Apply every migration that is missing, all or none, and return the revision reached.

    Where something is stored in clear that is to be sealed, it takes the keys.
    """
    engine = create_database_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _trust_references)
    try:
        with _explaining(engine), engine.begin() as connection:
            _wait_for_turn(connection)
            act_for(connection, None)
            config = migration_config(connection, keyring)
            command.upgrade(config, "head")
            install_delivery(connection)
            state_statistics(connection)
            _check_references(connection)
        with _explaining(engine):
            rewrite_tables(engine, config.attributes.get(REWRITTEN, ()))
        return newest_revision()
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """Read the revision that a database is at; None before the first migration."""
    reading = engine.execution_options(**{READ_ONLY: True})
    with _explaining(engine), reading.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        return connection.scalar(select(_VERSION.c.version_num))


def newest_revision() -> str:
    """Name the revision that this code expects."""
    (head,) = _load_scripts().get_heads()
    return head


def is_known(revision: str) -> bool:
    """Tell whether this code has the migration that leads to a revision."""
    return revision in {script.revision for script in _load_scripts().walk_revisions()}


@cache
def _load_scripts() -> ScriptDirectory:
    """Load the migrations, once: each is a module."""
    return ScriptDirectory.from_config(migration_config())


def is_current(engine: Engine) -> bool:
    """Tell whether a database is at the revision that this code expects."""
    return current_revision(engine) == newest_revision()


def migration_config(
    connection: Connection | None = None, keyring: Keyring | None = None
) -> Config:
    """Point alembic at the migrations of this package, at one connection and the keys."""
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    config.attributes["connection"] = connection
    config.attributes[KEYRING] = keyring
    return config


def _trust_references(connection: Any, _record: object) -> None:
    """Let SQLite lay a table down again while others refer to it; it asks before a transaction."""
    connection.execute("PRAGMA foreign_keys = OFF")


def _check_references(connection: Connection) -> None:
    """Find what a migration of SQLite may have torn apart."""
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise UnusableDatabaseError(
            connection.engine.url.database, "its rows refer to others that are not there"
        )


def _wait_for_turn(connection: Connection) -> None:
    """Let one upgrade follow the other, as they do on SQLite, and each last as long as it must."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))


@contextmanager
def _explaining(engine: Engine) -> Iterator[None]:
    """Say in a sentence what is wrong with a database."""
    try:
        yield
    except DatabaseError as error:
        if is_held(error.orig):
            raise DatabaseBusyError from error
        reason = " ".join(str(error.orig).split())
        raise UnusableDatabaseError(engine.url.database, reason) from error
    except CommandError as error:
        raise UnknownRevisionError(engine.url.database) from error
