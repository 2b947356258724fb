"""The worker: claims jobs one after the other, keeps them alive, and ends each of them."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from api.clock import now
from api.jobs.registry import Registry, build_registry
from api.services.remove_uploads import remove_spent_uploads
from api.services.run_jobs import LostClaimError, RunningJob, claim_job, describe_failure
from api.settings import Settings
from models.session import create_database_engine
from models.values.errors import CommunityError, ErrorCode

LEASE = timedelta(seconds=60)
"""How long a job stays with a worker that shows no sign of life."""

_IDLE_SECONDS = 0.25
_SIGNS_A_LEASE = 4

_log = structlog.get_logger(__name__)


def run_worker(settings: Settings, stop: threading.Event, lease: timedelta = LEASE) -> None:
    """Work until told to stop; the job at hand is finished first."""
    engine = create_database_engine(settings.database_url)
    registry = build_registry(settings)
    worker = name_worker()
    _log.info("worker started", worker=worker)
    try:
        while not stop.is_set():
            try:
                worked = _work_once(engine, registry, worker, lease)
                remove_spent_uploads(engine, settings.data_dir)
            except OperationalError as error:
                _log.warning("database busy", exc_info=error)
                worked = False
            if not worked:
                stop.wait(_IDLE_SECONDS)
    finally:
        engine.dispose()
        _log.info("worker stopped", worker=worker)


def drain_queue(settings: Settings, lease: timedelta = LEASE) -> int:
    """Run every job that waits, in this process, and tell how many there were."""
    engine = create_database_engine(settings.database_url)
    registry = build_registry(settings)
    worker = name_worker()
    done = 0
    try:
        while _work_once(engine, registry, worker, lease):
            done += 1
        remove_spent_uploads(engine, settings.data_dir)
    finally:
        engine.dispose()
    return done


def name_worker() -> str:
    """Name this worker apart from every other."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


def _work_once(engine: Engine, registry: Registry, worker: str, lease: timedelta) -> bool:
    """Run the next job; False when there is none."""
    job = claim_job(engine=engine, worker=worker, lease=lease, clock=now)
    if job is None:
        return False
    with structlog.contextvars.bound_contextvars(job=str(job.claim.job_id), kind=job.kind.value):
        _run(job, registry)
    return True


def _run(job: RunningJob, registry: Registry) -> None:
    """Run one job and end it, whatever happens."""
    _log.info("job started", attempt=job.claim.attempt)
    try:
        with _signs_of_life(job):
            registry[job.kind](job)
    except LostClaimError:
        _log.warning("job lost to another worker")
    except CommunityError as error:
        _log.info("job refused", code=error.code.value)
        job.fail(error.code, str(error), describe_failure(error))
    except Exception as error:  # noqa: BLE001  the job runner: a fault must not end the worker
        reference = uuid4().hex
        _log.error("unexpected", reference=reference, exc_info=error)
        message = f"something went wrong; the operator finds it as {reference}"
        job.fail(ErrorCode.UNEXPECTED, message, None)
    else:
        _log.info("job finished")


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
        except OperationalError as error:
            _log.warning("lease not renewed", exc_info=error)
