"""Results that rest on readings or prices: which of them a change of these touches."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from models.tables.allocations import AllocatedEnergy, MonthAllocation
from models.tables.proposals import CoefficientProposal, ProposedCoefficient


class TouchedMonth(NamedTuple):
    """A shared-out month of an installation."""

    installation_id: UUID
    starts_at: datetime


def list_proposals_of_plants(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID], year: int
) -> list[UUID]:
    """List the proposals of installations that were made with a year."""
    rows = select(CoefficientProposal.id).where(
        CoefficientProposal.promoter_id == promoter_id,
        CoefficientProposal.year == year,
        col(CoefficientProposal.installation_id).in_(installation_ids),
    )
    return list(session.exec(rows))


def list_proposals_of_points(
    session: Session, *, promoter_id: UUID, supply_point_ids: Collection[UUID], year: int
) -> list[UUID]:
    """List the proposals that were made with a year of any of some supply points."""
    rows = (
        select(CoefficientProposal.id)
        .join(ProposedCoefficient, col(ProposedCoefficient.proposal_id) == CoefficientProposal.id)
        .where(
            CoefficientProposal.promoter_id == promoter_id,
            CoefficientProposal.year == year,
            col(ProposedCoefficient.supply_point_id).in_(supply_point_ids),
        )
        .distinct()
    )
    return list(session.exec(rows))


def list_allocations_of_plants(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    starts_at: datetime,
) -> list[TouchedMonth]:
    """List the installations that shared a month out, among some."""
    rows = (
        select(MonthAllocation.installation_id, MonthAllocation.starts_at)
        .where(
            MonthAllocation.promoter_id == promoter_id,
            MonthAllocation.starts_at == starts_at,
            col(MonthAllocation.installation_id).in_(installation_ids),
        )
        .distinct()
    )
    return [TouchedMonth._make(row) for row in session.exec(rows)]


def list_allocations_of_points(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    starts_at: datetime,
) -> list[TouchedMonth]:
    """List the installations that shared a month out, by some version, to any of some points."""
    rows = (
        select(MonthAllocation.installation_id, MonthAllocation.starts_at)
        .join(AllocatedEnergy, col(AllocatedEnergy.allocation_id) == MonthAllocation.id)
        .where(
            MonthAllocation.promoter_id == promoter_id,
            MonthAllocation.starts_at == starts_at,
            col(AllocatedEnergy.supply_point_id).in_(supply_point_ids),
        )
        .distinct()
    )
    return [TouchedMonth._make(row) for row in session.exec(rows)]
