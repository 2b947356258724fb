"""Find a community by its id, or by the code that its promoter gave it."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from loaders.number_text import show_name
from models.repositories.communities import find_community, get_community, list_codes
from models.tables import Community
from models.values.errors import NotFoundError

_CODES_NAMED = 5


class UnknownCommunityError(NotFoundError):
    """The promoter has no such community.

    Attributes
    ----------
    community : UUID or str
        The id or code that was asked for.
    others : sequence of str or None
        Codes that there are, where a code was asked for; the message names a few.
    """

    def __init__(self, community: UUID | str, others: Sequence[str] | None = None) -> None:
        hint = "" if others is None else f"; {_name_codes(others)}"
        super().__init__(f"no community {show_name(str(community))}{hint}")
        self.community = community
        self.others = others


def require_community(session: Session, *, promoter_id: UUID, community_id: UUID) -> Community:
    """Read the community of an id, which must be known already.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.

    Returns
    -------
    Community
        The community.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    """
    community = get_community(session, promoter_id=promoter_id, community_id=community_id)
    if community is None:
        raise UnknownCommunityError(community_id)
    return community


def require_community_of_code(session: Session, *, promoter_id: UUID, code: str) -> Community:
    """Read the community of a code, which must be known already.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    code : str
        The promoter's own id of the community.

    Returns
    -------
    Community
        The community.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    """
    community = find_community(session, promoter_id=promoter_id, code=code)
    if community is None:
        others = list_codes(session, promoter_id=promoter_id, limit=_CODES_NAMED + 1)
        raise UnknownCommunityError(code, others)
    return community


def _name_codes(codes: Sequence[str]) -> str:
    if not codes:
        return "its promoter has none"
    more = " and others" if len(codes) > _CODES_NAMED else ""
    return f"its promoter has {show_name(', '.join(codes[:_CODES_NAMED]))}{more}"
