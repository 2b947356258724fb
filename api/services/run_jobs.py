"""Claim queued jobs, keep them while they run, and end them with a result or a typed error."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.plan_coefficients import InfeasiblePlanError
from api.services.request_job import JobKind
from loaders.community_archive import FaultyArchiveError
from loaders.faults import FaultyInputError
from models.repositories.jobs import (
    Claim,
    claim_next_job,
    fail_job,
    finish_job,
    give_up_jobs,
    renew_job,
)
from models.session import write_session
from models.values.errors import CommunityError, ConflictError, ErrorCode

Clock = Callable[[], datetime]

_REPORT_EVERY = timedelta(seconds=0.5)
_FAULTS_KEPT = 10_000


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
    """

    engine: Engine
    claim: Claim
    kind: JobKind
    arguments: dict[str, Any]
    lease: timedelta
    clock: Clock
    _share: float = 0.0
    _stage: str | None = None
    _reported_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def promoter_id(self) -> UUID:
        """On whose behalf it runs."""
        return self.claim.promoter_id

    def report(self, share: float, stage: str) -> None:
        """Note how far the work is, and store it if the last time was half a second ago.

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
        self._share, self._stage = min(max(share, 0.0), 1.0), stage
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
        """Hold the transaction that stores the result; signs of life wait until it has ended.

        Yields
        ------
        Session
            Committed at the end, rolled back on any error. Do not report progress inside.
        """
        with self._lock, write_session(self.engine) as session:
            yield session

    def complete(
        self, session: Session, *, result_id: UUID, report: dict[str, Any] | None = None
    ) -> None:
        """End the job in the transaction that stores its result.

        Parameters
        ----------
        session : Session
            The transaction; it must be rolled back on an error.
        result_id : UUID
            What the job made.
        report : dict, optional
            What it did, as JSON values.

        Raises
        ------
        LostClaimError
            If another worker took the job; then nothing may be stored.
        """
        if not finish_job(
            session, self.claim, finished_at=self.clock(), result_id=result_id, report=report
        ):
            raise LostClaimError(self.claim.job_id)

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
        with write_session(self.engine) as session:
            fail_job(
                session,
                self.claim,
                finished_at=self.clock(),
                error_code=code.value,
                error_message=message,
                report=report,
            )


def claim_job(*, engine: Engine, worker: str, lease: timedelta, clock: Clock) -> RunningJob | None:
    """Take the oldest job that waits or whose worker fell silent.

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

    Returns
    -------
    RunningJob or None
        The job; None when there is nothing to do.
    """
    now = clock()
    with write_session(engine) as session:
        give_up_jobs(session, now=now)
        claimed = claim_next_job(session, worker=worker, now=now, lease_until=now + lease)
        if claimed is None:
            return None
        claim, job = claimed
        return RunningJob(
            engine=engine,
            claim=claim,
            kind=JobKind(job.kind),
            arguments=dict(job.arguments),
            lease=lease,
            clock=clock,
        )


def describe_failure(error: CommunityError) -> dict[str, Any] | None:
    """Tell what an error carries beside its message, as JSON values.

    Parameters
    ----------
    error : CommunityError
        Any expected failure.

    Returns
    -------
    dict or None
        ``faults`` of data; or ``conflict``, the labels of a smallest set of limits that cannot
        hold together, and ``largest_floor``; None for most errors.
    """
    if isinstance(error, InfeasiblePlanError):
        return {"conflict": list(error.conflict), "largest_floor": error.largest_floor}
    faults = describe_faults(error)
    return {"faults": faults} if faults else None


def describe_faults(error: CommunityError) -> list[dict[str, str]]:
    """List the faults that an error carries, as JSON values.

    Parameters
    ----------
    error : CommunityError
        Any expected failure.

    Returns
    -------
    list of dict
        ``file``, ``place`` and ``reason`` of at most 10,000 faults; empty for most errors.
    """
    if not isinstance(error, FaultyInputError | FaultyArchiveError):
        return []
    return [
        {"file": fault.file, "place": fault.place or "", "reason": fault.reason}
        for fault in error.faults[:_FAULTS_KEPT]
    ]
