"""Turns of what runs by the clock, and when others were asked what they answer once a day."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.tables.schedules import ScheduledSlot


def take_slot(session: Session, *, name: str, due_at: datetime, now: datetime) -> bool:
    """Take a turn; False when somebody took it before."""
    if session.get(ScheduledSlot, (name, due_at)) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(ScheduledSlot(name=name, due_at=due_at, asked_at=now))
    except IntegrityError:
        return False
    return True
