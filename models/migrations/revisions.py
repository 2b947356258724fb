"""Bring a database to the newest revision, and tell which one it is at."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from models.session import create_database_engine


def upgrade_database(url: str) -> str:
    """Apply every migration that is missing, all or none, and return the revision reached."""
    engine = create_database_engine(url)
    try:
        with engine.begin() as connection:
            command.upgrade(migration_config(connection), "head")
        return newest_revision()
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """Read the revision that a database is at; None before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Name the revision that this code expects."""
    (head,) = ScriptDirectory.from_config(migration_config()).get_heads()
    return head


def is_current(engine: Engine) -> bool:
    """Tell whether a database is at the revision that this code expects."""
    return current_revision(engine) == newest_revision()


def migration_config(connection: Connection | None = None) -> Config:
    """Point alembic at the migrations of this package and at one connection."""
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    config.attributes["connection"] = connection
    return config
