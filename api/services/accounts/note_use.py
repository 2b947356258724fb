"""When tokens and sessions were used last, roughly: reading should not write."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.repositories.promoters import note_token
from models.repositories.user_accounts import note_session

SESSION_NOTED_EVERY = timedelta(minutes=15)
TOKEN_NOTED_EVERY = timedelta(hours=1)


def is_note_due(last: datetime | None, *, every: timedelta, now: datetime) -> bool:
    """Tell whether a use has to be written down.

    Parameters
    ----------
    last : datetime or None
        The use that was written down last.
    every : timedelta
        How seldom it is.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether that long has passed.
    """
    return last is None or last + every <= now


def note_use(
    session: Session, *, token_id: UUID | None, session_id: UUID | None, now: datetime
) -> None:
    """Write down that a token or a session is in use, unless somebody has done so lately.

    Parameters
    ----------
    session : Session
        Open transaction.
    token_id, session_id : UUID or None
        What is in use.
    now : datetime
        The present instant.
    """
    if token_id is not None:
        note_token(session, token_id=token_id, used_at=now, unused_since=now - TOKEN_NOTED_EVERY)
    if session_id is not None:
        note_session(
            session, session_id=session_id, seen_at=now, unseen_since=now - SESSION_NOTED_EVERY
        )
