"""Erasures of people, and what stands in their way."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, delete, func, or_, select

from models.tables import (
    AgreementState,
    AllocatedEnergy,
    AppliedCoefficient,
    DistributionAgreement,
    Erasure,
    Filing,
    FilingState,
    HolderChange,
    JobRun,
    JobState,
    LedgerEntry,
    Membership,
    MessageState,
    MonthAllocation,
    OutboxMessage,
    Reading,
    SupplyPoint,
    Upload,
)

_HOLD_JOBS = text("LOCK TABLE job_run IN SHARE ROW EXCLUSIVE MODE")
_EXPORTS = ("export_accounts", "export_data")


def find_erasure(session: Session, *, promoter_id: UUID, member_id: UUID) -> Erasure | None:
    """Find the erasure of a member."""
    return session.exec(
        select(Erasure).where(Erasure.promoter_id == promoter_id, Erasure.member_id == member_id)
    ).one_or_none()


def get_erasure(session: Session, *, promoter_id: UUID, erasure_id: UUID) -> Erasure | None:
    """Read an erasure."""
    return session.exec(
        select(Erasure).where(Erasure.promoter_id == promoter_id, Erasure.id == erasure_id)
    ).one_or_none()


def list_erased_points(session: Session, *, promoter_id: UUID) -> set[UUID]:
    """List the supply points of members who were erased."""
    rows = (
        select(SupplyPoint.id)
        .join(Erasure, col(Erasure.member_id) == SupplyPoint.member_id)
        .where(Erasure.promoter_id == promoter_id)
    )
    return set(session.exec(rows))


def hold_jobs(session: Session) -> None:
    """Let no job be taken up or asked for before this transaction has ended.

    On SQLite nobody writes beside it anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_HOLD_JOBS)


def count_shares(session: Session, *, point_ids: Collection[UUID], on: date) -> int:
    """Count where supply points share on a day or later."""
    parts = [
        select(func.count())
        .select_from(kind)
        .where(
            col(kind.supply_point_id).in_(point_ids),
            or_(col(kind.valid_until).is_(None), col(kind.valid_until) > on),
        )
        for kind in (Membership, AppliedCoefficient)
    ]
    return sum(session.exec(part).one() for part in parts)


def count_undecided_agreements(session: Session, *, agreement_ids: Collection[UUID]) -> int:
    """Count the agreements that are drafts, or at the distributor's."""
    drafts = select(func.count()).where(
        col(DistributionAgreement.id).in_(agreement_ids),
        DistributionAgreement.state == AgreementState.DRAFT,
    )
    filed = select(func.count()).where(
        col(Filing.agreement_id).in_(agreement_ids), Filing.state == FilingState.IN_FLIGHT
    )
    return session.exec(drafts).one() + session.exec(filed).one()


def count_unfinished_work(
    session: Session, *, promoter_id: UUID, message_ids: Collection[UUID]
) -> int:
    """Count the jobs that run, or wait to read a file, and the e-mails that are being sent."""
    jobs = select(func.count()).where(
        JobRun.promoter_id == promoter_id,
        or_(
            JobRun.state == JobState.RUNNING,
            (col(JobRun.state) == JobState.QUEUED) & col(JobRun.upload_id).is_not(None),
        ),
    )
    sending = select(func.count()).where(
        col(OutboxMessage.id).in_(message_ids), OutboxMessage.state == MessageState.SENDING
    )
    return session.exec(jobs).one() + session.exec(sending).one()


def list_kept_files(session: Session, *, promoter_id: UUID) -> dict[str, list[str]]:
    """List what a promoter has beside the database: files that were sent, and exports."""
    uploads = select(Upload.id).where(Upload.promoter_id == promoter_id)
    exports = select(JobRun.id).where(
        JobRun.promoter_id == promoter_id, col(JobRun.kind).in_(_EXPORTS)
    )
    return {
        "uploads": sorted(str(key) for key in session.exec(uploads)),
        "exports": sorted(str(key) for key in session.exec(exports)),
    }


def find_last_entry(session: Session, *, promoter_id: UUID, member_id: UUID) -> date | None:
    """Find the day of the last entry in the books about a member."""
    rows = select(func.max(LedgerEntry.posted_on)).where(
        LedgerEntry.promoter_id == promoter_id, LedgerEntry.member_id == member_id
    )
    return session.exec(rows).one()


def list_handed_over(
    session: Session, *, promoter_id: UUID, member_id: UUID
) -> list[tuple[UUID, date]]:
    """List the supply points that a member had before others, each with the day it went on."""
    rows = select(col(HolderChange.supply_point_id), col(HolderChange.changed_on)).where(
        HolderChange.promoter_id == promoter_id, HolderChange.from_member_id == member_id
    )
    return [(key, day) for key, day in session.exec(rows)]


def forget_months_before(session: Session, *, point_id: UUID, instant: datetime) -> int:
    """Delete a supply point's months that start before an instant, as read and as shared out."""
    earlier = select(MonthAllocation.id).where(col(MonthAllocation.starts_at) < instant)
    statements: tuple[Any, ...] = (
        delete(AllocatedEnergy).where(
            col(AllocatedEnergy.supply_point_id) == point_id,
            col(AllocatedEnergy.allocation_id).in_(earlier),
        ),
        delete(Reading).where(
            col(Reading.supply_point_id) == point_id, col(Reading.starts_at) < instant
        ),
    )
    return sum(session.exec(each).rowcount for each in statements)
