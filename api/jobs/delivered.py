"""The worker on PostgreSQL: procrastinate tells it of jobs, any number of them may listen."""

import asyncio
import threading
from contextlib import suppress
from uuid import UUID

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import OperationalError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
    wait_exponential_jitter,
)

from api.clock import now
from api.jobs.work import PASSING, Worker
from api.services.jobs.run_jobs import deliver_again
from models.job_delivery import QUEUE, RUN_JOB

_POLL_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_WATCH_SECONDS = 0.2
_SIGNS_A_LEASE = 4
_BACK_OFF = wait_exponential_jitter(multiplier=0.5, max=30.0, jitter=0.5)
_LOST = (ConnectorException, psycopg.OperationalError, OperationalError)

_log = structlog.get_logger(__name__)


def work_on_deliveries(worker: Worker, stop: threading.Event) -> None:
    """Run what is delivered until told to stop; a database that goes away is waited for."""
    while not stop.is_set():
        try:
            asyncio.run(_listen(worker, stop))
        except _LOST as error:
            _log.warning("database lost", exc_info=error)
        if not stop.is_set():
            _wait_for_database(worker.engine, stop)


async def _listen(worker: Worker, stop: threading.Event) -> None:
    """Work until told to stop or the database is lost; the job at hand is finished first."""
    app = _make_app(worker)
    seconds = worker.settings.job_lease_seconds
    async with app.open_async():
        working = app.run_worker_async(
            queues=[QUEUE],
            concurrency=1,
            fetch_job_polling_interval=_POLL_SECONDS,
            update_heartbeat_interval=seconds / _SIGNS_A_LEASE,
            stalled_worker_timeout=seconds,
            install_signal_handlers=False,
            delete_jobs="always",
        )
        tasks = [asyncio.create_task(each) for each in (working, _go_round(app, worker))]
        watching = asyncio.create_task(_watch(stop))
        await asyncio.wait([*tasks, watching], return_when=asyncio.FIRST_COMPLETED)
        for task in (watching, *tasks):
            task.cancel()
        for outcome in await asyncio.gather(*tasks, watching, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


def _make_app(worker: Worker) -> App:
    """Say what to do with a delivery."""
    connector = PsycopgConnector(
        conninfo=_address_of(worker.engine.url), min_size=1, max_size=4, timeout=_ANSWER_SECONDS
    )
    app = App(connector=connector)

    @app.task(name=RUN_JOB, queue=QUEUE)
    def run_job(job_id: str) -> None:
        worker.take_job(UUID(job_id))

    return app


def _address_of(url: URL) -> str:
    """Write an address for the driver itself, which escapes it otherwise than SQLAlchemy does."""
    parts = url.translate_connect_args(username="user", database="dbname")
    return make_conninfo(**{"application_name": "reparto worker", **url.query, **parts})


async def _watch(stop: threading.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(_WATCH_SECONDS)


async def _go_round(app: App, worker: Worker) -> None:
    """See to what lost workers left behind, and to what runs by the clock."""
    while True:
        await _take_away_deliveries(app, worker.settings.job_lease_seconds)
        try:
            await asyncio.to_thread(_look_around, worker)
        except PASSING as error:
            _log.warning("database busy", exc_info=error)
        await asyncio.sleep(worker.round_seconds)


async def _take_away_deliveries(app: App, seconds: float) -> None:
    """Take away the deliveries of lost workers; the jobs themselves are delivered again."""
    for delivery in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
        # Another worker may just have done it.
        with suppress(ConnectorException):
            await app.job_manager.finish_job(delivery, status=Status.FAILED, delete_job=True)
            _log.warning("delivery of a lost worker taken away", delivery=delivery.id)


def _look_around(worker: Worker) -> None:
    deliver_again(engine=worker.engine, lease=worker.settings.job_lease, clock=now)
    worker.look_around()


def _wait_for_database(engine: Engine, stop: threading.Event) -> None:
    """Ask until the database answers, more and more seldom, or until told to stop."""
    stop.wait(_POLL_SECONDS)
    asking = Retrying(
        retry=retry_if_exception_type(OperationalError),
        wait=_BACK_OFF,
        sleep=sleep_using_event(stop),
        stop=stop_when_event_set(stop),
        retry_error_callback=lambda _state: None,
    )
    asking(_ask, engine)


def _ask(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
