"""The worker: takes jobs one after the other until it is told to stop."""

import threading
import time

import structlog

from api.clock import now
from api.jobs.delivered import work_on_deliveries
from api.jobs.registry import build_registry
from api.jobs.work import PASSING, Worker
from api.services.file_imports.remove_uploads import sweep_uploads
from api.settings import Settings
from api.telemetry import start_telemetry
from models.session import create_database_engine, is_postgres

_IDLE_SECONDS = 0.25

_log = structlog.get_logger(__name__)


def run_worker(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop; the job at hand is finished first."""
    engine = create_database_engine(settings.database_url)
    telemetry = start_telemetry(settings)
    if telemetry is not None:
        telemetry.watch(engine)
    worker = Worker(settings, engine, build_registry(settings), telemetry=telemetry)
    _log.info("worker started", worker=worker.name)
    try:
        if is_postgres(engine):
            work_on_deliveries(worker, stop)
        else:
            _poll(worker, stop)
    finally:
        engine.dispose()
        if telemetry is not None:
            telemetry.close()
        _log.info("worker stopped", worker=worker.name)


def drain_queue(settings: Settings) -> int:
    """Run every job that waits, in this process, and tell how many there were."""
    engine = create_database_engine(settings.database_url)
    worker = Worker(settings, engine, build_registry(settings))
    done = 0
    try:
        while worker.take_job():
            done += 1
        sweep_uploads(engine, settings.data_dir, now=now())
    finally:
        engine.dispose()
    return done


def _poll(worker: Worker, stop: threading.Event) -> None:
    """Ask the database again and again: beside a SQLite file there is nobody who could tell."""
    next_round = time.monotonic()
    while not stop.is_set():
        try:
            if time.monotonic() >= next_round:
                worker.look_around()
                next_round = time.monotonic() + worker.round_seconds
            worked = worker.take_job()
        except PASSING as error:
            _log.warning("database busy", exc_info=error)
            worked = False
        if not worked:
            stop.wait(_IDLE_SECONDS)
