"""Communities of a promoter."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.communities import Community
from models.values.listing import EVERYTHING, ListWish

_BY_NAME = Listing(Community, parent="promoter_id", order="name", searched=("name", "code"))


def get_community(session: Session, *, promoter_id: UUID, community_id: UUID) -> Community | None:
    """Read one community."""
    found = map_communities(session, promoter_id=promoter_id, community_ids=[community_id])
    return found.get(community_id)


def lock_known_community(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> Community | None:
    """Read one community for a transaction that appends to its months, one at a time."""
    row = (
        select(Community)
        .where(Community.promoter_id == promoter_id, Community.id == community_id)
        .with_for_update(key_share=True)
    )
    return session.exec(row).one_or_none()


def find_community(session: Session, *, promoter_id: UUID, code: str) -> Community | None:
    """Read the community that its promoter calls by a code."""
    rows = select(Community).where(Community.promoter_id == promoter_id, Community.code == code)
    return session.exec(rows).one_or_none()


def list_codes(session: Session, *, promoter_id: UUID, limit: int) -> list[str]:
    """List the first few codes by which a promoter calls its communities."""
    rows = select(Community.code).where(Community.promoter_id == promoter_id)
    return list(session.exec(rows.order_by(col(Community.code)).limit(limit)))


def lock_community(session: Session, *, promoter_id: UUID, community_id: UUID) -> Community | None:
    """Read one community that this transaction is going to bring up to date, one at a time.

    On SQLite the writing transaction is the only one already.
    """
    row = (
        select(Community)
        .where(Community.promoter_id == promoter_id, Community.id == community_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.exec(row).one_or_none()


def map_communities(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, Community]:
    """Read communities by id."""
    return map_by_key(session, Community, community_ids, promoter_id=promoter_id)


def page_communities(
    session: Session, *, promoter_id: UUID, request: PageRequest
) -> Page[Community]:
    """Read a page of a promoter's communities by name."""
    return _BY_NAME.read_pages(session, parent_ids=[promoter_id], request=request)[promoter_id]


def count_communities(session: Session, *, promoter_id: UUID, wish: ListWish = EVERYTHING) -> int:
    """Count a promoter's communities."""
    return _BY_NAME.count_rows(session, parent_ids=[promoter_id], wish=wish)[promoter_id]


def list_communities(session: Session, *, promoter_id: UUID) -> list[Community]:
    """List a promoter's communities by code."""
    rows = select(Community).where(Community.promoter_id == promoter_id)
    return list(session.exec(rows.order_by(col(Community.code))))


def list_all_communities(session: Session) -> list[tuple[UUID, UUID]]:
    """List (promoter, community) of every promoter: for the clock, which works for all of them."""
    rows = select(Community.promoter_id, Community.id).order_by(col(Community.created_at))
    return [(promoter_id, community_id) for promoter_id, community_id in session.exec(rows)]
