"""Claim queued jobs, keep them while they run, and end them with a result or a typed error."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.audit.keep_trail import Act, Subject, collect_changes, record_act
from api.services.jobs.request_job import JobKind
from models.job_delivery import deliver_job
from models.repositories.jobs import (
    MAX_ATTEMPTS,
    Claim,
    claim_delivered_job,
    claim_next_job,
    fail_job,
    finish_job,
    give_up_jobs,
    list_undelivered_jobs,
    renew_job,
    requeue_job,
)
from models.repositories.notifications import add_notification
from models.session import is_postgres, write_session
from models.tables import NotificationKind
from models.values.audit import AuditChannel
from models.values.errors import ConflictError, ErrorCode

Clock = Callable[[], datetime]

_REPORT_EVERY = timedelta(seconds=0.5)
_LONGEST_STAGE = 200
_RETRY_AFTER = timedelta(seconds=2)
_ROUTINE = frozenset(
    {
        JobKind.FETCH_PRICES,
        JobKind.ALLOCATE_MONTHS,
        JobKind.CHECK_READINGS,
        JobKind.SEND_MESSAGES,
        JobKind.SEND_FISCAL_RECORDS,
    }
)
"""What runs by the clock, for every community: only its failures are worth a word."""


class LostClaimError(ConflictError):
    """Another worker took the job, so this one's result does not count.

    Attributes
    ----------
    job_id : UUID
        The job.
    """

    def __init__(self, job_id: UUID) -> None:
        super().__init__(f"job {job_id} was taken by another worker")
        self.job_id = job_id


@dataclass(slots=True)
class RunningJob:
    """A job in the hands of this worker.

    Attributes
    ----------
    engine : Engine
        The database.
    claim : Claim
        What proves that the job is this worker's.
    kind : JobKind
        What it does.
    arguments : dict
        What it does it with.
    lease : timedelta
        How long it stays this worker's without a sign of life.
    clock : callable
        Tells the present instant.
    correlation_id : str, optional
        Of the request or command that asked for it.
    traceparent : str, optional
        Of the span within which it was asked for.
    """

    engine: Engine
    claim: Claim
    kind: JobKind
    arguments: dict[str, Any]
    lease: timedelta
    clock: Clock
    correlation_id: str | None = None
    traceparent: str | None = None
    _share: float = 0.0
    _stage: str | None = None
    _reported_at: datetime | None = None
    _is_storing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def promoter_id(self) -> UUID:
        """On whose behalf it runs."""
        return self.claim.promoter_id

    def report(self, share: float, stage: str) -> None:
        """Note how far the work is, and store it if the last time was half a second ago.

        While the result is being stored it is only noted.

        Parameters
        ----------
        share : float
            Part of the work that is done, 0 to 1.
        stage : str
            What comes next.

        Raises
        ------
        LostClaimError
            If another worker took the job.
        """
        self._share, self._stage = min(max(share, 0.0), 1.0), stage[:_LONGEST_STAGE]
        if self._is_storing:
            return
        if self._reported_at is None or self.clock() - self._reported_at >= _REPORT_EVERY:
            self.renew()

    def renew(self) -> None:
        """Show a sign of life.

        Raises
        ------
        LostClaimError
            If another worker took the job.
        """
        with self._lock, write_session(self.engine) as session:
            now = self.clock()
            self._reported_at = now
            is_ours = renew_job(
                session,
                self.claim,
                lease_until=now + self.lease,
                progress_share=self._share,
                stage=self._stage,
            )
        if not is_ours:
            raise LostClaimError(self.claim.job_id)

    @contextmanager
    def storing(self) -> Iterator[Session]:
        """Hold the transaction that stores the result.

        On SQLite it is the only one, so signs of life wait for its end, as everybody else does. On
        PostgreSQL they go on beside it.

        Yields
        ------
        Session
            Committed at the end, rolled back on any error.
        """
        turn = nullcontext() if is_postgres(self.engine) else self._lock
        self._is_storing = True
        try:
            with turn, write_session(self.engine) as session:
                collect_changes(session)
                yield session
        finally:
            self._is_storing = False

    def complete(
        self,
        session: Session,
        *,
        result_id: UUID | None = None,
        report: dict[str, Any] | None = None,
    ) -> None:
        """End the job in the transaction that stores its result.

        Parameters
        ----------
        session : Session
            The transaction; it must be rolled back on an error.
        result_id : UUID, optional
            What the job made, if it is one thing.
        report : dict, optional
            What it did, as JSON values.

        Raises
        ------
        LostClaimError
            If another worker took the job; then nothing may be stored.
        """
        now = self.clock()
        if not finish_job(session, self.claim, finished_at=now, result_id=result_id, report=report):
            raise LostClaimError(self.claim.job_id)
        if self.kind not in _ROUTINE:
            self._notify(session, NotificationKind.JOB_SUCCEEDED, now)
        self._record(session)

    def postpone(self) -> bool:
        """Give the job back to be tried again, later after every attempt.

        Returns
        -------
        bool
            False when it was tried often enough: the caller fails it.
        """
        if self.claim.attempt >= MAX_ATTEMPTS:
            return False
        due_at = self.clock() + _RETRY_AFTER * 2 ** (self.claim.attempt - 1)
        with write_session(self.engine) as session:
            requeue_job(session, self.claim, due_at=due_at)
        return True

    def fail(self, code: ErrorCode, message: str, report: dict[str, Any] | None) -> None:
        """End the job with an error; when another worker took it, leave it alone.

        Parameters
        ----------
        code : ErrorCode
            Kind of failure.
        message : str
            What is wrong and what to do.
        report : dict or None
            What else is known of the failure, as JSON values: see ``describe_failure``.
        """
        now = self.clock()
        with write_session(self.engine) as session:
            if fail_job(
                session,
                self.claim,
                finished_at=now,
                error_code=code.value,
                error_message=message,
                report=report,
            ):
                self._notify(session, NotificationKind.JOB_FAILED, now)
                self._record(session, refused=code)

    def _record(self, session: Session, refused: ErrorCode | None = None) -> None:
        """Tell the job's end in the audit trail, as the last step of a transaction."""
        _record_end(
            session, self.promoter_id, self.claim.job_id, self.kind, self.clock, refused=refused
        )

    def _notify(self, session: Session, kind: NotificationKind, at: datetime) -> None:
        add_notification(
            session,
            promoter_id=self.promoter_id,
            kind=kind,
            subject_id=self.claim.job_id,
            at=at,
        )


def claim_job(
    *, engine: Engine, worker: str, lease: timedelta, clock: Clock, job_id: UUID | None = None
) -> RunningJob | None:
    """Take a job that waits or whose worker fell silent.

    Parameters
    ----------
    engine : Engine
        The database.
    worker : str
        Name of this worker.
    lease : timedelta
        How long the job stays its own without a sign of life.
    clock : callable
        Tells the present instant.
    job_id : UUID, optional
        The job that was delivered; the oldest one without it.

    Returns
    -------
    RunningJob or None
        The job; None when there is nothing to do, or somebody else does it.
    """
    now = clock()
    claim = claim_next_job if job_id is None else partial(claim_delivered_job, job_id=job_id)
    with write_session(engine) as session:
        claimed = claim(session, worker=worker, now=now, lease_until=now + lease)
        _give_up(session, clock)
    if claimed is None:
        return None
    proof, job = claimed
    return RunningJob(
        engine=engine,
        claim=proof,
        kind=JobKind(job.kind),
        arguments=dict(job.arguments),
        lease=lease,
        clock=clock,
        correlation_id=job.correlation_id,
        traceparent=job.traceparent,
    )


def deliver_again(*, engine: Engine, lease: timedelta, clock: Clock) -> int:
    """Tell the workers on PostgreSQL of jobs whose worker fell silent, or that no one was told of.

    Parameters
    ----------
    engine : Engine
        The database.
    lease : timedelta
        How long a worker may take from a delivery to its claim.
    clock : callable
        Tells the present instant.

    Returns
    -------
    int
        How many there were, 1,000 at most.
    """
    now = clock()
    with write_session(engine) as session:
        waiting = list_undelivered_jobs(session, now=now, asked_before=now - lease)
        for job_id in waiting:
            deliver_job(session, job_id)
        _give_up(session, clock)
    return len(waiting)


def _give_up(session: Session, clock: Clock) -> None:
    """Fail the jobs that nobody will end, and tell of them, as the last step of a transaction."""
    now = clock()
    given_up = give_up_jobs(session, now=now)
    # Chains of the audit trail are held in the same order by everybody.
    for job in sorted(given_up, key=lambda job: str(job.promoter_id)):
        failed = NotificationKind.JOB_FAILED
        add_notification(
            session, promoter_id=job.promoter_id, kind=failed, subject_id=job.id, at=now
        )
        refused = ErrorCode.UNEXPECTED
        _record_end(session, job.promoter_id, job.id, job.kind, clock, refused=refused)


def _record_end(
    session: Session,
    promoter_id: UUID,
    job_id: UUID,
    kind: str,
    clock: Clock,
    *,
    refused: ErrorCode | None,
) -> None:
    act = Act(
        channel=AuditChannel.JOB,
        action=str(kind),
        correlation_id=job_id.hex,
        clock=clock,
        promoter_id=promoter_id,
    )
    itself = Subject("job_run", job_id, promoter_id)
    record_act(session, act, subjects=[itself], refused=refused)
