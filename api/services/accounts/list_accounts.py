"""A promoter's accounts, and what they were granted, for people to read."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.second_factor import UnknownAccountError
from api.services.accounts.sign_in import fold_address
from models.repositories import user_accounts
from models.repositories.communities import map_communities
from models.repositories.members import map_members
from models.tables import UserAccount


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account.

    Attributes
    ----------
    account : UserAccount
        The account.
    granted : tuple of str
        Codes of the communities that it looks after, ``community/member`` of those that it is.
    """

    account: UserAccount
    granted: tuple[str, ...]


def list_accounts(session: Session, *, promoter_id: UUID) -> list[AccountFacts]:
    """Read a promoter's accounts, by address.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of AccountFacts
        Disabled ones and those that wait for their owners too.
    """
    accounts = user_accounts.list_accounts(session, promoter_id=promoter_id)
    grants = user_accounts.group_grants(
        session, promoter_id=promoter_id, account_ids=[account.id for account in accounts]
    )
    every = [grant for group in grants.values() for grant in group]
    members = map_members(
        session,
        promoter_id=promoter_id,
        member_ids={grant.member_id for grant in every if grant.member_id},
    )
    homes = {member.community_id for member in members.values()}
    homes |= {grant.community_id for grant in every if grant.community_id}
    communities = map_communities(session, promoter_id=promoter_id, community_ids=homes)
    names = {key: community.code for key, community in communities.items()}
    names |= {key: f"{names[member.community_id]}/{member.code}" for key, member in members.items()}
    return [
        AccountFacts(
            account,
            tuple(
                names[key]
                for grant in grants[account.id]
                if (key := grant.community_id or grant.member_id) is not None
            ),
        )
        for account in accounts
    ]


def require_account(session: Session, *, promoter_id: UUID, email: str) -> UserAccount:
    """Read the account that a promoter has for an address.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    email : str
        The address.

    Returns
    -------
    UserAccount
        The account.

    Raises
    ------
    UnknownAccountError
        If the promoter has none.
    """
    found = user_accounts.find_promoters_account(
        session, promoter_id=promoter_id, email=fold_address(email)
    )
    if found is None:
        raise UnknownAccountError(email)
    return found
