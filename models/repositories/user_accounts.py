"""People who sign in, their sessions, and what they were granted.

Whoever signs in belongs to nobody yet: these questions name an account, or a secret of it.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, or_, select, update

from models.tables.sign_ins import UserSession
from models.tables.users import AccountGrant, UserAccount


def find_account(session: Session, *, email: str) -> UserAccount | None:
    """Read the account of an address."""
    return session.exec(select(UserAccount).where(UserAccount.email == email)).one_or_none()


def get_account(session: Session, *, account_id: UUID) -> UserAccount:
    """Read an account that is there."""
    return session.get_one(UserAccount, account_id)


def hold_account(session: Session, *, account_id: UUID) -> UserAccount:
    """Read an account that this transaction holds, for it may count a failure."""
    rows = (
        select(UserAccount)
        .where(UserAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one()


def find_session(session: Session, *, sha256: str) -> tuple[UserSession, UserAccount] | None:
    """Read the session of a digest, and whose it is."""
    rows = (
        select(UserSession, UserAccount)
        .join(UserAccount, col(UserAccount.id) == UserSession.account_id)
        .where(UserSession.sha256 == sha256)
    )
    return session.exec(rows).one_or_none()


def list_grants(session: Session, *, account_id: UUID) -> list[AccountGrant]:
    """Read what an account was granted."""
    return list(session.exec(select(AccountGrant).where(AccountGrant.account_id == account_id)))


def end_sessions(
    session: Session,
    *,
    account_id: UUID,
    ended_at: datetime,
    only_id: UUID | None = None,
    but_id: UUID | None = None,
) -> None:
    """End the sessions of an account that have not ended: all, one of them, or all but one."""
    rows = update(UserSession).where(
        col(UserSession.account_id) == account_id, col(UserSession.ended_at).is_(None)
    )
    if only_id is not None:
        rows = rows.where(col(UserSession.id) == only_id)
    if but_id is not None:
        rows = rows.where(col(UserSession.id) != but_id)
    session.exec(rows.values(ended_at=ended_at))


def note_session(
    session: Session, *, session_id: UUID, seen_at: datetime, unseen_since: datetime
) -> None:
    """Note that a session is in use, unless somebody has done so lately."""
    rows = update(UserSession).where(
        col(UserSession.id) == session_id, col(UserSession.last_seen_at) <= unseen_since
    )
    session.exec(rows.values(last_seen_at=seen_at))


def remove_old_sessions(session: Session, *, over_before: datetime, at_most: int) -> int:
    """Remove sessions that ended or expired long ago; return how many."""
    is_over = or_(
        col(UserSession.expires_at) < over_before, col(UserSession.ended_at) < over_before
    )
    old = select(UserSession.id).where(is_over).limit(at_most)
    return session.exec(delete(UserSession).where(col(UserSession.id).in_(old))).rowcount
