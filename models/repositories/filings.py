"""Agreements that were sent to the distributor, and what it answered."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import group_by_key, map_by_key
from models.tables.agreements import Filing, FilingState

_NEWEST_FIRST = ("-filed_on", "-created_at", "-id")


def map_filings(
    session: Session, *, promoter_id: UUID, filing_ids: Collection[UUID]
) -> dict[UUID, Filing]:
    """Read filings by id."""
    return map_by_key(session, Filing, filing_ids, promoter_id=promoter_id)


def get_filing(session: Session, *, promoter_id: UUID, filing_id: UUID) -> Filing | None:
    """Read one filing."""
    return map_filings(session, promoter_id=promoter_id, filing_ids=[filing_id]).get(filing_id)


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
    return group_by_key(
        session,
        Filing,
        agreement_ids,
        promoter_id=promoter_id,
        key="agreement_id",
        order=_NEWEST_FIRST,
    )


def group_plant_filings(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, list[Filing]]:
    """Read the filings of many installations, newest first."""
    return group_by_key(
        session,
        Filing,
        installation_ids,
        promoter_id=promoter_id,
        key="installation_id",
        order=_NEWEST_FIRST,
    )
