"""Where a whole database may be copied to: a database that holds nothing, looked at untouched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, inspect, literal, select
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from loaders.atomic_files import make_folder
from loaders.number_text import excerpt_of
from models.migrations.revisions import current_revision, newest_revision, upgrade_database
from models.row_security import act_for
from models.session import create_database_engine, is_postgres
from models.values.errors import ConflictError
from scripts.database.refusals import telling_refusals


class NotEmptyError(ConflictError):
    """A copy is only made into a database that holds nothing."""

    def __init__(self, table: str) -> None:
        super().__init__(f"the target already holds rows of {table}: name an empty database")
        self.table = table


class ForeignTargetError(ConflictError):
    """A target has tables, of another program or of another version."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"the target already has the table {excerpt_of(table)} and is no empty database of this"
            " version: name a database without tables"
        )
        self.table = table


@contextmanager
def opened_target(url: str) -> Iterator[Engine]:
    """Open a database that holds nothing, at the newest revision; leave any other as it is."""
    engine = create_database_engine(url)
    try:
        with telling_refusals("look into the target"):
            _check_target(engine)
        upgrade_database(url)
        yield engine
    finally:
        engine.dispose()


def refuse_rows(connection: Connection) -> None:
    """Refuse a database of ours in which anything is stored."""
    for table in SQLModel.metadata.sorted_tables:
        if connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None:
            raise NotEmptyError(table.name)


def _check_target(engine: Engine) -> None:
    """Accept a database without tables, or an empty one of this version."""
    if is_postgres(engine):
        _refuse_contents(engine)
        return
    file = Path(str(engine.url.database))
    if not file.exists():
        make_folder(file.parent)
        return
    # Our own engine would change the journal of whatever it opens.
    reader = create_engine(_reading_address(engine.url, file), module=dbapi2, hide_parameters=True)
    try:
        _refuse_contents(reader)
    finally:
        reader.dispose()


def _reading_address(address: URL, file: Path) -> URL:
    """Name a file for reading alone; without a journal even its folder stays as it is."""
    options = {"uri": "true", "mode": "ro"}
    if not any(file.with_name(f"{file.name}{suffix}").exists() for suffix in ("-wal", "-journal")):
        options["immutable"] = "1"
    return address.set(database=file.absolute().as_uri()).update_query_dict(options)


def _refuse_contents(engine: Engine) -> None:
    revision = current_revision(engine)
    with engine.connect() as connection:
        names = _table_names(connection)
        if not names:
            return
        if revision != newest_revision() or not names.issuperset(SQLModel.metadata.tables):
            raise ForeignTargetError(min(names))
        act_for(connection, None)
        refuse_rows(connection)


def _table_names(connection: Connection) -> set[str]:
    """Name the tables of every schema but the database's own."""
    inspector = inspect(connection)
    schemas = [each for each in inspector.get_schema_names() if each != "information_schema"]
    return {name for schema in schemas for name in inspector.get_table_names(schema)}
