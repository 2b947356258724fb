"""A reading that takes too long is stopped inside the database, not only given up by who waits."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from models.values.errors import CommunityError, ErrorCode

_STEPS_BETWEEN_LOOKS = 50_000
"""Instructions of SQLite's machine: about a millisecond."""

_STOPPED = "57014"
"""SQLSTATE of what PostgreSQL stopped."""

_STOPPED_ON_SQLITE = "interrupted"


class SlowReadingError(CommunityError):
    """The database did not find what was asked for in time, and was stopped."""

    code = ErrorCode.TOO_LARGE

    def __init__(self) -> None:
        super().__init__("the database takes too long over it: ask for less at once")


def was_stopped(error: BaseException | None) -> bool:
    """Tell whether a database stopped because its time was over."""
    state = getattr(error, "sqlstate", None)
    return state == _STOPPED or str(error) == _STOPPED_ON_SQLITE


def _driver_of(connection: Connection) -> Any:
    """Reach below SQLAlchemy, which counts statements, to what no reading asked for."""
    return connection.connection.driver_connection


@contextmanager
def stopped_after(session: Session, seconds: float) -> Iterator[None]:
    """Stop what a session still reads after a time: all of it on SQLite, else each statement."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        milliseconds = max(1, round(seconds * 1000))
        _driver_of(connection).execute(f"SET LOCAL statement_timeout = {milliseconds}")
        yield
        return
    ends_at = time.monotonic() + seconds
    driver = _driver_of(connection)
    driver.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, _STEPS_BETWEEN_LOOKS)
