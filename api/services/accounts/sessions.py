"""Sessions of those who sign in: begun with a secret that is shown once, and ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.policies import SESSION_LASTS
from api.services.accounts.create_token import digest_token
from api.services.audit.keep_trail import note_event
from models.repositories.user_accounts import end_sessions, get_account
from models.tables import UserAccount, UserSession
from models.values.audit import AuditEvent

_TIME_FOR_CODE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session as its owner gets it, once.

    Attributes
    ----------
    secret : str
        What opens it; only its digest is stored.
    expires_at : datetime
        When it ends at the latest.
    awaits_second_factor : bool
        Whether it opens nothing yet but the question for a code.
    """

    secret: str
    expires_at: datetime
    awaits_second_factor: bool = False


def open_session(
    session: Session, *, account: UserAccount, now: datetime, has_shown_code: bool = False
) -> OpenedSession:
    """Begin a session of somebody who has shown who they are.

    Where the account has a second factor the session awaits its code for ten minutes.

    Parameters
    ----------
    session : Session
        Open transaction.
    account : UserAccount
        Who it is.
    now : datetime
        The present instant.
    has_shown_code : bool, default False
        Whether they have shown a code of the second factor too.

    Returns
    -------
    OpenedSession
        Its secret of 256 random bits.
    """
    secret = secrets.token_urlsafe(32)
    awaits_code = account.totp_confirmed_at is not None and not has_shown_code
    stored = UserSession(
        promoter_id=account.promoter_id,
        account_id=account.id,
        sha256=digest_token(secret),
        awaits_second_factor=awaits_code,
        created_at=now,
        last_seen_at=now,
        expires_at=now + (_TIME_FOR_CODE if awaits_code else SESSION_LASTS),
    )
    session.add(stored)
    session.flush()
    event = AuditEvent.SIGN_IN_BEGUN if awaits_code else AuditEvent.SIGN_IN
    note_event(session, event, account=account)
    return OpenedSession(secret, stored.expires_at, awaits_code)


def sign_out(
    session: Session,
    *,
    account_id: UUID,
    session_id: UUID,
    now: datetime,
    everywhere: bool = False,
) -> None:
    """End a session, or all of its account.

    Parameters
    ----------
    session : Session
        Open transaction.
    account_id : UUID
        Who signs out.
    session_id : UUID
        In which session.
    now : datetime
        The present instant; what has ended before stays so.
    everywhere : bool, default False
        Whether every other session of the account ends too.
    """
    only_id = None if everywhere else session_id
    end_sessions(session, account_id=account_id, ended_at=now, only_id=only_id)
    account = get_account(session, account_id=account_id)
    note_event(session, AuditEvent.SIGN_OUT, account=account)
