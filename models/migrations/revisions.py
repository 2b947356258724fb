"""Bring a database to the newest revision, and tell which one it is at."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, String, column, inspect, select, table
from sqlalchemy.exc import DatabaseError

from models.session import create_database_engine
from models.values.errors import ConflictError, InvalidArgumentError

_VERSION = table("alembic_version", column("version_num", String))


class UnusableDatabaseError(InvalidArgumentError):
    """A file cannot be opened, or is no database that reparto made."""

    def __init__(self, database: str | None, reason: str) -> None:
        super().__init__(f"cannot use the database {database}: {reason}")
        self.database = database
        self.reason = reason


class UnknownRevisionError(ConflictError):
    """A database stands at a revision that this version does not know."""

    def __init__(self, database: str | None) -> None:
        super().__init__(f"the database {database} was made by another version of reparto; use it")
        self.database = database


def upgrade_database(url: str) -> str:
    """Apply every migration that is missing, all or none, and return the revision reached."""
    engine = create_database_engine(url)
    try:
        with _explaining(engine), engine.begin() as connection:
            command.upgrade(migration_config(connection), "head")
        return newest_revision()
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """Read the revision that a database is at; None before the first migration."""
    with _explaining(engine), engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        return connection.scalar(select(_VERSION.c.version_num))


@cache
def newest_revision() -> str:
    """Name the revision that this code expects."""
    (head,) = ScriptDirectory.from_config(migration_config()).get_heads()
    return head


def is_known(revision: str) -> bool:
    """Tell whether this code has the migration that leads to a revision."""
    scripts = ScriptDirectory.from_config(migration_config()).walk_revisions()
    return revision in {script.revision for script in scripts}


def is_current(engine: Engine) -> bool:
    """Tell whether a database is at the revision that this code expects."""
    return current_revision(engine) == newest_revision()


def migration_config(connection: Connection | None = None) -> Config:
    """Point alembic at the migrations of this package and at one connection."""
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _explaining(engine: Engine) -> Iterator[None]:
    """Say in a sentence what is wrong with a database."""
    try:
        yield
    except DatabaseError as error:
        raise UnusableDatabaseError(engine.url.database, str(error.orig)) from error
    except CommandError as error:
        raise UnknownRevisionError(engine.url.database) from error
