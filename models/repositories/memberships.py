"""Who shares in an installation."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.tables.members import Membership


def group_open_memberships(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, list[Membership]]:
    """Read the memberships without an end of many installations, in the order of the list."""
    rows = (
        select(Membership)
        .where(
            Membership.promoter_id == promoter_id,
            col(Membership.installation_id).in_(installation_ids),
            col(Membership.valid_until).is_(None),
        )
        .order_by(col(Membership.position), col(Membership.id))
    )
    groups: dict[UUID, list[Membership]] = {key: [] for key in installation_ids}
    for membership in session.exec(rows):
        groups[membership.installation_id].append(membership)
    return groups


def map_last_ends(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], date]:
    """Read the day on which each (installation, supply point) last stopped sharing."""
    rows = (
        select(
            Membership.installation_id,
            Membership.supply_point_id,
            func.max(Membership.valid_until),
        )
        .where(
            Membership.promoter_id == promoter_id,
            col(Membership.installation_id).in_(installation_ids),
            col(Membership.valid_until).is_not(None),
        )
        .group_by(col(Membership.installation_id), col(Membership.supply_point_id))
    )
    return {(plant, point): end for plant, point, end in session.exec(rows) if end is not None}
