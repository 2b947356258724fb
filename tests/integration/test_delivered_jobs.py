"""Jobs on PostgreSQL: delivered with the transaction that queues them, to any number of workers."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import select
from structlog.testing import capture_logs
from tenacity import wait_fixed

from api.clock import now
from api.jobs import delivered, worker
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import claim_job, deliver_again
from api.settings import Settings
from models import session as session_module
from models.job_delivery import deliver_job
from models.postgres_engine import create_postgres_engine
from models.repositories.jobs import add_job
from models.session import read_session, write_session
from models.tables import JobRun, JobState
from tests.support.databases import acting_for_all, on_postgres
from tests.support.workers import wait_until, working

pytestmark = on_postgres


@pytest.fixture(autouse=True)
def own_statements(monkeypatch):
    """Let every engine compile for itself: a shared dialect is slow to see that it was cut off."""
    monkeypatch.setattr(session_module, "create_postgres_engine", create_postgres_engine)


@pytest.fixture
def impatient(monkeypatch):
    """Let workers soon give up a database that is lost, and soon ask for it again."""
    monkeypatch.setattr(delivered, "_ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(delivered, "_BACK_OFF", wait_fixed(0.2))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Point at the test's own database."""
    return Settings(database_url=database_url, data_dir=tmp_path / "data", job_lease_seconds=1)


def queue(session, promoter, folder: str = "a") -> JobRun:
    return request_job(
        session,
        promoter_id=promoter.id,
        kind=JobKind.IMPORT_COMMUNITY,
        arguments={"folder": folder},
        idempotency_key=None,
        now=now(),
    )


def queue_some(engine, promoter, count: int) -> list[UUID]:
    with write_session(engine) as session:
        return [queue(session, promoter, str(number)).id for number in range(count)]


def jobs_of(engine) -> list[JobRun]:
    with read_session(engine) as session:
        return list(session.exec(select(JobRun)))


def deliveries_of(engine) -> list[tuple[str, str]]:
    """Read what procrastinate holds."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id")
        )
        return [tuple(row) for row in rows]


def let_jobs(monkeypatch, do) -> None:
    """Let jobs do something, and succeed."""

    def work(job):
        do(job)
        with job.storing() as session:
            job.complete(session, result_id=None)

    monkeypatch.setattr(
        worker, "build_registry", lambda _settings: {JobKind.IMPORT_COMMUNITY: work}
    )


def have_all_succeeded(engine) -> bool:
    return {job.state for job in jobs_of(engine)} == {JobState.SUCCEEDED}


def test_a_job_that_was_rolled_back_is_not_delivered(engine, promoter):
    with suppress(ZeroDivisionError), write_session(engine) as session:
        queue(session, promoter)
        raise ZeroDivisionError
    assert jobs_of(engine) == deliveries_of(engine) == []


def test_a_job_and_its_delivery_are_committed_together(engine, promoter):
    with write_session(engine) as session:
        job = queue(session, promoter)
        assert deliveries_of(engine) == []
    assert deliveries_of(engine) == [(str(job.id), "todo")]


def test_a_delivery_that_waits_stands_for_the_next_one(engine, promoter):
    with write_session(engine) as session:
        job = queue(session, promoter)
        deliver_job(session, job.id)
        other = queue(session, promoter, "b")
    assert deliveries_of(engine) == [(str(job.id), "todo"), (str(other.id), "todo")]


def test_a_listening_worker_hears_of_a_job_within_a_second(engine, promoter, settings, monkeypatch):
    monkeypatch.setattr(delivered, "_POLL_SECONDS", 60.0)
    let_jobs(monkeypatch, lambda _job: None)
    with working(settings):
        queue_some(engine, promoter, 1)
        wait_until(lambda: have_all_succeeded(engine))
        queue_some(engine, promoter, 1)
        queued_at = now()
        wait_until(lambda: have_all_succeeded(engine))
    last = max(jobs_of(engine), key=lambda job: job.created_at)
    assert (last.started_at - queued_at).total_seconds() < 1


def test_several_workers_share_the_queue(engine, promoter, settings, monkeypatch):
    done, threads = [], set()

    def note(job):
        done.append(job.claim.job_id)
        threads.add(job.claim.worker)
        time.sleep(0.05)

    let_jobs(monkeypatch, note)
    asked = queue_some(engine, promoter, 30)
    with working(settings, count=3):
        wait_until(lambda: have_all_succeeded(engine))
    assert Counter(done) == Counter(asked)
    assert {job.attempts for job in jobs_of(engine)} == {1}
    assert len(threads) == 3
    assert deliveries_of(engine) == []


def test_one_key_asked_for_twice_at_once_is_one_job(engine, promoter):
    def ask(session) -> JobRun:
        job = JobRun(
            promoter_id=promoter.id,
            kind="import_community",
            arguments={},
            deduplication_key="key",
            created_at=now(),
        )
        return add_job(session, job)

    def ask_second() -> UUID:
        with write_session(engine) as session:
            return ask(session).id

    with ThreadPoolExecutor(1) as pool:
        with write_session(engine) as session:
            first = ask(session).id
            second = pool.submit(ask_second)
            time.sleep(0.3)
            assert not second.done()
        assert second.result() == first
    assert deliveries_of(engine) == [(str(first), "todo")]


def lose_a_worker(engine, job_id: UUID | None = None) -> None:
    """Leave behind what a worker leaves that was killed a minute ago; it may have claimed."""
    with acting_for_all(engine) as connection:
        (number,) = connection.execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 minute') RETURNING id"
            )
        ).one()
        connection.execute(
            text("SELECT procrastinate_fetch_job_v2(ARRAY['reparto'], :number)"),
            {"number": number},
        )
        if job_id is not None:
            connection.execute(
                text(
                    "UPDATE job_run SET state = 'running', worker = 'lost', attempts = 1,"
                    " lease_until = now() - interval '30 seconds' WHERE id = :id"
                ),
                {"id": job_id},
            )


@pytest.mark.parametrize("has_claimed", [False, True])
def test_what_a_lost_worker_held_is_delivered_again(
    engine, promoter, settings, monkeypatch, has_claimed
):
    let_jobs(monkeypatch, lambda _job: None)
    (job_id,) = queue_some(engine, promoter, 1)
    lose_a_worker(engine, job_id if has_claimed else None)
    assert deliveries_of(engine) == [(str(job_id), "doing")]
    with capture_logs() as log, working(settings):
        wait_until(lambda: have_all_succeeded(engine))
        wait_until(lambda: not deliveries_of(engine))
    (job,) = jobs_of(engine)
    assert job.attempts == 1 + has_claimed
    events = [entry["event"] for entry in log]
    assert events.count("delivery of a lost worker taken away") == 1


def test_a_delivery_is_taken_away_once_by_two_workers(engine, promoter, settings, monkeypatch):
    let_jobs(monkeypatch, lambda _job: None)
    asked = queue_some(engine, promoter, 8)
    for job_id in asked:
        lose_a_worker(engine, job_id)
    with capture_logs() as log, working(settings, count=2):
        wait_until(lambda: have_all_succeeded(engine))
        wait_until(lambda: not deliveries_of(engine))
    events = [entry["event"] for entry in log]
    assert events.count("delivery of a lost worker taken away") == len(asked)
    assert "database lost" not in events


def test_a_live_worker_keeps_its_delivery(engine, promoter, settings, monkeypatch):
    seen = []

    def work(job):
        for _ in range(15):
            time.sleep(0.2)
            seen.append(deliveries_of(engine))

    let_jobs(monkeypatch, work)
    (job_id,) = queue_some(engine, promoter, 1)
    with working(settings, count=2):
        wait_until(lambda: have_all_succeeded(engine))
    assert set(map(tuple, seen)) == {((str(job_id), "doing"),)}


def test_a_job_without_delivery_is_delivered(engine, promoter, settings):
    asked = queue_some(engine, promoter, 2)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    lease = settings.job_lease
    assert deliver_again(engine=engine, lease=lease, clock=now) == 0
    assert deliver_again(engine=engine, lease=lease, clock=lambda: now() + 2 * lease) == 2
    assert [job_id for job_id, _ in deliveries_of(engine)] == [str(each) for each in asked]
    assert deliver_again(engine=engine, lease=lease, clock=lambda: now() + 2 * lease) == 0


def test_a_delivery_of_what_another_worker_holds_does_nothing(
    engine, promoter, settings, monkeypatch
):
    let_jobs(monkeypatch, lambda _job: None)
    (job_id,) = queue_some(engine, promoter, 1)
    held = claim_job(engine=engine, worker="first", lease=settings.job_lease * 100, clock=now)
    with working(settings):
        wait_until(lambda: not deliveries_of(engine))
    (job,) = jobs_of(engine)
    assert (job.id, job.worker, job.state) == (job_id, "first", JobState.RUNNING)
    held.renew()


def administer(url: str, statement: str) -> None:
    """Do something to the database from outside."""
    address = make_url(url)
    outside = create_engine(
        address.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with outside.connect() as connection:
        connection.execute(text(statement.format(address.database)))


CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


def test_a_worker_survives_that_its_connections_are_cut(engine, promoter, settings, monkeypatch):
    let_jobs(monkeypatch, lambda _job: None)
    with capture_logs() as log, working(settings):
        queue_some(engine, promoter, 1)
        wait_until(lambda: have_all_succeeded(engine))
        administer(settings.database_url, CUT_ALL)
        queue_some(engine, promoter, 3)
        wait_until(lambda: have_all_succeeded(engine))
    assert len(jobs_of(engine)) == 4
    assert [entry["event"] for entry in log].count("worker started") == 1


@pytest.mark.usefixtures("impatient")
def test_a_job_whose_connections_are_cut_is_done_later(engine, promoter, settings, monkeypatch):
    tries = []

    def work(job):
        tries.append(job.claim.attempt)
        with job.storing() as session:
            session.connection()
            if len(tries) == 1:
                administer(settings.database_url, CUT_ALL)
            job.complete(session, result_id=None)

    monkeypatch.setattr(
        worker, "build_registry", lambda _settings: {JobKind.IMPORT_COMMUNITY: work}
    )
    with working(settings):
        queue_some(engine, promoter, 1)
        # Whoever asks the database meanwhile is cut off too.
        wait_until(lambda: len(tries) == 2)
        wait_until(lambda: have_all_succeeded(engine))
    assert tries == [1, 2]
    (job,) = jobs_of(engine)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)


@pytest.mark.usefixtures("impatient")
def test_a_worker_waits_for_a_database_that_is_away(engine, promoter, settings, monkeypatch):
    let_jobs(monkeypatch, lambda _job: None)
    with capture_logs() as log, working(settings):
        queue_some(engine, promoter, 1)
        wait_until(lambda: have_all_succeeded(engine))
        administer(settings.database_url, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS false')
        administer(settings.database_url, CUT_ALL)
        wait_until(lambda: "database lost" in [entry["event"] for entry in log])
        time.sleep(2)
        with pytest.raises(OperationalError):
            jobs_of(engine)
        administer(settings.database_url, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS true')
        queue_some(engine, promoter, 1)
        wait_until(lambda: have_all_succeeded(engine))
    assert len(jobs_of(engine)) == 2


def test_a_worker_that_waits_for_its_database_can_be_stopped(database_url, engine, settings):
    administer(database_url, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS false')
    administer(database_url, CUT_ALL)
    stop = threading.Event()
    thread = threading.Thread(target=delivered._wait_for_database, args=(engine, stop))
    thread.start()
    time.sleep(2)
    assert thread.is_alive()
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    administer(database_url, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS true')
