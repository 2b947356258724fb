"""Members of a community."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.members import Member
from models.values.listing import EVERYTHING, ListWish

_BY_CODE = Listing(Member, parent="community_id", order="code", searched=("code",))


def map_members(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, Member]:
    """Read members by id."""
    return map_by_key(session, Member, member_ids, promoter_id=promoter_id)


def map_members_by_code(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> dict[str, Member]:
    """Read all members of a community by the promoter's own key."""
    rows = select(Member).where(
        Member.promoter_id == promoter_id, Member.community_id == community_id
    )
    return {member.code: member for member in session.exec(rows)}


def page_members(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[Member]]:
    """Read the same page of many communities' members, by code."""
    return _BY_CODE.read_pages(
        session,
        col(Member.promoter_id) == promoter_id,
        parent_ids=community_ids,
        request=request,
    )


def count_members(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the members of many communities."""
    tenant = col(Member.promoter_id) == promoter_id
    return _BY_CODE.count_rows(session, tenant, parent_ids=community_ids, wish=wish)
