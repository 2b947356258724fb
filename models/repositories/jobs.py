"""Jobs: asked for once, claimed by one worker at a time, ended by the worker that holds them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select, update

from models.tables.jobs import JobRun, JobState

MAX_ATTEMPTS = 3
"""Claims after which a job that never ends is given up."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker shows to prove that a job is still its own."""

    promoter_id: UUID
    job_id: UUID
    worker: str
    attempt: int


def add_job(session: Session, job: JobRun) -> JobRun:
    """Queue a job, or return the one that its deduplication key already stands for.

    A failed job gives its key up, so that the work can be asked for again.
    """
    if job.deduplication_key is not None:
        rows = select(JobRun).where(
            JobRun.promoter_id == job.promoter_id,
            JobRun.deduplication_key == job.deduplication_key,
            JobRun.state != JobState.FAILED,
        )
        standing = session.exec(rows).one_or_none()
        if standing is not None:
            return standing
    session.add(job)
    session.flush()
    return job


def get_job(session: Session, *, promoter_id: UUID, job_id: UUID) -> JobRun | None:
    """Read one job."""
    return map_jobs(session, promoter_id=promoter_id, job_ids=[job_id]).get(job_id)


def map_jobs(
    session: Session, *, promoter_id: UUID, job_ids: Collection[UUID]
) -> dict[UUID, JobRun]:
    """Read jobs by id."""
    rows = select(JobRun).where(JobRun.promoter_id == promoter_id, col(JobRun.id).in_(job_ids))
    return {job.id: job for job in session.exec(rows)}


def claim_next_job(
    session: Session, *, worker: str, now: datetime, lease_until: datetime
) -> tuple[Claim, JobRun] | None:
    """Take the oldest job of any promoter that is queued or whose worker fell silent."""
    oldest = (
        select(JobRun.id)
        .where(_claimable(now), col(JobRun.attempts) < MAX_ATTEMPTS)
        .order_by(col(JobRun.created_at), col(JobRun.id))
        .limit(1)
        .scalar_subquery()
    )
    taken = (
        update(JobRun)
        .where(col(JobRun.id) == oldest)
        .values(
            state=JobState.RUNNING,
            worker=worker,
            lease_until=lease_until,
            started_at=now,
            attempts=JobRun.attempts + 1,
            progress_share=0.0,
            stage=None,
        )
        .returning(JobRun)
        .execution_options(populate_existing=True)
    )
    job = session.scalars(taken).one_or_none()
    if job is None:
        return None
    return Claim(job.promoter_id, job.id, worker, job.attempts), job


def give_up_jobs(session: Session, *, now: datetime) -> int:
    """Fail the jobs whose last permitted worker fell silent; return how many."""
    given_up = (
        update(JobRun)
        .where(_claimable(now), col(JobRun.attempts) >= MAX_ATTEMPTS)
        .values(
            state=JobState.FAILED,
            error_code="unexpected",
            error_message=f"the worker stopped without an answer {MAX_ATTEMPTS} times",
            finished_at=now,
            lease_until=None,
        )
    )
    return session.exec(given_up).rowcount


def renew_job(
    session: Session,
    claim: Claim,
    *,
    lease_until: datetime,
    progress_share: float,
    stage: str | None = None,
) -> bool:
    """Report progress and keep the job; False when another worker has taken it."""
    return _change(
        session, claim, lease_until=lease_until, progress_share=progress_share, stage=stage
    )


def finish_job(
    session: Session,
    claim: Claim,
    *,
    finished_at: datetime,
    result_id: UUID | None = None,
    report: dict[str, object] | None = None,
) -> bool:
    """End a job with its result; False when another worker has taken it."""
    return _change(
        session,
        claim,
        state=JobState.SUCCEEDED,
        progress_share=1.0,
        lease_until=None,
        finished_at=finished_at,
        result_id=result_id,
        report=report,
    )


def fail_job(
    session: Session,
    claim: Claim,
    *,
    finished_at: datetime,
    error_code: str,
    error_message: str,
    report: dict[str, object] | None = None,
) -> bool:
    """End a job with its error; False when another worker has taken it."""
    return _change(
        session,
        claim,
        state=JobState.FAILED,
        lease_until=None,
        finished_at=finished_at,
        error_code=error_code,
        error_message=error_message,
        report=report,
    )


def _claimable(now: datetime) -> ColumnElement[bool]:
    silent = and_(col(JobRun.state) == JobState.RUNNING, col(JobRun.lease_until) < now)
    return or_(col(JobRun.state) == JobState.QUEUED, silent)


def _change(session: Session, claim: Claim, **values: object) -> bool:
    """Change a job that the claim still holds."""
    held = (
        update(JobRun)
        .where(
            col(JobRun.promoter_id) == claim.promoter_id,
            col(JobRun.id) == claim.job_id,
            col(JobRun.state) == JobState.RUNNING,
            col(JobRun.worker) == claim.worker,
            col(JobRun.attempts) == claim.attempt,
        )
        .values(**values)
    )
    return session.exec(held).rowcount == 1
