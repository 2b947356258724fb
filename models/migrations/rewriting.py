"""What a migration needs that hides what was stored in clear: the keys, and pages written anew."""

from collections.abc import Iterable
from contextlib import closing

from alembic import op
from sqlalchemy import Engine

from models.keyring import Keyring
from models.values.errors import UnavailableError

KEYRING = "keyring"
"""Where alembic's configuration keeps the keys."""

REWRITTEN = "rewritten tables"
"""Where it keeps which tables hold on their pages what is not to be found any more."""


class NoKeysError(UnavailableError):
    """Rows are to be sealed, and no keys were given."""

    def __init__(self) -> None:
        super().__init__("the database holds bank accounts to be sealed; run: reparto db upgrade")


def require_keyring() -> Keyring:
    """Give the keys to the migration that runs, which has found something to seal or open."""
    config = op.get_context().config
    keyring: Keyring | None = config.attributes.get(KEYRING) if config else None
    if keyring is None:
        raise NoKeysError
    return keyring


def note_rewritten(tables: Iterable[str]) -> None:
    """Have the pages of tables written anew when all migrations are committed."""
    config = op.get_context().config
    if config is not None:
        config.attributes[REWRITTEN] = (*config.attributes.get(REWRITTEN, ()), *tables)


def rewrite_tables(engine: Engine, tables: Iterable[str]) -> None:
    """Write the pages of tables anew, so that none keeps what was on them; without any, nothing."""
    names = list(dict.fromkeys(tables))
    if not names:
        return
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as file:
            # Outside of any transaction, which our engine begins with every statement.
            file.cursor().execute("VACUUM")
            file.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        for name in names:
            connection.exec_driver_sql(f"VACUUM FULL {name}")
