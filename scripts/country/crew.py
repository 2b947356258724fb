"""Worker processes, as an operator starts them, until a set of jobs has ended."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from api.clock import now
from api.services.jobs.progress import Progress
from api.settings import Settings
from models.session import read_session, write_session
from models.tables import JobRun, JobState
from models.values.errors import CommunityError
from scripts.country.settle import SettledCommunity

Request = Callable[[Session, UUID, SettledCommunity, datetime], JobRun]

_LOOK_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 60.0
_LAST_WORDS = 1000
_ENDED = (JobState.SUCCEEDED, JobState.FAILED)


class LostWorkersError(CommunityError):
    """All worker processes ended while jobs waited.

    Attributes
    ----------
    said : str
        The end of what they said.
    """

    def __init__(self, said: str) -> None:
        super().__init__(f"every worker ended before its work did; the last words:\n{said}")
        self.said = said


class FailedJobsError(CommunityError):
    """Jobs of the simulation failed, so that its figures mean nothing.

    Attributes
    ----------
    count : int
        How many.
    reason : str
        What the first said.
    """

    def __init__(self, count: int, message: str) -> None:
        super().__init__(f"{count} jobs failed; the first said: {message}")
        self.count = count
        self.reason = message


@dataclass(frozen=True, slots=True)
class Shift:
    """What a crew did.

    Attributes
    ----------
    n_jobs : int
        Jobs that ended well.
    seconds : float
        From the beginning of the first to the end of the last [s].
    job_seconds : tuple of float
        Each job's own time, rising [s].
    cpu_seconds : float
        Processor time of the workers, their start included; a database server's is not in it [s].
    """

    n_jobs: int
    seconds: float
    job_seconds: tuple[float, ...]
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works: how many, on which database, and where they write what they say."""

    engine: Engine
    settings: Settings
    n_workers: int
    log: Path

    def work_through(
        self,
        request: Request,
        promoter_id: UUID,
        communities: Sequence[SettledCommunity],
        tell: Progress,
    ) -> Shift:
        """Ask for one job a community, all in one transaction, and have them done."""
        asked_at = now()
        with write_session(self.engine) as session:
            for community in communities:
                request(session, promoter_id, community, asked_at)
        before = _children_seconds()
        with self._hired() as workers:
            self._wait(promoter_id, asked_at, workers, tell)
        return self._sum_up(promoter_id, asked_at, _children_seconds() - before)

    @contextmanager
    def _hired(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Start workers, and let them finish what they do."""
        environment = os.environ | {
            "REPARTO_DATABASE_URL": self.settings.database_url,
            "REPARTO_DATA_DIR": str(self.settings.data_dir),
        }
        command = [sys.executable, "-m", "scripts", "worker"]
        with self.log.open("ab") as log:
            workers = [
                subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603
                for _ in range(self.n_workers)
            ]
            try:
                yield workers
            finally:
                for worker in workers:
                    worker.terminate()
                for worker in workers:
                    worker.wait(_PATIENCE_SECONDS)

    def _wait(
        self,
        promoter_id: UUID,
        asked_at: datetime,
        workers: Collection[subprocess.Popen[bytes]],
        tell: Progress,
    ) -> None:
        """Look at the queue again and again until nothing waits."""
        count = select(JobRun.state, func.count()).where(*_asked(promoter_id, asked_at))
        while True:
            with read_session(self.engine) as session:
                counts = dict(session.exec(count.group_by(col(JobRun.state))).all())
            n_jobs, n_ended = sum(counts.values()), sum(counts.get(each, 0) for each in _ENDED)
            tell(n_ended / n_jobs, f"{n_ended} of {n_jobs} jobs")
            if n_ended == n_jobs:
                return
            if all(worker.poll() is not None for worker in workers):
                raise LostWorkersError(self.log.read_text(errors="replace")[-_LAST_WORDS:])
            time.sleep(_LOOK_EVERY_SECONDS)

    def _sum_up(self, promoter_id: UUID, asked_at: datetime, cpu_seconds: float) -> Shift:
        """Read when the jobs began and ended; the first that failed is told."""
        ends = select(JobRun.started_at, JobRun.finished_at, JobRun.error_message).where(
            *_asked(promoter_id, asked_at)
        )
        with read_session(self.engine) as session:
            rows = session.exec(ends).all()
        failures = [message for _, _, message in rows if message is not None]
        if failures:
            raise FailedJobsError(len(failures), failures[0])
        times = [(began, ended) for began, ended, _ in rows if began and ended]
        first, last = min(began for began, _ in times), max(ended for _, ended in times)
        return Shift(
            n_jobs=len(rows),
            seconds=(last - first).total_seconds(),
            job_seconds=tuple(sorted((ended - began).total_seconds() for began, ended in times)),
            cpu_seconds=cpu_seconds,
        )


def _asked(promoter_id: UUID, asked_at: datetime) -> tuple[Any, ...]:
    """Pick the jobs that were asked for together."""
    return JobRun.promoter_id == promoter_id, JobRun.created_at == asked_at


def _children_seconds() -> float:
    """Processor time of the processes that this one started and that have ended [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
