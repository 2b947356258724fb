"""People who sign in, their sessions, and what they were granted.

Whoever signs in belongs to nobody yet: these questions name an account, or a secret of it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, func, or_, select, update

from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.sign_ins import ExternalIdentity, OneTimeLink, UserSession
from models.tables.users import AccountGrant, UserAccount
from models.values.access import Role
from models.values.listing import EVERYTHING, ListWish

_BY_ADDRESS = Listing(UserAccount, parent="promoter_id", order="email", searched=("email", "name"))


def find_account(session: Session, *, email: str) -> UserAccount | None:
    """Read the account that holds an address; who was only invited does not."""
    rows = select(UserAccount).where(
        UserAccount.email == email, col(UserAccount.awaits_acceptance).is_(False)
    )
    return session.exec(rows).one_or_none()


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


def hold_promoters_account(
    session: Session, *, promoter_id: UUID, account_id: UUID
) -> UserAccount | None:
    """Read one of a promoter's accounts that this transaction holds."""
    rows = (
        select(UserAccount)
        .where(UserAccount.promoter_id == promoter_id, UserAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def find_promoters_account(
    session: Session, *, promoter_id: UUID, email: str
) -> UserAccount | None:
    """Read the account that a promoter has for an address: taken up, or else the first invited."""
    rows = select(UserAccount).where(
        UserAccount.promoter_id == promoter_id, UserAccount.email == email
    )
    first = rows.order_by(col(UserAccount.awaits_acceptance), col(UserAccount.created_at)).limit(1)
    return session.exec(first).one_or_none()


def remove_invited(session: Session, *, account_id: UUID) -> None:
    """Remove an account that nobody has taken up, with its grants and links."""
    for kind in (AccountGrant, OneTimeLink):
        session.exec(delete(kind).where(col(kind.account_id) == account_id))
    session.delete(get_account(session, account_id=account_id))
    session.flush()


def map_accounts(
    session: Session, *, promoter_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, UserAccount]:
    """Read accounts by id."""
    return map_by_key(session, UserAccount, account_ids, promoter_id=promoter_id)


def page_accounts(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[UserAccount]]:
    """Read the same page of promoters' accounts, by address."""
    tenant = col(UserAccount.promoter_id) == promoter_id
    return _BY_ADDRESS.read_pages(session, tenant, parent_ids=promoter_ids, request=request)


def count_accounts(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count promoters' accounts."""
    tenant = col(UserAccount.promoter_id) == promoter_id
    return _BY_ADDRESS.count_rows(session, tenant, parent_ids=promoter_ids, wish=wish)


def list_accounts(session: Session, *, promoter_id: UUID) -> list[UserAccount]:
    """Read a promoter's accounts, by address."""
    rows = select(UserAccount).where(UserAccount.promoter_id == promoter_id)
    return list(session.exec(rows.order_by(col(UserAccount.email))))


def count_other_admins(session: Session, *, promoter_id: UUID, account_id: UUID) -> int:
    """Count those who can administer a promoter but for one of them."""
    rows = select(func.count()).where(
        UserAccount.promoter_id == promoter_id,
        UserAccount.role == Role.PROMOTER_ADMIN,
        UserAccount.id != account_id,
        col(UserAccount.disabled_at).is_(None),
        col(UserAccount.awaits_acceptance).is_(False),
    )
    return session.exec(rows).one()


def list_grants(session: Session, *, account_id: UUID) -> list[AccountGrant]:
    """Read what an account was granted."""
    return list(session.exec(select(AccountGrant).where(AccountGrant.account_id == account_id)))


def group_grants(
    session: Session, *, promoter_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, list[AccountGrant]]:
    """Read what accounts were granted, oldest first, an empty list for nothing."""
    return group_by_key(
        session,
        AccountGrant,
        account_ids,
        promoter_id=promoter_id,
        key="account_id",
        order=("created_at", "id"),
    )


def find_identity(session: Session, *, issuer: str, subject: str) -> ExternalIdentity | None:
    """Read whose account somebody is whom a provider vouches for."""
    rows = select(ExternalIdentity).where(
        ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject
    )
    return session.exec(rows).one_or_none()


def list_identities(session: Session, *, account_id: UUID) -> list[ExternalIdentity]:
    """Read who an account is to providers, by provider."""
    rows = select(ExternalIdentity).where(ExternalIdentity.account_id == account_id)
    return list(session.exec(rows.order_by(col(ExternalIdentity.issuer))))


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
