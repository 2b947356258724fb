"""Supply points of members."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import inspect
from sqlmodel import Session, col, func, select, update

from models.repositories.by_key import group_by_key, map_by_key
from models.tables.members import Member, SupplyPoint


def map_supply_points(
    session: Session, *, promoter_id: UUID, supply_point_ids: Collection[UUID]
) -> dict[UUID, SupplyPoint]:
    """Read supply points by id."""
    return map_by_key(session, SupplyPoint, supply_point_ids, promoter_id=promoter_id)


def map_supply_points_by_cups(
    session: Session, *, promoter_id: UUID, cups: Collection[str]
) -> dict[str, SupplyPoint]:
    """Read supply points by CUPS."""
    return map_by_key(session, SupplyPoint, cups, promoter_id=promoter_id, key="cups")


def list_supply_points_of_meters(
    session: Session, *, promoter_id: UUID, meters: Collection[str]
) -> list[SupplyPoint]:
    """Read supply points by the first 20 characters of their CUPS."""
    rows = select(SupplyPoint).where(
        SupplyPoint.promoter_id == promoter_id,
        func.substr(SupplyPoint.cups, 1, 20).in_(meters),
    )
    return list(session.exec(rows))


def count_supply_points_of_meter(session: Session, *, promoter_id: UUID, meter: str) -> int:
    """Count the supply points of a meter in all of a promoter, however far the caller reaches."""
    point = inspect(SupplyPoint).local_table.c
    rows = select(func.count(point.id)).where(
        point.promoter_id == promoter_id, func.substr(point.cups, 1, 20) == meter
    )
    return session.exec(rows).one()


def list_community_supply_points(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> list[SupplyPoint]:
    """Read the supply points of all members of a community, by CUPS."""
    groups = group_community_supply_points(
        session, promoter_id=promoter_id, community_ids=[community_id]
    )
    return groups[community_id]


def group_community_supply_points(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, list[SupplyPoint]]:
    """Read the supply points of all members of many communities, by CUPS."""
    rows = (
        select(Member.community_id, SupplyPoint)
        .join(Member, col(Member.id) == SupplyPoint.member_id)
        .where(SupplyPoint.promoter_id == promoter_id, col(Member.community_id).in_(community_ids))
        .order_by(col(SupplyPoint.cups))
    )
    groups: dict[UUID, list[SupplyPoint]] = {key: [] for key in community_ids}
    for community_id, supply_point in session.exec(rows):
        groups[community_id].append(supply_point)
    return groups


def group_supply_points(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, list[SupplyPoint]]:
    """Read the supply points of many members, by CUPS."""
    return group_by_key(
        session,
        SupplyPoint,
        member_ids,
        promoter_id=promoter_id,
        key="member_id",
        order=("cups",),
    )


def describe_metering_point(
    session: Session, supply_point: SupplyPoint, *, distributor_code: str, point_type: int
) -> None:
    """Note what Datadis knows of a supply point."""
    described = (
        update(SupplyPoint)
        .where(col(SupplyPoint.id) == supply_point.id)
        .values(distributor_code=distributor_code, point_type=point_type)
    )
    session.exec(described)
