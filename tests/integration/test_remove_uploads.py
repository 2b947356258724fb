"""Uploads go when their import has ended, at the latest in the sweep of the night after."""

import os
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from api.jobs.registry import build_registry
from api.jobs.work import Worker, work_on
from api.services.file_imports import remove_uploads
from api.services.file_imports.remove_uploads import remove_spent_upload, sweep_uploads
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob, claim_job
from api.settings import Settings
from models.repositories import uploads
from models.session import read_session, write_session
from models.tables import JobRun, JobState, Upload
from models.values.errors import InvalidDataError
from tests.support.databases import RECORDED_AT
from tests.support.jobs import send
from tests.support.queries import count_queries


class StoppedError(Exception):
    """The process is stopped here."""


@pytest.fixture
def worker(engine, database_url, tmp_path) -> Worker:
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    registry = {**build_registry(settings), JobKind.IMPORT_COMMUNITY: end}
    return Worker(settings, engine, registry)


def end(job: RunningJob) -> None:
    """Do what the job was asked for, which is nothing, or fail."""
    if job.arguments.get("wish", {}).get("fails"):
        raise InvalidDataError("nothing can be read")
    with job.storing() as session:
        job.complete(session)


@pytest.fixture
def ask(engine, promoter, tmp_path):
    """Send a file, and ask for its import, one after the other."""
    seconds = count()

    def ask(upload_id: UUID | None = None, **wish) -> UUID:
        sent = upload_id or send(engine, promoter.id, tmp_path, "all.zip", b"content")
        with write_session(engine) as session:
            request_job(
                session,
                promoter_id=promoter.id,
                kind=JobKind.IMPORT_COMMUNITY,
                arguments={"upload_id": str(sent), "wish": wish},
                idempotency_key=None,
                now=RECORDED_AT + timedelta(seconds=next(seconds)),
            )
        return sent

    return ask


def kept(engine, folder: Path) -> set[UUID]:
    """Name the uploads on the disk, which are those on record."""
    with read_session(engine) as session:
        recorded = set(session.exec(select(Upload.id)))
    assert {str(key) for key in recorded} == {path.name for path in (folder / "uploads").iterdir()}
    return recorded


def end_without_a_word(worker: Worker) -> None:
    """Run the oldest job as a worker that is killed when it has ended it."""
    job = claim_job(
        engine=worker.engine, worker="w", lease=timedelta(hours=1), clock=lambda: RECORDED_AT
    )
    work_on(job, worker.registry)


def test_a_job_that_ends_takes_its_own_upload_with_it(engine, ask, worker, tmp_path):
    first, second = ask(), ask()
    end_without_a_word(worker)
    assert kept(engine, tmp_path) == {first, second}
    assert worker.take_job()
    assert kept(engine, tmp_path) == {first}
    sweep_uploads(engine, tmp_path, now=RECORDED_AT)
    assert kept(engine, tmp_path) == set()


def test_what_ends_is_looked_up_alone_however_much_waits(engine, ask, worker, tmp_path):
    counts = []
    for n_waiting in (0, 5):
        ended, waiting = ask(), {ask() for _ in range(n_waiting)}
        end_without_a_word(worker)
        with count_queries(engine) as statements:
            remove_spent_upload(engine, tmp_path, upload_id=ended, now=RECORDED_AT)
        counts.append(len(statements))
        assert kept(engine, tmp_path) == waiting
    assert counts == [3, 3]
    with count_queries(engine) as statements:
        remove_spent_upload(engine, tmp_path, upload_id=next(iter(waiting)), now=RECORDED_AT)
    assert len(statements) == 1
    assert kept(engine, tmp_path) == waiting


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_an_upload_stays_while_another_job_waits_for_it(engine, ask, worker, tmp_path, is_dry_run):
    upload_id = ask()
    ask(upload_id, is_dry_run=is_dry_run)
    worker.take_job()
    sweep_uploads(engine, tmp_path, now=RECORDED_AT + timedelta(days=30))
    assert kept(engine, tmp_path) == {upload_id}
    worker.take_job()
    assert kept(engine, tmp_path) == set()


@pytest.mark.parametrize("wish", [{"is_dry_run": True}, {"fails": True}])
def test_a_dry_run_and_a_failure_leave_their_upload(engine, ask, worker, tmp_path, wish):
    upload_id = ask(**wish)
    with write_session(engine) as session:
        # What was sent a moment ago is not abandoned, whatever the clock of the test says.
        session.get_one(Upload, upload_id).created_at += timedelta(days=10_000)
    assert worker.take_job()
    with read_session(engine) as session:
        has_failed = session.exec(select(JobRun.state)).one() is JobState.FAILED
    assert has_failed is ("fails" in wish)
    assert kept(engine, tmp_path) == {upload_id}
    ask(upload_id)
    worker.take_job()
    assert kept(engine, tmp_path) == set()


def test_jobs_of_others_do_not_matter(engine, ask, worker, other_promoter, tmp_path):
    upload_id = ask()
    with write_session(engine) as session:
        request_job(
            session,
            promoter_id=other_promoter.id,
            kind=JobKind.IMPORT_COMMUNITY,
            arguments={"upload_id": str(upload_id)},
            idempotency_key=None,
            now=RECORDED_AT + timedelta(seconds=1),
        )
    worker.take_job()
    assert kept(engine, tmp_path) == set()


def test_who_is_stopped_between_disk_and_record_leaves_no_trace(
    engine, ask, worker, tmp_path, monkeypatch
):
    def stop(*_arguments):
        raise StoppedError

    upload_id = ask()
    end_without_a_word(worker)
    remove = partial(remove_spent_upload, engine, tmp_path, upload_id=upload_id, now=RECORDED_AT)
    with monkeypatch.context() as patched:
        patched.setattr(remove_uploads, "forget_upload", stop)
        with pytest.raises(StoppedError):
            remove()
    with read_session(engine) as session:
        assert session.exec(select(Upload.id)).one() == upload_id
    assert list((tmp_path / "uploads").iterdir()) == []
    sweep_uploads(engine, tmp_path, now=RECORDED_AT)
    assert kept(engine, tmp_path) == set()
    remove()


def test_a_server_that_was_stopped_leaves_a_file_for_a_week_only(engine, promoter, ask, tmp_path):
    known, folder = ask(), tmp_path / "uploads"
    (folder / str(uuid4())).write_bytes(b"received, never noted")
    for name in (f"{uuid4()}.part", "README", uuid4().hex, str(uuid4()).upper()):
        (folder / name).write_bytes(b"somebody else's")
    (folder / str(uuid4())).mkdir()
    everything = set(folder.iterdir())
    for path in everything:
        os.utime(path, (RECORDED_AT.timestamp(),) * 2)
    week = RECORDED_AT + timedelta(days=7)
    sweep_uploads(engine, tmp_path, now=week)
    assert set(folder.iterdir()) == everything
    sweep_uploads(engine, tmp_path, now=week + timedelta(seconds=1))
    (gone,) = everything - set(folder.iterdir())
    assert gone.name != str(known)


def test_a_file_that_goes_while_it_is_looked_at_is_no_fault(engine, tmp_path, monkeypatch):
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / str(uuid4())).symlink_to(tmp_path / "gone")
    monkeypatch.setattr(Path, "is_file", lambda _path: True)
    sweep_uploads(engine, tmp_path, now=RECORDED_AT + timedelta(days=10_000))
    assert len(list(folder.iterdir())) == 1


def test_an_upload_struck_off_twice_is_no_fault(engine, ask):
    upload_id = ask()
    with write_session(engine) as session:
        uploads.forget_upload(session, upload_id)
        uploads.forget_upload(session, upload_id)
        assert session.exec(select(Upload)).all() == []
