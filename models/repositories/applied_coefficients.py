"""What the distributor applied of agreements, day by day, and how that record came to be."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert
from sqlmodel import Session, col, select

from models.repositories.by_key import group_by_key, map_by_key
from models.tables.agreements import (
    AppliedChange,
    AppliedCoefficient,
    DistributionCoefficient,
)

# Else rows with and without an end, which alternate, are stored one by one.
_AT_A_STROKE = {"render_nulls": True}


def group_applied(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, list[AppliedCoefficient]]:
    """Read the periods of many installations, by supply point and then by day."""
    return group_by_key(
        session,
        AppliedCoefficient,
        installation_ids,
        promoter_id=promoter_id,
        key="installation_id",
        order=("supply_point_id", "valid_from"),
    )


def group_agreement_applied(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[AppliedCoefficient]]:
    """Read the periods of many agreements, in the order of the distributor's file, then by day."""
    rows = (
        select(AppliedCoefficient)
        .join(
            DistributionCoefficient,
            (col(DistributionCoefficient.agreement_id) == AppliedCoefficient.agreement_id)
            & (col(DistributionCoefficient.supply_point_id) == AppliedCoefficient.supply_point_id),
        )
        .where(
            AppliedCoefficient.promoter_id == promoter_id,
            col(AppliedCoefficient.agreement_id).in_(agreement_ids),
        )
        .order_by(col(DistributionCoefficient.position), col(AppliedCoefficient.valid_from))
    )
    groups: dict[UUID, list[AppliedCoefficient]] = {key: [] for key in agreement_ids}
    for period in session.exec(rows):
        groups[period.agreement_id].append(period)
    return groups


def group_agreement_changes(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[AppliedChange]]:
    """Read every act on the record of many agreements, oldest first."""
    return group_by_key(
        session,
        AppliedChange,
        agreement_ids,
        promoter_id=promoter_id,
        key="agreement_id",
        order=("recorded_at", "supply_point_id", "valid_from"),
    )


def map_applied(
    session: Session, *, promoter_id: UUID, applied_ids: Collection[UUID]
) -> dict[UUID, AppliedCoefficient]:
    """Read periods by id."""
    return map_by_key(session, AppliedCoefficient, applied_ids, promoter_id=promoter_id)


def replace_applied(
    session: Session, *, gone: Collection[UUID], rows: Collection[AppliedCoefficient]
) -> None:
    """Take periods out and store others, which may have their ids, each at a stroke."""
    if gone:
        one = delete(AppliedCoefficient).where(col(AppliedCoefficient.id) == bindparam("gone"))
        session.connection().execute(one, [{"gone": key} for key in gone])
    if rows:
        values = [row.model_dump() for row in rows]
        session.execute(insert(AppliedCoefficient), values, execution_options=_AT_A_STROKE)


def add_applied_changes(session: Session, changes: Sequence[dict[str, Any]]) -> None:
    """Store acts on the record, all at a stroke."""
    if changes:
        session.execute(insert(AppliedChange), list(changes), execution_options=_AT_A_STROKE)


def find_last_change(
    session: Session, *, promoter_id: UUID, installation_id: UUID
) -> AppliedChange | None:
    """Read one of the newest acts on the record of an installation."""
    rows = (
        select(AppliedChange)
        .where(
            AppliedChange.promoter_id == promoter_id,
            AppliedChange.installation_id == installation_id,
        )
        .order_by(col(AppliedChange.recorded_at).desc())
        .limit(1)
    )
    return session.exec(rows).one_or_none()
