"""Agreements that were sent to the distributor, and what it answered."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.tables.agreements import Filing, FilingState


def map_filings(
    session: Session, *, promoter_id: UUID, filing_ids: Collection[UUID]
) -> dict[UUID, Filing]:
    """Read filings by id."""
    return map_by_key(session, Filing, filing_ids, promoter_id=promoter_id)


def get_filing(session: Session, *, promoter_id: UUID, filing_id: UUID) -> Filing | None:
    """Read one filing."""
    rows = select(Filing).where(Filing.promoter_id == promoter_id, Filing.id == filing_id)
    return session.exec(rows).one_or_none()


def map_filings_in_flight(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, Filing]:
    """Read the filing of each installation that waits for its answer, if there is one."""
    rows = select(Filing).where(
        Filing.promoter_id == promoter_id,
        col(Filing.installation_id).in_(installation_ids),
        Filing.state == FilingState.IN_FLIGHT,
    )
    return {filing.installation_id: filing for filing in session.exec(rows)}


def group_filings(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[Filing]]:
    """Read the filings of many agreements, newest first."""
    groups: dict[UUID, list[Filing]] = {key: [] for key in agreement_ids}
    for filing in _list_newest_first(session, promoter_id, col(Filing.agreement_id), agreement_ids):
        groups[filing.agreement_id].append(filing)
    return groups


def group_plant_filings(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, list[Filing]]:
    """Read the filings of many installations, newest first."""
    groups: dict[UUID, list[Filing]] = {key: [] for key in installation_ids}
    for filing in _list_newest_first(
        session, promoter_id, col(Filing.installation_id), installation_ids
    ):
        groups[filing.installation_id].append(filing)
    return groups


def _list_newest_first(
    session: Session, promoter_id: UUID, parent: Mapped[UUID], parent_ids: Collection[UUID]
) -> list[Filing]:
    rows = (
        select(Filing)
        .where(Filing.promoter_id == promoter_id, parent.in_(parent_ids))
        .order_by(col(Filing.filed_on).desc(), col(Filing.created_at).desc(), col(Filing.id).desc())
    )
    return list(session.exec(rows))
