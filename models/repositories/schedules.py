"""Turns of what runs by the clock, and when others were asked what they answer once a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.tables.schedules import RemoteQuery, ScheduledSlot


def is_slot_taken(session: Session, *, name: str, due_at: datetime) -> bool:
    """Tell whether somebody took a turn."""
    return session.get(ScheduledSlot, (name, due_at)) is not None


def take_slot(session: Session, *, name: str, due_at: datetime, now: datetime) -> bool:
    """Take a turn; False when somebody took it before."""
    if is_slot_taken(session, name=name, due_at=due_at):
        return False
    try:
        with session.begin_nested():
            session.add(ScheduledSlot(name=name, due_at=due_at, asked_at=now))
    except IntegrityError:
        return False
    return True


def find_remote_query(session: Session, *, promoter_id: UUID, key_sha256: str) -> datetime | None:
    """Tell when a question was last answered."""
    query = session.get(RemoteQuery, (promoter_id, key_sha256))
    return None if query is None else query.asked_at


def note_remote_query(
    session: Session, *, promoter_id: UUID, key_sha256: str, asked_at: datetime
) -> None:
    """Remember when a question was answered."""
    session.merge(RemoteQuery(promoter_id=promoter_id, key_sha256=key_sha256, asked_at=asked_at))
