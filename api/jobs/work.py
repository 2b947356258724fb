"""One job from its beginning to its end: kept alive while it runs, and ended whatever happens."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from api.clock import now
from api.invoice_settings import find_agency_access
from api.jobs.registry import Registry
from api.mail_settings import find_mail_route
from api.services.agency.request_sending import ask_for_record_sendings
from api.services.file_imports.remove_uploads import remove_spent_upload
from api.services.jobs.ask_for_due_jobs import ask_for_due_jobs
from api.services.jobs.clear_away_nightly import clear_away_nightly
from api.services.jobs.describe_failure import describe_failure
from api.services.jobs.run_jobs import LostClaimError, RunningJob, claim_job
from api.services.outbox.run_sending import ask_for_sending
from api.settings import Settings
from api.telemetry import SpanKind, Telemetry
from models.session import ConcurrentChangeError, DatabaseBusyError
from models.values.errors import CommunityError, ErrorCode

PASSING = (OperationalError, DatabaseBusyError, ConcurrentChangeError)
"""What may pass: a busy or absent database, others who changed the same."""

_SIGNS_A_LEASE = 4
_LONGEST_ROUND_SECONDS = 60.0

_log = structlog.get_logger(__name__)


def name_worker() -> str:
    """Name this worker apart from every other."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Worker:
    """One who takes jobs, whoever tells it of them."""

    settings: Settings
    engine: Engine
    registry: Registry
    name: str = field(default_factory=name_worker)
    telemetry: Telemetry | None = None

    @property
    def round_seconds(self) -> float:
        """How often to look around."""
        return min(self.settings.job_lease_seconds, _LONGEST_ROUND_SECONDS)

    def take_job(self, job_id: UUID | None = None) -> bool:
        """Run the job that was delivered, or the oldest; False when there is none to run."""
        job = claim_job(
            engine=self.engine,
            worker=self.name,
            lease=self.settings.job_lease,
            clock=now,
            job_id=job_id,
        )
        if job is None:
            return False
        with _measured(job, self.telemetry):
            work_on(job, self.registry)
        if "upload_id" in job.arguments:
            upload_id = UUID(job.arguments["upload_id"])
            remove_spent_upload(self.engine, self.settings.data_dir, upload_id=upload_id, now=now())
        return True

    def look_around(self) -> None:
        """Do what runs by the clock and whose turn has come."""
        ask_for_due_jobs(engine=self.engine, now=now(), fetches_prices=self.settings.fetches_prices)
        if find_mail_route(self.settings) is not None:
            ask_for_sending(engine=self.engine, now=now())
        ask_for_record_sendings(
            engine=self.engine, access=find_agency_access(self.settings), now=now()
        )
        clear_away_nightly(
            engine=self.engine,
            data_dir=self.settings.data_dir,
            job_retention=self.settings.job_retention,
            now=now(),
        )


@contextmanager
def _measured(job: RunningJob, telemetry: Telemetry | None) -> Iterator[None]:
    """Measure a job as a part of what asked for it, where somebody collects traces."""
    if telemetry is None:
        yield
        return
    with (
        telemetry.span(f"job {job.kind.value}", SpanKind.JOB, traceparent=job.traceparent) as span,
        structlog.contextvars.bound_contextvars(trace_id=span.trace_id),
    ):
        span.note(job__id=str(job.claim.job_id), job__attempt=job.claim.attempt)
        yield


def work_on(job: RunningJob, registry: Registry) -> None:
    """Run one job and end it, whatever happens."""
    told = {"job": str(job.claim.job_id), "kind": job.kind.value}
    if job.correlation_id is not None:
        told["request_id"] = job.correlation_id
    with structlog.contextvars.bound_contextvars(**told):
        _work_on(job, registry)


def _work_on(job: RunningJob, registry: Registry) -> None:
    _log.info("job started", attempt=job.claim.attempt)
    try:
        with _signs_of_life(job):
            registry[job.kind](job)
    except LostClaimError:
        _log.warning("job lost to another worker")
    except PASSING as error:
        _try_again(job, error)
    except CommunityError as error:
        _log.info("job refused", code=error.code.value)
        job.fail(error.code, str(error), describe_failure(error))
    except Exception as error:  # noqa: BLE001  the job runner: a fault must not end the worker
        _fail_unexpectedly(job, error)
    else:
        _log.info("job finished")


def _try_again(job: RunningJob, error: Exception) -> None:
    """Postpone what may pass."""
    if job.postpone():
        _log.warning("job postponed", exc_info=error)
    else:
        _fail_unexpectedly(job, error)


def _fail_unexpectedly(job: RunningJob, error: Exception) -> None:
    reference = uuid4().hex
    _log.error("unexpected", reference=reference, exc_info=error)
    message = f"something went wrong; the operator finds it as {reference}"
    job.fail(ErrorCode.UNEXPECTED, message, None)


@contextmanager
def _signs_of_life(job: RunningJob) -> Iterator[None]:
    """Renew the lease from a thread while the work goes on."""
    stop = threading.Event()
    seconds = job.lease.total_seconds() / _SIGNS_A_LEASE
    thread = threading.Thread(target=_renew_until, args=(job, stop, seconds), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew_until(job: RunningJob, stop: threading.Event, seconds: float) -> None:
    while not stop.wait(seconds):
        try:
            job.renew()
        except LostClaimError:
            # The work learns it when it reports or ends; nothing it does counts any more.
            return
        except (OperationalError, DatabaseBusyError) as error:
            _log.warning("lease not renewed", exc_info=error)
