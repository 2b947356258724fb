"""Shut an account, and open it again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.access_subjects import hold_given_account
from models.repositories.one_time_links import use_up_links
from models.repositories.promoters import hold_promoter
from models.repositories.user_accounts import count_other_admins, end_sessions
from models.tables import UserAccount
from models.values.access import Role
from models.values.errors import ConflictError


class LastAdminError(ConflictError):
    """Nobody else could administer the promoter."""

    def __init__(self) -> None:
        super().__init__("this is the promoter's last admin: invite another one first")


def disable_account(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    account_id: UUID,
    now: datetime,
) -> UserAccount:
    """Shut an account: its sessions and links end, and nothing opens it.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give.
    account_id : UUID
        Which.
    now : datetime
        The present instant; an account that is disabled stays so since then.

    Returns
    -------
    UserAccount
        The account.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give its role.
    LastAdminError
        If it is the promoter's last admin.
    """
    hold_promoter(session, promoter_id=promoter_id)
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    require_other_admin(session, account=account)
    account.disabled_at = account.disabled_at or now
    use_up_links(session, account_id=account.id, used_at=now)
    end_sessions(session, account_id=account.id, ended_at=now)
    return account


def enable_account(
    session: Session, *, promoter_id: UUID, gives: Collection[Role], account_id: UUID
) -> UserAccount:
    """Open an account again that was disabled; whoever was only invited needs another link.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give.
    account_id : UUID
        Which.

    Returns
    -------
    UserAccount
        The account.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give its role.
    """
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    account.disabled_at = None
    return account


def require_other_admin(session: Session, *, account: UserAccount) -> None:
    """Refuse to take a promoter its last admin.

    Parameters
    ----------
    session : Session
        Open transaction that holds the promoter: two admins must not remove each other at once.
    account : UserAccount
        Who is to go.

    Raises
    ------
    LastAdminError
        If nobody else who has taken up their account administers it.
    """
    is_admin = account.role is Role.PROMOTER_ADMIN and not account.awaits_acceptance
    if not is_admin or account.disabled_at is not None or account.promoter_id is None:
        return
    if not count_other_admins(session, promoter_id=account.promoter_id, account_id=account.id):
        raise LastAdminError
