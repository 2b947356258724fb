"""The worker: what it does with jobs, with faults, and when it dies in the middle."""

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

from api.clients.datadis import DatadisAccount
from api.clock import now
from api.jobs import work, worker
from api.jobs.registry import build_registry
from api.jobs.work import Worker
from api.jobs.worker import drain_queue, run_worker
from api.services.jobs import run_jobs
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import LostClaimError, claim_job
from api.settings import Settings
from models.repositories.jobs import MAX_ATTEMPTS
from models.session import ConcurrentChangeError, DatabaseBusyError, read_session, write_session
from models.tables import JobRun, JobState, Notification, NotificationKind, Promoter
from models.values.errors import ConflictError
from tests.support.audit_trail import list_entries
from tests.support.databases import on_sqlite
from tests.support.workers import wait_until, working

LEASE = timedelta(seconds=1)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["api.jobs.worker", "scripts.commands.worker"])


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Point at the test's own database."""
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "data",
        import_root=tmp_path,
        job_lease_seconds=LEASE.total_seconds(),
    )


def queue(engine, promoter: Promoter, **arguments) -> JobRun:
    """Ask for an import."""
    with write_session(engine) as session:
        return request_job(
            session,
            promoter_id=promoter.id,
            kind=JobKind.IMPORT_COMMUNITY,
            arguments=arguments or {"folder": "nowhere"},
            idempotency_key=None,
            now=now(),
        )


def read(engine) -> JobRun:
    """Read the one job."""
    with read_session(engine) as session:
        return session.exec(select(JobRun)).one()


def replace_work(monkeypatch, work) -> None:
    """Let jobs do something else."""
    monkeypatch.setattr(
        worker, "build_registry", lambda _settings: {JobKind.IMPORT_COMMUNITY: work}
    )


def test_every_kind_of_job_has_a_use_case(settings):
    assert build_registry(settings).keys() == set(JobKind)


def test_datadis_is_asked_under_the_account_of_the_settings(settings):
    given = {"datadis_username": SecretStr("12345678Z"), "datadis_password": SecretStr("secret")}
    for missing in (None, *given):
        named = {name: value for name, value in given.items() if name != missing}
        registry = build_registry(settings.model_copy(update=named))
        account = registry[JobKind.FETCH_READINGS].keywords["account"]
        assert account == (None if missing else DatadisAccount(*given.values()))


def test_jobs_run_in_the_order_of_their_requests(engine, promoter, settings, monkeypatch):
    seen = []
    replace_work(monkeypatch, lambda job: seen.append(job.arguments["folder"]))
    for folder in "abc":
        queue(engine, promoter, folder=folder)
    assert drain_queue(settings) == 3
    assert seen == ["a", "b", "c"]


def test_an_expected_failure_keeps_its_code_and_message(engine, promoter, settings, monkeypatch):
    def refuse(_job):
        raise ConflictError("the community is stored under another clock")

    replace_work(monkeypatch, refuse)
    queue(engine, promoter)
    drain_queue(settings)
    job = read(engine)
    assert (job.state, job.error_code) == (JobState.FAILED, "conflict")
    assert job.error_message == "the community is stored under another clock"


def test_a_fault_is_masked_logged_and_does_not_end_the_worker(
    engine, promoter, settings, monkeypatch
):
    def break_down(_job):
        raise ZeroDivisionError("secret of ES0021000000000001RK0F")

    replace_work(monkeypatch, break_down)
    queue(engine, promoter)
    with capture_logs() as log:
        assert drain_queue(settings) == 1
    job = read(engine)
    assert (job.state, job.error_code) == (JobState.FAILED, "unexpected")
    (entry,) = [entry for entry in log if entry["event"] == "unexpected"]
    assert (
        job.error_message == f"something went wrong; the operator finds it as {entry['reference']}"
    )
    assert "secret" not in job.error_message


def test_progress_is_stored_at_most_twice_a_second(engine, promoter, settings, monkeypatch):
    shown = []

    def work(job):
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            job.report(0.5, f"step {len(shown)}")
            shown.append(read(engine).stage)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    started = time.monotonic()
    drain_queue(settings.model_copy(update={"job_lease_seconds": 60}))
    seconds = time.monotonic() - started
    assert shown[0] == "step 0"
    assert len(set(shown)) <= 1 + seconds / 0.5


def test_progress_inside_the_storing_transaction_waits_for_its_end(
    engine, promoter, settings, monkeypatch
):
    def work(job):
        job.report(0.1, "reading")
        with job.storing() as session:
            session.add(Promoter(name="made by the job", created_at=now()))
            job.report(0.9, "storing")
            assert read(engine).stage == "reading"
        time.sleep(0.6)
        job.report(0.95, "tidying")
        assert read(engine).stage == "tidying"
        with job.storing() as session:
            job.complete(session, result_id=None)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    drain_queue(settings.model_copy(update={"job_lease_seconds": 60}))
    job = read(engine)
    assert (job.state, job.error_message, job.result_id) == (JobState.SUCCEEDED, None, None)


def test_a_long_storing_transaction_keeps_its_job(engine, promoter, settings, monkeypatch):
    def work(job):
        with job.storing() as session:
            session.add(Promoter(name="made by the job", created_at=now()))
            session.flush()
            time.sleep(2.5)
            job.complete(session, result_id=None)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    first = threading.Thread(target=drain_queue, args=(settings,))
    first.start()
    wait_until(lambda: read(engine).state is JobState.RUNNING)
    time.sleep(1.5)
    drain_queue(settings)
    first.join()
    job = read(engine)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    with read_session(engine) as session:
        names = [row.name for row in session.exec(select(Promoter))]
    assert sorted(names) == sorted([promoter.name, "made by the job"])


def test_a_long_job_keeps_its_lease(engine, promoter, settings, monkeypatch):
    leases = []

    def work(_job):
        for _ in range(15):
            time.sleep(0.1)
            leases.append(read(engine).lease_until)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    drain_queue(settings)
    assert leases[-1] > leases[0]
    assert read(engine).attempts == 1


def test_a_job_that_was_taken_over_stores_nothing(engine, promoter, settings, monkeypatch):
    def work(job):
        take_over(engine)
        with job.storing() as session:
            session.add(Promoter(name="made by the job", created_at=now()))
            job.complete(session, result_id=promoter.id)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    with capture_logs() as log:
        Worker(settings, engine, worker.build_registry(settings), "first").take_job()
    assert "job lost to another worker" in [entry["event"] for entry in log]
    assert read(engine).worker == "second"
    with read_session(engine) as session:
        assert [row.name for row in session.exec(select(Promoter))] == [promoter.name]


def take_over(engine):
    """Let another worker claim the running job after its lease."""
    return claim_job(
        engine=engine, worker="second", lease=LEASE, clock=lambda: now() + timedelta(hours=2)
    )


def test_a_lost_job_is_noticed_by_its_next_report(engine, promoter):
    queue(engine, promoter)
    job = claim_job(engine=engine, worker="first", lease=LEASE, clock=now)
    take_over(engine)
    with pytest.raises(LostClaimError):
        job.report(0.5, "half")


def test_signs_of_life_end_when_the_job_is_lost(engine, promoter):
    queue(engine, promoter)
    job = claim_job(engine=engine, worker="first", lease=LEASE, clock=now)
    take_over(engine)
    thread = threading.Thread(target=work._renew_until, args=(job, threading.Event(), 0.01))
    thread.start()
    thread.join(timeout=5)
    assert not thread.is_alive()


@on_sqlite
def test_a_busy_database_is_asked_again(engine, promoter, settings, monkeypatch):
    stop = threading.Event()
    answers = iter([DatabaseBusyError()])

    def claim(**_arguments):
        error = next(answers, None)
        if error is None:
            stop.set()
            return
        raise error

    monkeypatch.setattr(work, "claim_job", claim)
    with capture_logs() as log:
        run_worker(settings, stop)
    assert [entry["event"] for entry in log] == [
        "worker started",
        "database busy",
        "worker stopped",
    ]


def test_signs_of_life_survive_a_busy_database(engine, promoter, monkeypatch):
    stop = threading.Event()
    queue(engine, promoter)
    job = claim_job(engine=engine, worker="first", lease=LEASE, clock=now)
    errors = iter([DatabaseBusyError()])

    def renew():
        error = next(errors, None)
        if error is None:
            stop.set()
            return
        raise error

    monkeypatch.setattr(type(job), "renew", lambda _self: renew())
    with capture_logs() as log:
        work._renew_until(job, stop, 0.01)
    assert [entry["event"] for entry in log] == ["lease not renewed"]


def test_a_worker_stops_when_told(settings):
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(settings, stop))
    thread.start()
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "error",
    [OperationalError("read", {}, Exception("the connection is lost")), ConcurrentChangeError()],
)
def test_what_may_pass_is_tried_again_later_and_later(
    engine, promoter, settings, monkeypatch, error
):
    monkeypatch.setattr(run_jobs, "_RETRY_AFTER", timedelta(seconds=0.3))
    tries = []

    def work(job):
        tries.append((now(), read(engine)))
        if len(tries) < 3:
            raise error
        with job.storing() as session:
            job.complete(session, result_id=promoter.id)

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    with working(settings), capture_logs() as log:
        wait_until(lambda: read(engine).state is JobState.SUCCEEDED)
    first, second, third = tries
    assert [job.attempts for _, job in tries] == [1, 2, 3]
    assert second[0] >= second[1].due_at >= first[0] + timedelta(seconds=0.3)
    assert third[0] >= third[1].due_at >= second[0] + timedelta(seconds=0.6)
    assert [entry["event"] for entry in log].count("job postponed") == 2


def test_what_never_passes_is_failed_in_the_end(engine, promoter, settings, monkeypatch):
    monkeypatch.setattr(run_jobs, "_RETRY_AFTER", timedelta(0))

    def work(_job):
        raise ConcurrentChangeError

    replace_work(monkeypatch, work)
    queue(engine, promoter)
    assert drain_queue(settings) == MAX_ATTEMPTS
    job = read(engine)
    assert (job.state, job.attempts, job.error_code) == (JobState.FAILED, 5, "unexpected")


def test_what_was_postponed_is_not_taken_before_its_time(engine, promoter):
    queue(engine, promoter)
    job = claim_job(engine=engine, worker="first", lease=LEASE, clock=now)
    assert job.postpone()
    waiting = read(engine)
    assert (waiting.state, waiting.worker, waiting.lease_until) == (JobState.QUEUED, None, None)
    just_before, due = waiting.due_at - timedelta(microseconds=1), waiting.due_at
    for job_id in (None, waiting.id):
        early = partial(_same, just_before)
        assert not claim_job(engine=engine, worker="w", lease=LEASE, clock=early, job_id=job_id)
    claimed = claim_job(engine=engine, worker="w", lease=LEASE, clock=partial(_same, due))
    assert claimed.claim.attempt == 2


def test_a_delivered_job_is_claimed_by_its_name_and_once(engine, promoter):
    queue(engine, promoter)
    wanted = queue(engine, promoter, folder="wanted")
    take = partial(claim_job, engine=engine, lease=LEASE, clock=now, job_id=wanted.id)
    assert take(worker="first").arguments == {"folder": "wanted"}
    assert take(worker="second") is None


def _work_forever(settings: Settings, mark: Path) -> None:
    """Run a worker whose first attempt never ends; run in a process of its own."""

    def work(job):
        if job.claim.attempt == 1:
            mark.write_text(str(os.getpid()))
            time.sleep(600)
        with job.storing() as session:
            job.complete(session, result_id=job.promoter_id)

    worker.build_registry = lambda _settings: {JobKind.IMPORT_COMMUNITY: work}
    run_worker(settings, threading.Event())


def test_a_job_of_a_killed_worker_is_taken_up_after_its_lease(engine, promoter, settings, tmp_path):
    queue(engine, promoter)
    mark = tmp_path / "pid"
    first = _processes.Process(target=_work_forever, args=(settings, mark), daemon=True)
    first.start()
    wait_until(mark.exists)
    held = read(engine)
    assert (held.state, held.attempts) == (JobState.RUNNING, 1)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    second = _processes.Process(target=_work_forever, args=(settings, mark), daemon=True)
    second.start()
    wait_until(lambda: read(engine).state is JobState.SUCCEEDED)
    second.kill()
    second.join()
    taken_up = read(engine)
    assert taken_up.attempts == 2
    assert taken_up.started_at >= held.lease_until
    assert taken_up.worker != held.worker


def test_a_job_that_kills_every_worker_is_given_up(engine, promoter):
    queue(engine, promoter)
    attempts = []
    for hour in range(MAX_ATTEMPTS + 1):
        later = now() + timedelta(hours=hour)
        claimed = claim_job(engine=engine, worker="w", lease=LEASE, clock=partial(_same, later))
        attempts.append(claimed and claimed.claim.attempt)
    assert attempts == [1, 2, 3, 4, 5, None]
    job = read(engine)
    assert (job.state, job.error_code) == (JobState.FAILED, "unexpected")
    assert list_news(engine) == [(NotificationKind.JOB_FAILED, job.id)]
    [entry] = list_entries(engine, promoter.id)
    assert (entry.channel, entry.action, entry.error_code) == ("job", job.kind, "unexpected")
    assert (entry.subjects, entry.correlation_id) == (f"job_run:{job.id}", job.id.hex)


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (JobKind.IMPORT_COMMUNITY, [NotificationKind.JOB_SUCCEEDED]),
        (JobKind.CHECK_READINGS, []),
    ],
)
def test_the_end_of_a_job_is_told_unless_it_is_routine(engine, promoter, kind, told):
    queue(engine, promoter)
    taken = claim_job(engine=engine, worker="w", lease=LEASE, clock=now)
    taken.kind = kind
    with taken.storing() as session:
        taken.complete(session)
    assert [news for news, _ in list_news(engine)] == told


def list_news(engine):
    """List what was told, and of which job."""
    with read_session(engine) as session:
        return [(each.kind, each.subject_id) for each in session.exec(select(Notification))]


def _same(instant):
    """Stop the clock."""
    return instant
