"""What nobody needs any more goes once a night: uploads that were read, and old jobs."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.jobs.registry import build_registry
from api.jobs.work import Worker
from api.services.jobs import clear_away_nightly as nightly
from api.services.jobs.clear_away_nightly import clear_away_nightly
from api.settings import Settings
from models.repositories.jobs import remove_old_jobs
from models.session import read_session, write_session
from models.tables import JobRun, JobState, Upload
from tests.support.databases import RECORDED_AT, acting_for_all
from tests.support.jobs import send
from tests.support.table_rows import IDS, ROWS

NIGHT = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)  # 6:00 in Madrid
KEPT = timedelta(days=400)
MOMENT = timedelta(microseconds=1)


def clear_away(engine, folder, at=NIGHT, kept=KEPT) -> bool:
    return clear_away_nightly(engine=engine, data_dir=folder, job_retention=kept, now=at)


def add_jobs(engine, promoter, n_jobs=1, *, state=JobState.SUCCEEDED, ended_at=None) -> None:
    """Store jobs that ended then, or have not ended."""
    running = {"lease_until": NIGHT} if state is JobState.RUNNING else {}
    with write_session(engine) as session:
        session.add_all(
            JobRun(
                promoter_id=promoter.id,
                kind="allocate_months",
                arguments={},
                state=state,
                created_at=RECORDED_AT,
                finished_at=ended_at,
                **running,
            )
            for _ in range(n_jobs)
        )


def count_jobs(engine) -> int:
    with read_session(engine) as session:
        return len(session.exec(select(JobRun.id)).all())


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED])
def test_jobs_go_when_they_ended_long_enough_ago(engine, promoter, tmp_path, state):
    add_jobs(engine, promoter, 2, state=state, ended_at=NIGHT - KEPT - MOMENT)
    add_jobs(engine, promoter, 3, state=state, ended_at=NIGHT - KEPT)
    clear_away(engine, tmp_path)
    assert count_jobs(engine) == 3


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_jobs_that_have_not_ended_stay(engine, promoter, tmp_path, state):
    add_jobs(engine, promoter, state=state)
    clear_away(engine, tmp_path)
    assert count_jobs(engine) == 1


STUDIES = ("vacancy_filling", "candidate_suitability", "capacity_sharing", "member_assignment")
PLACES = ("promoter", "community", "self_consumption_installation", "member", "supply_point")


@pytest.mark.parametrize("table", ["coefficient_proposal", *STUDIES])
def test_jobs_to_which_something_refers_stay(engine, tmp_path, table):
    ended = ROWS["job_run"] | {"state": "succeeded", "finished_at": ROWS["job_run"]["created_at"]}
    other = ended | {"id": uuid4().hex, "deduplication_key": None}
    rows = [(name, ROWS[name]) for name in (*PLACES, "reserve_application")]
    with acting_for_all(engine) as connection:
        for name, row in [*rows, ("job_run", ended), ("job_run", other), (table, ROWS[table])]:
            values = ", ".join(f":{column}" for column in row)
            insert = f"INSERT INTO {name} ({', '.join(row)}) VALUES ({values})"
            connection.execute(text(insert), row)
    clear_away(engine, tmp_path)
    with read_session(engine) as session:
        assert session.exec(select(JobRun.id)).all() == [UUID(IDS["job"])]


def test_jobs_go_in_batches_and_not_all_in_a_night(engine, promoter, tmp_path, monkeypatch):
    monkeypatch.setattr(nightly, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(nightly, "_MOST_BATCHES", 2)
    add_jobs(engine, promoter, 7, ended_at=RECORDED_AT)
    left = []
    for night in range(3):
        clear_away(engine, tmp_path, NIGHT + timedelta(days=night))
        left.append(count_jobs(engine))
    assert left == [3, 0, 0]


def test_a_batch_says_how_many_went(engine, promoter):
    add_jobs(engine, promoter, 3, ended_at=RECORDED_AT)
    with write_session(engine) as session:
        remove = partial(remove_old_jobs, session, finished_before=NIGHT)
        assert [remove(at_most=2) for _ in range(3)] == [2, 1, 0]


def test_a_night_has_one_turn(engine, promoter, tmp_path):
    assert clear_away(engine, tmp_path)
    add_jobs(engine, promoter, ended_at=RECORDED_AT)
    assert not clear_away(engine, tmp_path, NIGHT + timedelta(hours=23, minutes=29))
    assert count_jobs(engine) == 1
    assert clear_away(engine, tmp_path, NIGHT + timedelta(hours=23, minutes=30))
    assert count_jobs(engine) == 0


def test_who_was_stopped_in_the_middle_goes_on_the_night_after(
    engine, promoter, tmp_path, monkeypatch
):
    def stop(*_arguments, **_options):
        raise KeyboardInterrupt

    upload_id = send(engine, promoter.id, tmp_path, "a.csv", b"x")
    add_jobs(engine, promoter, ended_at=RECORDED_AT)
    for name in ("remove_old_jobs", "sweep_uploads"):
        with monkeypatch.context() as patched:
            patched.setattr(nightly, name, stop)
            with pytest.raises(KeyboardInterrupt):
                clear_away(engine, tmp_path, NIGHT + timedelta(days=len(name)))
    with read_session(engine) as session:
        assert session.get(Upload, upload_id) is None
    assert count_jobs(engine) == 1
    clear_away(engine, tmp_path, NIGHT + timedelta(days=30))
    assert count_jobs(engine) == 0


def test_a_worker_clears_away_when_it_looks_around(engine, database_url, promoter, tmp_path):
    upload_id = send(engine, promoter.id, tmp_path, "a.csv", b"x")
    add_jobs(engine, promoter, ended_at=RECORDED_AT)
    settings = Settings(database_url=database_url, data_dir=tmp_path, job_retention_days=1)
    worker = Worker(settings, engine, build_registry(settings))
    worker.look_around()
    with read_session(engine) as session:
        assert session.exec(select(JobRun)).all() == []
        assert session.get(Upload, upload_id) is None
