"""How far somebody who signed in reaches: by role, and by what was granted."""

from sqlmodel import Session

from models.repositories.members import map_members
from models.repositories.user_accounts import list_grants
from models.tables import UserAccount
from models.values.access import NOBODY, Reach, Role

_REACHES_PROMOTER = frozenset({Role.PROMOTER_ADMIN, Role.PROMOTER_STAFF})


def find_reach(session: Session, *, account: UserAccount) -> Reach:
    """Work out which rows exist for an account.

    Parameters
    ----------
    session : Session
        Open transaction.
    account : UserAccount
        Whose reach.

    Returns
    -------
    Reach
        Nothing for an operator; all of the promoter's for its admins and staff; for a manager the
        communities granted; for a member or candidate those granted, in their communities.
    """
    if account.promoter_id is None:
        return Reach(NOBODY)
    if account.role in _REACHES_PROMOTER:
        return Reach(account.promoter_id)
    grants = list_grants(session, account_id=account.id)
    if account.role is Role.COMMUNITY_MANAGER:
        managed = frozenset(grant.community_id for grant in grants if grant.community_id)
        return Reach(account.promoter_id, managed, account_id=account.id)
    member_ids = frozenset(grant.member_id for grant in grants if grant.member_id)
    members = map_members(session, promoter_id=account.promoter_id, member_ids=member_ids)
    communities = frozenset(member.community_id for member in members.values())
    return Reach(account.promoter_id, communities, member_ids, account.id)
