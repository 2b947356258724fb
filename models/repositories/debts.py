"""What was done about debts, and which supplies are protected."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, or_, select

from models.repositories.by_key import group_by_key
from models.tables import (
    DebtStep,
    FinalSettlement,
    HolderChange,
    OutboxMessage,
    ProtectedSupply,
    SupplyPoint,
)
from models.values.debts import SupplyProtection


def group_debt_steps(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, list[DebtStep]]:
    """Read what was done about the debts of members, in the order of its days."""
    return group_by_key(
        session,
        DebtStep,
        member_ids,
        promoter_id=promoter_id,
        key="member_id",
        order=("taken_on", "recorded_at", "id"),
    )


def map_letters(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, OutboxMessage]:
    """Read the e-mails by which steps were told to members, by step."""
    rows = (
        select(DebtStep.id, OutboxMessage)
        .join(OutboxMessage, col(DebtStep.message_id) == OutboxMessage.id)
        .where(DebtStep.promoter_id == promoter_id, col(DebtStep.member_id).in_(member_ids))
    )
    return dict(session.exec(rows).all())


def group_protections(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID], on: date
) -> dict[UUID, list[ProtectedSupply]]:
    """Read which protections the supply points of members have on a day."""
    rows = (
        select(SupplyPoint.member_id, ProtectedSupply)
        .join(ProtectedSupply, col(ProtectedSupply.supply_point_id) == SupplyPoint.id)
        .where(
            ProtectedSupply.promoter_id == promoter_id,
            col(SupplyPoint.member_id).in_(member_ids),
            col(ProtectedSupply.valid_from) <= on,
            or_(col(ProtectedSupply.valid_until).is_(None), col(ProtectedSupply.valid_until) > on),
        )
        .order_by(col(ProtectedSupply.valid_from), col(ProtectedSupply.id))
    )
    found: defaultdict[UUID, list[ProtectedSupply]] = defaultdict(list)
    for member_id, row in session.exec(rows):
        found[member_id].append(row)
    return found


def find_protection(
    session: Session, *, promoter_id: UUID, supply_point_id: UUID, protection: SupplyProtection
) -> ProtectedSupply | None:
    """Read the protection of a supply point that has no end yet, which is going to change."""
    rows = (
        select(ProtectedSupply)
        .where(
            ProtectedSupply.promoter_id == promoter_id,
            ProtectedSupply.supply_point_id == supply_point_id,
            ProtectedSupply.protection == protection,
            col(ProtectedSupply.valid_until).is_(None),
        )
        .with_for_update()
    )
    return session.exec(rows).first()


def list_settlements(
    session: Session, *, promoter_id: UUID, supply_point_id: UUID, left_on: date
) -> list[FinalSettlement]:
    """Read what was settled when a supply point left."""
    rows = select(FinalSettlement).where(
        FinalSettlement.promoter_id == promoter_id,
        FinalSettlement.supply_point_id == supply_point_id,
        FinalSettlement.left_on == left_on,
    )
    return list(session.exec(rows))


def group_holder_changes(
    session: Session, *, promoter_id: UUID, supply_point_ids: Collection[UUID]
) -> dict[UUID, list[HolderChange]]:
    """Read the holders that supply points had, in the order of their days."""
    return group_by_key(
        session,
        HolderChange,
        supply_point_ids,
        promoter_id=promoter_id,
        key="supply_point_id",
        order=("changed_on",),
    )
