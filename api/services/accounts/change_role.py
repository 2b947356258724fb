"""Let an account do more, or less."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.access_subjects import (
    AccessSubjects,
    ForbiddenRoleError,
    add_grants,
    check_subjects,
    hold_given_account,
)
from api.services.accounts.disable_account import require_other_admin
from models.repositories.promoters import hold_promoter
from models.repositories.user_accounts import end_sessions, list_grants
from models.tables import UserAccount
from models.values.access import Role

_SAME_GRANTS = frozenset({Role.MEMBER, Role.CANDIDATE})


def change_role(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    account_id: UUID,
    role: Role,
    subjects: AccessSubjects,
    now: datetime,
) -> UserAccount:
    """Give an account another role, and what goes with it; its sessions end.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give: the one that it has and the one that it gets.
    account_id : UUID
        Which.
    role : Role
        What it will be.
    subjects : AccessSubjects
        What it will look after, or who it is; nothing where a candidate becomes a member, or the
        other way round, and stays who it is.
    now : datetime
        The present instant.

    Returns
    -------
    UserAccount
        The account; the role that it has already changes nothing.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give one of the two roles.
    UnfitGrantError, UnknownCommunityError, UnknownMemberError
        If the role is not granted so, or the caller sees no such community or member.
    LastAdminError
        If it is the promoter's last admin.
    """
    hold_promoter(session, promoter_id=promoter_id)
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    if role not in gives:
        raise ForbiddenRoleError(role)
    if role is account.role:
        return account
    require_other_admin(session, account=account)
    keeps_grants = {role, account.role} == _SAME_GRANTS and subjects == AccessSubjects()
    if not keeps_grants:
        check_subjects(session, promoter_id=promoter_id, role=role, subjects=subjects)
        for grant in list_grants(session, account_id=account.id):
            session.delete(grant)
        session.flush()
        add_grants(session, account=account, subjects=subjects, now=now)
    account.role = role
    end_sessions(session, account_id=account.id, ended_at=now)
    return account
