"""Find a community by the code that its promoter gave it."""

from uuid import UUID

from sqlmodel import Session

from api.services.load_community_year import UnknownCommunityError
from models.repositories.communities import find_community
from models.tables import Community


def require_community(session: Session, *, promoter_id: UUID, code: str) -> Community:
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
        raise UnknownCommunityError(code)
    return community
