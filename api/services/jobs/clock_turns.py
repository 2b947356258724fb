"""Turns of what runs by the clock on the wall: whoever takes one first is the only one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.schedules import is_slot_taken, take_slot
from models.session import read_session, write_session
from models.values.calendar import LAW_CLOCK


def find_last_turn(at: time, now: datetime) -> datetime:
    """Find the last instant at which the wall clock showed a time.

    Parameters
    ----------
    at : time
        What the clock of Madrid shows; not within an hour that it skips or shows twice.
    now : datetime
        The present instant.

    Returns
    -------
    datetime
        In UTC, ``now`` at the latest.

    Examples
    --------
    >>> find_last_turn(time(3, 30), datetime(2026, 1, 2, 2, 29, tzinfo=UTC)).isoformat()
    '2026-01-01T02:30:00+00:00'
    """
    clock = ZoneInfo(LAW_CLOCK)
    today = now.astimezone(clock).date()
    due_at = datetime.combine(today, at, clock).astimezone(UTC)
    if due_at > now:
        due_at = datetime.combine(today - timedelta(1), at, clock).astimezone(UTC)
    return due_at


@contextmanager
def taking_turn(
    engine: Engine, *, name: str, due_at: datetime, now: datetime
) -> Iterator[Session | None]:
    """Take a turn in a transaction that can hold what the turn does.

    Parameters
    ----------
    engine : Engine
        The database.
    name : str
        What has turns.
    due_at : datetime
        Which of them.
    now : datetime
        The present instant.

    Yields
    ------
    Session or None
        Committed at the end, rolled back on any error, which gives the turn back; None when
        somebody took the turn before.
    """
    with read_session(engine) as session:
        is_taken = is_slot_taken(session, name=name, due_at=due_at)
    if is_taken:
        yield None
        return
    with write_session(engine) as session:
        yield session if take_slot(session, name=name, due_at=due_at, now=now) else None
