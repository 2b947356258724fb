"""Migrated databases for tests, on every engine: migrated once, copied for every test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from models.migrations.revisions import upgrade_database
from models.row_security import act_for
from models.session import create_database_engine, is_postgres, write_session
from models.tables import Promoter
from tests.support.stored_once import (
    Builder,
    StoredState,
    Tools,
    find_builders,
    recall_for,
    stored_once,
)

RECORDED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
"""Instant at which tests store things unless they say otherwise."""


class DatabaseKind(StrEnum):
    """The engines that reparto runs on."""

    SQLITE = "sqlite"
    POSTGRES = "postgresql"


on_sqlite = pytest.mark.parametrize("database_kind", [DatabaseKind.SQLITE], indirect=True)
"""Marks a test that is about SQLite files, or that no database can change."""

on_postgres = pytest.mark.parametrize("database_kind", [DatabaseKind.POSTGRES], indirect=True)
"""Marks a test of what only PostgreSQL does."""


class Server(Protocol):
    """Where databases come from."""

    def create(self) -> str:
        """Make an empty database and give its address."""

    def copy(self, url: str) -> str:
        """Make a database like another that nobody has open, and give its address."""

    def drop(self, url: str) -> None:
        """Remove a database, whoever has it open."""


@dataclass(frozen=True, slots=True)
class SqliteFolder:
    """Databases as files of one folder."""

    folder: Path

    def create(self) -> str:
        """Give the address of a file that the first who opens it makes."""
        return f"sqlite:///{self.folder / uuid4().hex}.db"

    def copy(self, url: str) -> str:
        """Copy the file."""
        new = self.create()
        shutil.copy(_file_of(url), _file_of(new))
        return new

    def drop(self, url: str) -> None:
        """Remove the file and its journals."""
        file = _file_of(url)
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink()


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Databases of one server, under names that no other worker has."""

    address: URL

    def create(self) -> str:
        """Make a database."""
        return self._create("template1")

    def copy(self, url: str) -> str:
        """Copy the files of a database, which takes some milliseconds in memory."""
        return self._create(f'"{make_url(url).database}" STRATEGY FILE_COPY')

    def drop(self, url: str) -> None:
        """Remove the database; a test may have left a connection open."""
        self._run(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def _create(self, template: str) -> str:
        address = self.address.set(database=f"reparto_{uuid4().hex}")
        self._run(f'CREATE DATABASE "{address.database}" TEMPLATE {template}')
        return address.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        engine = create_engine(self.address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))


class Base(Protocol):
    """What stored states stand on, and what they are built with; one that is equal is the same."""

    kind: DatabaseKind
    state: StoredState

    def opened(self, url: str, folder: Path) -> AbstractContextManager[Tools]:
        """Open a copy, whose files are in a folder."""


@dataclass(frozen=True, slots=True)
class BareDatabase:
    """The migrated database, which is filled by its engine and has no files."""

    kind: DatabaseKind
    state: StoredState

    @contextmanager
    def opened(self, url: str, _: Path) -> Iterator[Tools]:
        """Open a copy."""
        with opened(url) as engine:
            yield {"engine": engine}


class Databases:
    """One server of each kind, and on each the databases that tests begin with a copy of."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: list[tuple[Server, str]] = []
        self.server = cache(self._open_server)
        self.migrated = cache(self._migrate)
        self.stored = cache(self._store)

    def keep(self, kind: DatabaseKind, url: str) -> str:
        """Drop a database only when all tests have ended."""
        self._templates.append((self.server(kind), url))
        return url

    def lay(self, path: Path) -> str:
        """Copy the migrated SQLite file to where a test wants one, and give its address."""
        shutil.copy(_file_of(self.migrated(DatabaseKind.SQLITE)), path)
        return f"sqlite:///{path}"

    def close(self) -> None:
        """Drop what was kept."""
        for server, url in self._templates:
            server.drop(url)

    def _open_server(self, kind: DatabaseKind) -> Server:
        if kind is DatabaseKind.SQLITE:
            return SqliteFolder(self._folder)
        return PostgresServer(make_url(os.environ["REPARTO_TEST_POSTGRES_URL"]))

    def _migrate(self, kind: DatabaseKind) -> str:
        url = self.keep(kind, self.server(kind).create())
        upgrade_database(url)
        return url

    def _store(self, base: Base, *builders: Builder) -> StoredState:
        if not builders:
            return base.state
        *earlier, builder = builders
        before = self.stored(base, *earlier)
        url = self.keep(base.kind, self.server(base.kind).copy(before.url))
        folder = self._folder / uuid4().hex
        folder.mkdir()
        before.copy_files(folder)
        with base.opened(url, folder) as tools:
            given = before.build(builder, tools)
        return StoredState(url, folder / "data", given)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Hold the databases that tests copy."""
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(scope="session", params=list(DatabaseKind))
def database_kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Run a test on every engine; on PostgreSQL where there is one to test with."""
    kind: DatabaseKind = request.param
    if kind is DatabaseKind.POSTGRES and not os.environ.get("REPARTO_TEST_POSTGRES_URL"):
        pytest.skip("REPARTO_TEST_POSTGRES_URL names no PostgreSQL to test with")
    return kind


@pytest.fixture(scope="session")
def server(databases: Databases, database_kind: DatabaseKind) -> Server:
    """Give where databases of this kind come from."""
    return databases.server(database_kind)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest,
    databases: Databases,
    database_kind: DatabaseKind,
    server: Server,
) -> Iterator[str]:
    """Give the address of a database that belongs to one test, with what its fixtures store."""
    url = server.copy(_state_of(request, databases, database_kind).url)
    yield url
    server.drop(url)


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    """Give the address of a database without any table."""
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def engine(
    request: pytest.FixtureRequest,
    databases: Databases,
    database_kind: DatabaseKind,
    database_url: str,
) -> Iterator[Engine]:
    """Open that database."""
    with opened(database_url) as engine:
        recall_for(request, _state_of(request, databases, database_kind), {"engine": engine})
        yield engine


@pytest.fixture
def empty_engine(empty_url: str) -> Iterator[Engine]:
    """Open the empty database."""
    with opened(empty_url) as engine:
        yield engine


@stored_once
def promoter(engine: Engine) -> Promoter:
    """Store the promoter whose data a test works with."""
    return add_promoter(engine, "Ajuntament de la Peña")


@stored_once
def other_promoter(engine: Engine) -> Promoter:
    """Store a promoter who must see none of that."""
    return add_promoter(engine, "Cooperativa del Ebro")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Open a database and close every connection at the end."""
    engine = create_database_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def acting_for_all(engine: Engine) -> Iterator[Connection]:
    """Hold a transaction past every session, in which PostgreSQL shows the rows of everybody."""
    with engine.begin() as connection:
        act_for(connection, None)
        yield connection


def make_impatient(url: str) -> str:
    """Give the address by which a database is waited for no longer than a moment."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return str(address.update_query_dict({"timeout": "0.05"}))
    impatient = address.update_query_dict({"options": "-c lock_timeout=50ms"})
    return impatient.render_as_string(hide_password=False)


@contextmanager
def held_tables(engine: Engine, *names: str) -> Iterator[None]:
    """Hold tables for one transaction alone; on SQLite that holds everything."""
    with write_session(engine) as session:
        if is_postgres(engine):
            locked = ", ".join(names)
            session.connection().execute(text(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE"))
        else:
            session.connection()
        yield


def add_promoter(engine: Engine, name: str) -> Promoter:
    """Store a promoter in a transaction of its own."""
    promoter = Promoter(name=name, created_at=RECORDED_AT)
    with write_session(engine) as session:
        session.add(promoter)
    return promoter


def _state_of(
    request: pytest.FixtureRequest, databases: Databases, kind: DatabaseKind
) -> StoredState:
    base = BareDatabase(kind, StoredState(databases.migrated(kind)))
    return databases.stored(base, *find_builders(request, "engine"))


def _file_of(url: str) -> Path:
    return Path(str(make_url(url).database))
