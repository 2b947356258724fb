"""Jobs: asked for once, claimed by one worker at a time, ended by the worker that holds them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, ScalarSelect, exists, func
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, and_, col, delete, or_, select, update

from models.job_delivery import deliver_job, has_no_delivery
from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.jobs import JobRun, JobState
from models.values.listing import EVERYTHING, ListWish

MAX_ATTEMPTS = 5
"""Claims after which a job that never ends is given up."""

_DELIVERIES_AT_ONCE = 1_000
_NEWEST = Listing(JobRun, parent="promoter_id", order="created_at", newest_first=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker shows to prove that a job is still its own."""

    promoter_id: UUID
    job_id: UUID
    worker: str
    attempt: int


def add_job(session: Session, job: JobRun) -> JobRun:
    """Queue a job and tell the workers, or return the one that its key already stands for.

    A failed job gives its key up, so that the work can be asked for again.
    """
    find = partial(
        find_standing_job,
        session,
        promoter_id=job.promoter_id,
        deduplication_key=job.deduplication_key,
    )
    if (standing := find()) is not None:
        return standing
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        # Somebody else asked for the same in this very moment.
        if (standing := find()) is None:
            raise
        return standing
    deliver_job(session, job.id, due_at=job.due_at)
    return job


def find_standing_job(
    session: Session, *, promoter_id: UUID, deduplication_key: str | None
) -> JobRun | None:
    """Read the job that a deduplication key stands for."""
    if deduplication_key is None:
        return None
    rows = select(JobRun).where(
        JobRun.promoter_id == promoter_id,
        JobRun.deduplication_key == deduplication_key,
        JobRun.state != JobState.FAILED,
    )
    return session.exec(rows).one_or_none()


def get_job(session: Session, *, promoter_id: UUID, job_id: UUID) -> JobRun | None:
    """Read one job."""
    return map_jobs(session, promoter_id=promoter_id, job_ids=[job_id]).get(job_id)


def map_jobs(
    session: Session, *, promoter_id: UUID, job_ids: Collection[UUID]
) -> dict[UUID, JobRun]:
    """Read jobs by id."""
    return map_by_key(session, JobRun, job_ids, promoter_id=promoter_id)


def page_jobs(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[JobRun]]:
    """Read a page of promoters' jobs, newest first."""
    tenant = col(JobRun.promoter_id) == promoter_id
    return _NEWEST.read_pages(session, tenant, parent_ids=promoter_ids, request=request)


def count_jobs(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count promoters' jobs."""
    tenant = col(JobRun.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=promoter_ids, wish=wish)


def map_job_marks(session: Session, *, job_ids: Collection[UUID]) -> dict[UUID, str]:
    """Tell, for jobs of any promoter, a text that changes whenever what they show does."""
    shown: list[Any] = [
        *(JobRun.id, JobRun.state, JobRun.progress_share, JobRun.stage, JobRun.attempts)
    ]
    rows = session.execute(select_columns(*shown).where(col(JobRun.id).in_(job_ids)))
    return {row[0]: mark_job(*row) for row in rows}


def mark_job(
    job_id: UUID, state: JobState, progress_share: float, stage: str | None, attempts: int
) -> str:
    """Put what a job shows into a short text."""
    shown = f"{job_id} {state.value} {progress_share!r} {attempts} {stage or ''}"
    return sha256(shown.encode()).hexdigest()[:16]


def claim_next_job(
    session: Session, *, worker: str, now: datetime, lease_until: datetime
) -> tuple[Claim, JobRun] | None:
    """Take the oldest job of any promoter whose worker fell silent, or else that is queued."""
    # Two questions: each walks along the index, where one for both would sort the whole queue.
    oldest = func.coalesce(_find_oldest(_silent(now)), _find_oldest(_due(now)))
    return _claim(session, col(JobRun.id) == oldest, worker, now, lease_until)


def _find_oldest(wanted: ColumnElement[bool]) -> ScalarSelect[UUID]:
    return (
        select(JobRun.id)
        .where(wanted, col(JobRun.attempts) < MAX_ATTEMPTS)
        .order_by(col(JobRun.created_at), col(JobRun.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )


def claim_delivered_job(
    session: Session, *, job_id: UUID, worker: str, now: datetime, lease_until: datetime
) -> tuple[Claim, JobRun] | None:
    """Take the job that was delivered; None when another has it, or it has ended."""
    wanted = and_(col(JobRun.id) == job_id, _claimable(now), col(JobRun.attempts) < MAX_ATTEMPTS)
    return _claim(session, wanted, worker, now, lease_until)


def _claim(
    session: Session,
    wanted: ColumnElement[bool],
    worker: str,
    now: datetime,
    lease_until: datetime,
) -> tuple[Claim, JobRun] | None:
    taken = (
        update(JobRun)
        .where(wanted)
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


def list_undelivered_jobs(session: Session, *, now: datetime, asked_before: datetime) -> list[UUID]:
    """List jobs on PostgreSQL that could run and of which no worker is told, oldest first.

    Those that were asked for a moment ago may be on their way from a delivery to a claim.
    """
    rows = (
        select(JobRun.id)
        .where(
            _claimable(now),
            col(JobRun.attempts) < MAX_ATTEMPTS,
            col(JobRun.created_at) < asked_before,
            has_no_delivery(JobRun.id),
        )
        .order_by(col(JobRun.created_at), col(JobRun.id))
        .limit(_DELIVERIES_AT_ONCE)
    )
    return list(session.exec(rows))


def give_up_jobs(session: Session, *, now: datetime) -> list[JobRun]:
    """Fail the jobs whose last permitted worker fell silent, and return them."""
    given_up = (
        update(JobRun)
        .where(_silent(now), col(JobRun.attempts) >= MAX_ATTEMPTS)
        .values(
            state=JobState.FAILED,
            error_code="unexpected",
            error_message=f"the worker stopped without an answer {MAX_ATTEMPTS} times",
            finished_at=now,
            lease_until=None,
        )
        .returning(JobRun)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(given_up))


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


def requeue_job(session: Session, claim: Claim, *, due_at: datetime) -> bool:
    """Give a job back to be tried again later; False when another worker has taken it."""
    is_ours = _change(
        session, claim, state=JobState.QUEUED, lease_until=None, worker=None, due_at=due_at
    )
    if is_ours:
        deliver_job(session, claim.job_id, due_at=due_at)
    return is_ours


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


def remove_old_jobs(session: Session, *, finished_before: datetime, at_most: int) -> int:
    """Remove jobs that ended long ago and to which no row refers; return how many."""
    old = (
        select(JobRun.id)
        .where(
            col(JobRun.state).in_([JobState.SUCCEEDED, JobState.FAILED]),
            # What ended before was asked for before, and that is what the index knows.
            col(JobRun.created_at) < finished_before,
            col(JobRun.finished_at) < finished_before,
            *(~exists().where(column == JobRun.id) for column in _list_references()),
        )
        .limit(at_most)
    )
    return session.exec(delete(JobRun).where(col(JobRun.id).in_(old))).rowcount


def _list_references() -> list[Column[Any]]:
    """List the columns of all tables that hold the id of a job."""
    job_run = SQLModel.metadata.tables["job_run"]
    return [
        key.parent
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.references(job_run)
    ]


def _claimable(now: datetime) -> ColumnElement[bool]:
    return or_(_due(now), _silent(now))


def count_jobs_by_state(session: Session) -> dict[JobState, int]:
    """Count the jobs of all promoters that have not ended, zeros included."""
    open_states = (JobState.QUEUED, JobState.RUNNING)
    rows = session.exec(
        select(JobRun.state, func.count())
        .where(col(JobRun.state).in_(open_states))
        .group_by(JobRun.state)
    )
    counted = {JobState(state): number for state, number in rows}
    return {state: counted.get(state, 0) for state in open_states}


def _due(now: datetime) -> ColumnElement[bool]:
    is_due = or_(col(JobRun.due_at).is_(None), col(JobRun.due_at) <= now)
    return and_(col(JobRun.state) == JobState.QUEUED, is_due)


def _silent(now: datetime) -> ColumnElement[bool]:
    return and_(col(JobRun.state) == JobState.RUNNING, col(JobRun.lease_until) < now)


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
