"""The database: which one an address names, and how a use case reads or writes it.

One use case is one transaction, begun and ended here; nothing below the edge commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from models.postgres_engine import UnstorableValueError, create_postgres_engine
from models.row_security import act_for
from models.sqlite_engine import READ_ONLY, create_sqlite_engine, reads_beside_writers
from models.time_limits import SlowReadingError, stopped_after, was_stopped
from models.values.access import Reach
from models.values.errors import ConflictError, InvalidArgumentError, UnavailableError

REACH = "reach"
"""Where a session keeps how far its caller reaches; without one it sees everything."""

SHOWN = "shown"
"""Where a session keeps which columns its caller shows; without it they are read whole."""

WATCH = "reparto_watch"
"""Option of an engine: what watches each of its writing transactions, within it to its end."""

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_READING = {READ_ONLY: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_RACES = {
    "23505": "unique violation",
    "23P01": "exclusion violation",
    "40001": "serialization failure",
}
"""SQLSTATE of what PostgreSQL refuses and would let pass alone."""

_LOCKS = {
    "40P01": "deadlock detected",
    "55P03": "lock not available",
}
"""SQLSTATE of locks that PostgreSQL does not give."""

_LOCK_ON_SQLITE = "database is locked"

_RACES_ON_SQLITE = ("UNIQUE constraint failed", "two periods of ")
"""How SQLite begins to tell of the first two; the second by a trigger of ours."""


class Shown(NamedTuple):
    """Of which records only some columns are wanted."""

    table: type
    columns: frozenset[str]


class UnsupportedDatabaseError(InvalidArgumentError):
    """The database address names nothing that reparto can open."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"database address {url} names neither a SQLite file nor a PostgreSQL database: write"
            " sqlite:///reparto.db or postgresql+psycopg://user@host/reparto"
        )
        self.url = url


class ConcurrentChangeError(ConflictError):
    """Two transactions changed the same, and this one came second; nothing of it is stored."""

    def __init__(self) -> None:
        super().__init__("somebody changed the same at the same time: ask again")


class DatabaseBusyError(UnavailableError):
    """Another transaction held what this one needs for too long; nothing of it is stored."""

    def __init__(self) -> None:
        super().__init__("the database is busy with something else: ask again in a moment")


def create_database_engine(url: str) -> Engine:
    """Make the engine of one database, such as ``sqlite:///reparto.db``."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        # What cannot be parsed may hold a password anywhere.
        raise UnsupportedDatabaseError("(unreadable)") from error
    driver = _DRIVERS.get(address.drivername)
    if driver is None or address.database in (None, "", ":memory:"):
        # An option can be a password too.
        shown = address.set(query={}).render_as_string(hide_password=True)
        raise UnsupportedDatabaseError(shown)
    if driver == "sqlite":
        return create_sqlite_engine(address)
    return create_postgres_engine(address.set(drivername=driver))


@contextmanager
def read_session(
    engine: Engine,
    reach: Reach | None = None,
    *,
    seconds: float | None = None,
    shown: Shown | None = None,
) -> Iterator[Session]:
    """Read one snapshot of the database, as far as a caller reaches; writing in it fails.

    Of what takes longer than some seconds, if they are given, the database is stopped. Of the
    records that are shown a few columns are read, if a question for them can leave out others.
    """
    options = _READING if is_postgres(engine) else {READ_ONLY: True}
    with _typed_errors(), Session(engine, expire_on_commit=False) as session:
        session.info[REACH], session.info[SHOWN] = reach, shown
        session.connection(execution_options=options)
        with nullcontext() if seconds is None else stopped_after(session, seconds):
            yield session


@contextmanager
def write_session(engine: Engine, reach: Reach | None = None) -> Iterator[Session]:
    """Hold a writing transaction: committed at the end, rolled back on any error.

    What it reads ends where its caller's reach does.

    On SQLite it is the only one. On PostgreSQL others write at the same time: a use case that
    reads before it writes locks what it depends on, and what it did not foresee raises
    ConcurrentChangeError. Whoever waits for a lock too long gets DatabaseBusyError.
    """
    watch = engine.get_execution_options().get(WATCH, nullcontext)
    with (
        _typed_errors(),
        Session(engine, expire_on_commit=False, info={REACH: reach}) as session,
        session.begin(),
        watch(session),
    ):
        yield session


def find_asker(session: Session) -> UUID | None:
    """Tell the account of a narrow reach on whose behalf a session acts."""
    reach: Reach | None = session.info.get(REACH)
    return None if reach is None else reach.account_id


def find_shown(session: Session, table: type) -> frozenset[str] | None:
    """Tell which columns of a kind of record are wanted; None for all."""
    shown: Shown | None = session.info.get(SHOWN)
    return shown.columns if shown is not None and shown.table is table else None


def is_postgres(engine: Engine) -> bool:
    """Tell PostgreSQL from SQLite."""
    return engine.dialect.name == "postgresql"


def is_at_hand(engine: Engine) -> bool:
    """Tell whether a reading waits for nobody: neither for a network, nor for who writes."""
    return not is_postgres(engine) and reads_beside_writers()


def is_held(error: BaseException | None) -> bool:
    """Tell whether a database did not give a lock in time, or only to one of two."""
    state = getattr(error, "sqlstate", None)
    return state in _LOCKS or str(error).startswith(_LOCK_ON_SQLITE)


@contextmanager
def _typed_errors() -> Iterator[None]:
    """Say what a caller can do about a refusal; what is the program's own fault stays as it is."""
    try:
        yield
    except StaleDataError as error:
        raise ConcurrentChangeError from error
    except DataError as error:
        raise UnstorableValueError(str(error.orig).partition("\n")[0]) from error
    except DBAPIError as error:
        if is_held(error.orig):
            raise DatabaseBusyError from error
        if was_stopped(error.orig):
            raise SlowReadingError from error
        if _is_race(error.orig):
            raise ConcurrentChangeError from error
        raise


def _is_race(error: BaseException | None) -> bool:
    """Tell whether a database refused what it would have let pass alone."""
    state = getattr(error, "sqlstate", None)
    return state in _RACES or str(error).startswith(_RACES_ON_SQLITE)


def _tell_reach(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Let a transaction begin by saying for whom it acts."""
    if not transaction.nested:
        reach: Reach | None = session.info.get(REACH)
        act_for(connection, None if reach is None else reach.promoter_id)


event.listen(Session, "after_begin", _tell_reach)
