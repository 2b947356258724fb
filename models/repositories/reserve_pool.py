"""Who waits for a vacancy."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.reserve_pool import ApplicationState, ReserveApplication

_BY_POSITION = Listing(ReserveApplication, parent="community_id", order="position")
_WAITING = col(ReserveApplication.state) == ApplicationState.WAITING


def page_reserve_pool(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[ReserveApplication]]:
    """Read the same page of many communities' waiting applications, in the order of the list."""
    return _BY_POSITION.read_pages(
        session,
        col(ReserveApplication.promoter_id) == promoter_id,
        _WAITING,
        parent_ids=community_ids,
        request=request,
    )


def count_reserve_pool(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the waiting applications of many communities."""
    tenant = col(ReserveApplication.promoter_id) == promoter_id
    return _BY_POSITION.count_rows(session, tenant, _WAITING, parent_ids=community_ids)


def map_reserve_applications(
    session: Session, *, promoter_id: UUID, application_ids: Collection[UUID]
) -> dict[UUID, ReserveApplication]:
    """Read applications by id, whatever became of them."""
    return map_by_key(session, ReserveApplication, application_ids, promoter_id=promoter_id)


def list_reserve_applications(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> list[ReserveApplication]:
    """Read all applications of a community, whatever became of them, in the order of the list."""
    rows = (
        select(ReserveApplication)
        .where(
            ReserveApplication.promoter_id == promoter_id,
            ReserveApplication.community_id == community_id,
        )
        .order_by(col(ReserveApplication.position), col(ReserveApplication.id))
    )
    return list(session.exec(rows))
