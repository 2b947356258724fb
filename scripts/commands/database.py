"""``reparto db``: the database, its copies and backups."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from api.secret_keys import load_keyring
from api.settings import Settings, read_settings
from loaders.atomic_files import make_folder
from loaders.faults import MissingInputError
from loaders.input_paths import require_file
from loaders.number_text import show_name
from models.migrations.revisions import (
    UnknownRevisionError,
    current_revision,
    is_known,
    newest_revision,
    upgrade_database,
)
from models.row_security import bypasses_policies
from models.session import create_database_engine, is_postgres
from models.values.errors import ConflictError, NotFoundError
from scripts.audited_commands import watch_command
from scripts.console import show_progress
from scripts.database.backup import make_backup, restore_backup
from scripts.database.copy import copy_database
from scripts.database.invariants import check_database
from scripts.database.target import opened_target
from scripts.texts import say

app = typer.Typer(add_completion=False, help="Look after the database.", no_args_is_help=True)


class MissingDatabaseError(NotFoundError):
    """The address names a SQLite file that is not there."""

    def __init__(self, file: str) -> None:
        super().__init__(
            f"there is no database {show_name(file)}; check REPARTO_DATABASE_URL, or create it:"
            " reparto db upgrade"
        )
        self.file = file


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
    settings = read_settings()
    revision = upgrade_database(settings.database_url, load_keyring(settings))
    sys.stdout.write(f"{say('database.upgraded', revision=revision)}\n")


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="SQLite file to write; its SHA-256 goes beside it.")],
) -> None:
    """Write a checked backup, while others work."""
    make_folder(file.absolute().parent)
    with (
        ready_database(read_settings()) as engine,
        show_progress(say("database.backing_up")) as tell,
    ):
        digest = make_backup(engine, file.absolute(), tell)
    sys.stdout.write(f"{say('database.backup', file=file, digest=digest)}\n")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="Backup to restore; its SHA-256 stands beside it.")],
) -> None:
    """Check a backup and put it into the database of the settings, which must be empty or new."""
    settings = read_settings()
    with show_progress(say("database.restoring")) as tell:
        digest = restore_backup(
            file.absolute(), settings.database_url, tell, load_keyring(settings)
        )
    sys.stdout.write(f"{say('database.restored', file=file, digest=digest)}\n")


@app.command("check")
def check() -> None:
    """Look through the whole database for what must hold in it."""
    with ready_database(read_settings()) as engine:
        with show_progress(say("database.checking")) as tell:
            check_database(engine, tell)
        warn_of_bypass(engine)
    sys.stdout.write(f"{say('database.sound')}\n")


@app.command("copy-to")
def copy_to(
    url: Annotated[
        str, typer.Argument(help="Empty database, such as postgresql+psycopg://user@host/reparto.")
    ],
) -> None:
    """Copy the whole database into an empty one, and compare every row."""
    with ready_database(read_settings()) as engine, show_progress(say("database.copying")) as tell:
        tell(0.0, say("database.checking"))
        check_database(engine)
        with opened_target(url) as target:
            report = copy_database(engine, target, tell)
    for table, count in report.rows.items():
        if count:
            sys.stdout.write(f"{table:<32}{count:>12}\n")
    sys.stdout.write(f"{say('database.copied', count=sum(report.rows.values()))}\n")


@contextmanager
def ready_database(settings: Settings) -> Iterator[Engine]:
    """Open the database for one command, and close every connection at its end.

    What the command writes is told in the audit trail.
    """
    engine = open_database(settings)
    try:
        yield watch_command(engine)
    finally:
        engine.dispose()


def open_database(settings: Settings) -> Engine:
    """Open the database that the settings name, if it is ready to work with."""
    engine = create_database_engine(settings.database_url)
    _require_database(engine)
    revision = current_revision(engine)
    if revision is not None and not is_known(revision):
        raise UnknownRevisionError(engine.url.database)
    if revision != newest_revision():
        raise OutdatedDatabaseError(revision)
    return engine


def warn_of_bypass(engine: Engine) -> None:
    """Say on standard error if PostgreSQL holds no promoters apart for its role."""
    with engine.connect() as connection:
        if bypasses_policies(connection):
            sys.stderr.write(f"{say('database.unwalled', role=engine.url.username)}\n")


def _require_database(engine: Engine) -> None:
    """Refuse a file that is not there: to open it would make it."""
    address = engine.url
    if is_postgres(engine) or "uri" in address.query:
        return
    file = str(address.database)
    try:
        require_file(Path(file))
    except MissingInputError as error:
        raise MissingDatabaseError(file) from error
