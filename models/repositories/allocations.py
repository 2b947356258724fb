"""Months that were shared out: versions are appended, and the newest of each is what counts."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.repositories.by_key import group_by_key
from models.tables.allocations import AllocatedEnergy, MonthAllocation


def list_latest_allocations(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[MonthAllocation]:
    """Read the newest version of every month that starts in [since, until), by its start."""
    newest = (
        select(
            MonthAllocation.installation_id,
            MonthAllocation.starts_at,
            func.max(MonthAllocation.version).label("newest"),
        )
        .where(
            MonthAllocation.promoter_id == promoter_id,
            col(MonthAllocation.installation_id).in_(installation_ids),
            col(MonthAllocation.starts_at) >= since,
            col(MonthAllocation.starts_at) < until,
        )
        .group_by(col(MonthAllocation.installation_id), col(MonthAllocation.starts_at))
        .subquery()
    )
    rows = (
        select(MonthAllocation)
        .join(
            newest,
            (col(MonthAllocation.installation_id) == newest.c.installation_id)
            & (col(MonthAllocation.starts_at) == newest.c.starts_at)
            & (col(MonthAllocation.version) == newest.c.newest),
        )
        .order_by(col(MonthAllocation.starts_at), col(MonthAllocation.installation_id))
    )
    return list(session.exec(rows))


def group_allocated_energy(
    session: Session, *, promoter_id: UUID, allocation_ids: Collection[UUID]
) -> dict[UUID, list[AllocatedEnergy]]:
    """Read the parts of many months, by supply point."""
    return group_by_key(
        session,
        AllocatedEnergy,
        allocation_ids,
        promoter_id=promoter_id,
        key="allocation_id",
        order=("supply_point_id",),
    )


def add_allocation(
    session: Session, allocation: MonthAllocation, parts: Collection[AllocatedEnergy]
) -> None:
    """Store a month and everybody's part of it."""
    session.add(allocation)
    session.flush()
    session.add_all(parts)
    session.flush()
