"""Invitations to an address in all of a promoter, however far the caller reaches.

Whoever is to receive them is not the inviter's to know, so these questions go to the bare tables.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, update
from sqlmodel import Session, delete, exists, select

from models.tables.outbox import MessageState, OutboxMessage
from models.tables.sign_ins import LinkPurpose, OneTimeLink
from models.tables.users import AccountGrant, UserAccount
from models.values.access import Role


def list_invitation_moments(
    session: Session, *, promoter_id: UUID, email: str, due_after: datetime
) -> list[datetime]:
    """List when invitations to an address go, or went, after an instant."""
    mails = _columns(OutboxMessage)
    rows = select(mails.due_at).where(
        mails.promoter_id == promoter_id,
        mails.kind == LinkPurpose.INVITATION.value,
        mails.recipient == email,
        mails.due_at > due_after,
        mails.state != MessageState.FAILED,
    )
    return list(session.exec(rows))


def list_emptied_invitations(
    session: Session, *, promoter_id: UUID, email: str, roles: Collection[Role]
) -> list[UUID]:
    """List the accounts of an address that wait to be taken up, and have lost all that they had."""
    account, grant = _columns(UserAccount), _columns(AccountGrant)
    rows = select(account.id).where(
        account.promoter_id == promoter_id,
        account.email == email,
        account.role.in_(roles),
        account.awaits_acceptance.is_(True),
        ~exists().where(grant.account_id == account.id),
    )
    return list(session.exec(rows))


def remove_emptied_invitation(session: Session, *, account_id: UUID) -> None:
    """Remove an account that waits to be taken up, has nothing, and may not be the caller's."""
    for kind, column in ((OneTimeLink, "account_id"), (UserAccount, "id")):
        session.exec(delete(_table(kind)).where(_columns(kind)[column] == account_id))


def stop_waiting_invitations(
    session: Session, *, account_id: UUID, now: datetime, reason: str
) -> None:
    """Let the e-mails of an account's invitations that are to go later never go; they are kept."""
    links, mails = _columns(OneTimeLink), _columns(OutboxMessage)
    purpose = LinkPurpose.INVITATION
    theirs = select(links.id).where(links.account_id == account_id, links.purpose == purpose)
    keys = [f"{purpose}:{key}" for key in session.exec(theirs)]
    waiting = update(_table(OutboxMessage)).where(
        mails.idempotency_key.in_(keys),
        mails.state == MessageState.WAITING,
        mails.due_at > now,
    )
    session.exec(waiting.values(state=MessageState.FAILED, failed_because=reason))


def _table(kind: Any) -> Any:
    return inspect(kind).local_table


def _columns(kind: Any) -> Any:
    return _table(kind).c
