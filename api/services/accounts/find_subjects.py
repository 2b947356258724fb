"""Find communities and members by the codes that people type."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.access_subjects import AccessSubjects
from api.services.communities.find_community import require_community_of_code
from models.repositories.members import map_members_by_code
from models.values.errors import NotFoundError


class UnknownMemberPathError(NotFoundError):
    """No member is named so.

    Attributes
    ----------
    text : str
        What was given.
    """

    def __init__(self, text: str) -> None:
        super().__init__(f"there is no member {text[:80]!r}: name it as COMMUNITY/MEMBER")
        self.text = text


def find_subjects(
    session: Session, *, promoter_id: UUID, communities: Sequence[str], members: Sequence[str]
) -> AccessSubjects:
    """Find what an account is to be granted.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    communities : sequence of str
        Codes of communities.
    members : sequence of str
        Members as ``community/member``, by their codes.

    Returns
    -------
    AccessSubjects
        Their ids, in order.

    Raises
    ------
    UnknownCommunityError, UnknownMemberPathError
        If the promoter has no such community or member.
    """
    return AccessSubjects(
        tuple(
            require_community_of_code(session, promoter_id=promoter_id, code=code).id
            for code in communities
        ),
        tuple(_find_member(session, promoter_id, text) for text in members),
    )


def _find_member(session: Session, promoter_id: UUID, text: str) -> UUID:
    code, _, name = text.partition("/")
    community = require_community_of_code(session, promoter_id=promoter_id, code=code)
    members = map_members_by_code(session, promoter_id=promoter_id, community_id=community.id)
    if name not in members:
        raise UnknownMemberPathError(text)
    return members[name].id
