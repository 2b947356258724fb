"""What an account is granted: communities that it looks after, or members that it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import TAKES_PART
from api.services.communities.find_community import UnknownCommunityError
from api.services.invoices.record_parties import UnknownMemberError
from models.repositories.communities import map_communities
from models.repositories.members import map_members
from models.repositories.user_accounts import (
    hold_promoters_account,
    list_grants,
)
from models.tables import AccountGrant, UserAccount
from models.values.access import Role
from models.values.errors import ErrorCode, InvalidArgumentError, NotFoundError

_MOST = 100
_OPTIONS = {"communities": "--community CODE", "members": "--member COMMUNITY/MEMBER"}


class UnfitGrantError(InvalidArgumentError):
    """A role is granted something else, nothing, or not so much.

    Attributes
    ----------
    field : str
        ``communities`` or ``members``: what is at fault.
    option : str
        By which a command names them.
    role : Role
        The role.
    """

    def __init__(self, field: str, role: Role, wanted: str) -> None:
        self.option = _OPTIONS[field]
        super().__init__(f"a {role} is granted {wanted}, which commands name by {self.option}")
        self.field = field
        self.role = role
        self.wanted = wanted


class ForbiddenRoleError(InvalidArgumentError):
    """A role is not the caller's to give, nor an account that has it the caller's to look after.

    Attributes
    ----------
    role : Role
        The role that was named, or that the account has.
    """

    code = ErrorCode.FORBIDDEN

    def __init__(self, role: Role) -> None:
        super().__init__(f"the role {role} is not yours to give, nor to take")
        self.role = role


class MissingAccountError(NotFoundError):
    """The caller sees no such account.

    Attributes
    ----------
    account_id : UUID or None
        The id that was given; None for a text that is none.
    """

    def __init__(self, account_id: UUID | None) -> None:
        super().__init__("there is no such account")
        self.account_id = account_id


@dataclass(frozen=True, slots=True)
class AccessSubjects:
    """Communities or members.

    Attributes
    ----------
    community_ids : tuple of UUID
        Those to be looked after.
    member_ids : tuple of UUID
        Those that somebody is.
    """

    community_ids: tuple[UUID, ...] = ()
    member_ids: tuple[UUID, ...] = ()


def check_subjects(
    session: Session, *, promoter_id: UUID, role: Role, subjects: AccessSubjects
) -> None:
    """Refuse what a role is not granted, and what the caller does not see.

    Parameters
    ----------
    session : Session
        Open transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    role : Role
        Whose role.
    subjects : AccessSubjects
        What is to be granted.

    Raises
    ------
    UnfitGrantError
        If a manager is granted members or no community, a member or candidate communities or no
        member, another role anything; or more than 100 are named.
    UnknownCommunityError, UnknownMemberError
        If the caller sees no such community or member.
    """
    n_communities, n_members = len(subjects.community_ids), len(subjects.member_ids)
    if n_members and role not in TAKES_PART:
        raise UnfitGrantError("members", role, "no members")
    if n_communities and role is not Role.COMMUNITY_MANAGER:
        raise UnfitGrantError("communities", role, "no communities")
    if role is Role.COMMUNITY_MANAGER and not 1 <= n_communities <= _MOST:
        raise UnfitGrantError("communities", role, f"1 to {_MOST} communities")
    if role in TAKES_PART and not 1 <= n_members <= _MOST:
        raise UnfitGrantError("members", role, f"1 to {_MOST} members")
    _require_known(session, promoter_id, subjects)


def _require_known(session: Session, promoter_id: UUID, subjects: AccessSubjects) -> None:
    communities = map_communities(
        session, promoter_id=promoter_id, community_ids=subjects.community_ids
    )
    members = map_members(session, promoter_id=promoter_id, member_ids=subjects.member_ids)
    for key in _list_missing(subjects.community_ids, communities):
        raise UnknownCommunityError(key)
    for key in _list_missing(subjects.member_ids, members):
        raise UnknownMemberError(key)


def _list_missing(wanted: Iterable[UUID], known: Collection[UUID]) -> list[UUID]:
    return [key for key in wanted if key not in known]


def add_grants(
    session: Session, *, account: UserAccount, subjects: AccessSubjects, now: datetime
) -> None:
    """Grant an account what it was not granted before.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the account.
    account : UserAccount
        Whose.
    subjects : AccessSubjects
        What, checked.
    now : datetime
        The present instant.
    """
    assert account.promoter_id is not None, "nothing is granted to operators"
    grants = list_grants(session, account_id=account.id)
    held = {grant.community_id or grant.member_id for grant in grants}
    wanted = [("community_id", key) for key in dict.fromkeys(subjects.community_ids)]
    wanted += [("member_id", key) for key in dict.fromkeys(subjects.member_ids)]
    session.add_all(
        AccountGrant(
            promoter_id=account.promoter_id, account_id=account.id, created_at=now, **{name: key}
        )
        for name, key in wanted
        if key not in held
    )
    session.flush()


def hold_given_account(
    session: Session, *, promoter_id: UUID, account_id: UUID, gives: Collection[Role]
) -> UserAccount:
    """Read an account that the caller may look after, and hold it.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    account_id : UUID
        Which.
    gives : collection of Role
        The roles that the caller may give.

    Returns
    -------
    UserAccount
        The account.

    Raises
    ------
    MissingAccountError
        If the caller sees no such account.
    ForbiddenRoleError
        If its role is not the caller's to give.
    """
    account = hold_promoters_account(session, promoter_id=promoter_id, account_id=account_id)
    if account is None:
        raise MissingAccountError(account_id)
    if account.role not in gives:
        raise ForbiddenRoleError(account.role)
    return account
