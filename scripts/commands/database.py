"""``reparto db``: the embedded database."""

import sys

import typer
from sqlalchemy import Engine

from api.settings import Settings, read_settings
from models.migrations.revisions import (
    UnknownRevisionError,
    current_revision,
    is_known,
    newest_revision,
    upgrade_database,
)
from models.session import create_database_engine
from models.values.errors import ConflictError

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


class OutdatedDatabaseError(ConflictError):
    """The database is not at the revision that this version works with."""

    def __init__(self, revision: str | None) -> None:
        state = "empty" if revision is None else f"at revision {revision}"
        super().__init__(f"the database is {state}; run: reparto db upgrade")
        self.revision = revision


@app.callback()
def gather() -> None:
    """Look after the database."""


@app.command("upgrade")
def upgrade() -> None:
    """Create the database, or bring it to the newest revision."""
    url = read_settings().database_url
    revision = upgrade_database(url)
    sys.stdout.write(f"database is at revision {revision}\n")


def open_database(settings: Settings) -> Engine:
    """Open the database that the settings name, if it is ready to work with."""
    engine = create_database_engine(settings.database_url)
    revision = current_revision(engine)
    if revision is not None and not is_known(revision):
        raise UnknownRevisionError(engine.url.database)
    if revision != newest_revision():
        raise OutdatedDatabaseError(revision)
    return engine
