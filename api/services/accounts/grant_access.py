"""Grant an account further communities or members, and take them back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.access_subjects import (
    AccessSubjects,
    add_grants,
    check_subjects,
    hold_given_account,
)
from models.repositories.user_accounts import list_grants
from models.tables import UserAccount
from models.values.access import Role


def grant_access(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    account_id: UUID,
    subjects: AccessSubjects,
    now: datetime,
) -> UserAccount:
    """Grant an account communities or members; those that it has stay as they are.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give.
    account_id : UUID
        Whose.
    subjects : AccessSubjects
        What.
    now : datetime
        The present instant.

    Returns
    -------
    UserAccount
        The account; it reaches what it was granted from its next request.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give its role.
    UnfitGrantError, UnknownCommunityError, UnknownMemberError
        If the role is not granted so, or the caller sees no such community or member.
    """
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    check_subjects(session, promoter_id=promoter_id, role=account.role, subjects=subjects)
    add_grants(session, account=account, subjects=subjects, now=now)
    return account


def withdraw_access(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    account_id: UUID,
    subjects: AccessSubjects,
) -> UserAccount:
    """Take communities or members from an account; what it was not granted changes nothing.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give.
    account_id : UUID
        Whose.
    subjects : AccessSubjects
        What; of a manager, only what lies within its own reach goes.

    Returns
    -------
    UserAccount
        The account; it reaches no more what it lost from its next request.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give its role.
    """
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    unwanted = {*subjects.community_ids, *subjects.member_ids}
    for grant in list_grants(session, account_id=account.id):
        if (grant.community_id or grant.member_id) in unwanted:
            session.delete(grant)
    session.flush()
    return account
