from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from models.repositories.jobs import (
    MAX_ATTEMPTS,
    Claim,
    add_job,
    claim_next_job,
    fail_job,
    finish_job,
    get_job,
    give_up_jobs,
    renew_job,
    requeue_job,
)
from models.session import read_session, write_session
from models.tables import JobRun, JobState, Promoter
from tests.support.databases import RECORDED_AT as START

LEASE = timedelta(seconds=30)


def _add(engine: Engine, promoter: Promoter, key: str | None = None, minute: int = 0) -> JobRun:
    job = JobRun(
        promoter_id=promoter.id,
        kind="propose",
        arguments={"year": 2023},
        deduplication_key=key,
        created_at=START + timedelta(minutes=minute),
    )
    with write_session(engine) as session:
        return add_job(session, job)


def _claim(engine: Engine, worker: str = "w1", at: datetime = START) -> Claim | None:
    with write_session(engine) as session:
        taken = claim_next_job(session, worker=worker, now=at, lease_until=at + LEASE)
    return taken and taken[0]


def _read(engine: Engine, job: JobRun) -> JobRun:
    with read_session(engine) as session:
        return get_job(session, promoter_id=job.promoter_id, job_id=job.id)


def test_one_key_is_one_job(engine: Engine, promoter, other_promoter):
    first = _add(engine, promoter, "propose-2023")
    assert _add(engine, promoter, "propose-2023").id == first.id
    assert _add(engine, other_promoter, "propose-2023").id != first.id
    assert _add(engine, promoter, "propose-2024").id != first.id
    assert _add(engine, promoter).id != _add(engine, promoter).id


def test_a_finished_job_still_stands_for_its_key_and_a_failed_one_does_not(engine, promoter):
    job = _add(engine, promoter, "key")
    with write_session(engine) as session:
        claim, _ = claim_next_job(session, worker="w1", now=START, lease_until=START + LEASE)
        assert finish_job(session, claim, finished_at=START)
    assert _add(engine, promoter, "key").id == job.id
    failed = _add(engine, promoter, "other")
    with write_session(engine) as session:
        claim, _ = claim_next_job(session, worker="w1", now=START, lease_until=START + LEASE)
        assert fail_job(
            session, claim, finished_at=START, error_code="infeasible", error_message="no"
        )
    again = _add(engine, promoter, "other")
    assert again.id != failed.id
    assert _read(engine, failed).error_code == "infeasible"


def test_the_oldest_job_is_claimed_first_and_once(engine: Engine, promoter, other_promoter):
    late = _add(engine, promoter, minute=5)
    early = _add(engine, other_promoter, minute=1)
    claims = [_claim(engine), _claim(engine), _claim(engine)]
    assert claims == [
        Claim(other_promoter.id, early.id, "w1", 1),
        Claim(promoter.id, late.id, "w1", 1),
        None,
    ]
    job = _read(engine, early)
    assert (job.state, job.worker, job.attempts) == (JobState.RUNNING, "w1", 1)
    assert (job.started_at, job.lease_until) == (START, START + LEASE)


def test_claiming_gives_the_job_as_it_now_is(engine: Engine, promoter):
    _add(engine, promoter)
    with write_session(engine) as session:
        _, job = claim_next_job(session, worker="w1", now=START, lease_until=START + LEASE)
        assert (job.state, job.attempts, job.arguments) == (JobState.RUNNING, 1, {"year": 2023})


def test_concurrent_workers_never_share_a_job(engine: Engine, promoter):
    for minute in range(20):
        _add(engine, promoter, minute=minute)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: _claim(engine, f"w{n}"), range(24)))
    taken = [claim.job_id for claim in claims if claim]
    assert len(taken) == len(set(taken)) == 20


def test_a_silent_worker_loses_its_job(engine: Engine, promoter):
    job = _add(engine, promoter)
    lost = _claim(engine, "w1")
    assert _claim(engine, "w2", START + LEASE) is None
    held = _claim(engine, "w2", START + LEASE + timedelta(seconds=1))
    assert held == Claim(promoter.id, job.id, "w2", 2)
    with write_session(engine) as session:
        until = START + 9 * LEASE
        assert not renew_job(session, lost, lease_until=until, progress_share=0.9)
        assert not finish_job(session, lost, finished_at=START)
        assert not fail_job(session, lost, finished_at=START, error_code="x", error_message="x")
        assert renew_job(session, held, lease_until=until, progress_share=0.5, stage="rounding")
    read = _read(engine, job)
    assert (read.state, read.worker, read.progress_share, read.stage) == (
        JobState.RUNNING,
        "w2",
        0.5,
        "rounding",
    )


def test_a_worker_that_claims_again_is_told_apart_from_its_earlier_self(engine, promoter):
    _add(engine, promoter)
    earlier = _claim(engine, "w1")
    later = _claim(engine, "w1", START + 2 * LEASE)
    with write_session(engine) as session:
        assert not finish_job(session, earlier, finished_at=START)
        assert finish_job(session, later, finished_at=START)


def test_another_worker_cannot_end_a_job(engine: Engine, promoter):
    _add(engine, promoter)
    claim = _claim(engine, "w1")
    with write_session(engine) as session:
        assert not finish_job(session, replace(claim, worker="w2"), finished_at=START)
        assert not finish_job(session, replace(claim, promoter_id=uuid4()), finished_at=START)
        assert finish_job(session, claim, finished_at=START)


def test_a_job_is_given_back_by_who_holds_it_only(engine: Engine, promoter):
    job = _add(engine, promoter)
    lost, later = _claim(engine, "w1"), START + 9 * LEASE
    held = _claim(engine, "w2", START + 2 * LEASE)
    with write_session(engine) as session:
        assert not requeue_job(session, lost, due_at=later)
        assert requeue_job(session, held, due_at=later)
    read = _read(engine, job)
    assert (read.state, read.due_at, read.worker, read.attempts) == (
        JobState.QUEUED,
        later,
        None,
        2,
    )


def test_a_finished_job_keeps_its_result(engine: Engine, promoter):
    job = _add(engine, promoter)
    claim = _claim(engine)
    result = uuid4()
    with write_session(engine) as session:
        assert finish_job(
            session, claim, finished_at=START, result_id=result, report={"unchanged": True}
        )
        assert not finish_job(session, claim, finished_at=START)
    read = _read(engine, job)
    assert (read.state, read.progress_share) == (JobState.SUCCEEDED, 1.0)
    assert (read.result_id, read.report) == (result, {"unchanged": True})
    assert (read.finished_at, read.lease_until) == (START, None)


def test_a_job_that_kills_its_workers_is_given_up(engine: Engine, promoter):
    job = _add(engine, promoter)
    running = _add(engine, promoter, minute=1)
    at = START
    for attempt in range(1, MAX_ATTEMPTS + 1):
        at += 2 * LEASE
        assert _claim(engine, "w1", at).attempt == attempt
    at += 2 * LEASE
    assert _claim(engine, "w1", at).job_id == running.id
    with write_session(engine) as session:
        assert len(give_up_jobs(session, now=at)) == 1
    read = _read(engine, job)
    assert (read.state, read.error_code, read.finished_at) == (JobState.FAILED, "unexpected", at)
    assert read.error_message == "the worker stopped without an answer 5 times"
    assert _read(engine, running).state is JobState.RUNNING


def test_another_promoter_reads_no_job_of_mine(engine: Engine, promoter, other_promoter):
    job = _add(engine, promoter)
    with read_session(engine) as session:
        assert get_job(session, promoter_id=other_promoter.id, job_id=job.id) is None


@pytest.mark.parametrize("seconds", [0, 29, 30])
def test_a_lease_lasts_to_its_end(engine: Engine, promoter, seconds):
    _add(engine, promoter)
    _claim(engine)
    assert _claim(engine, "w2", START + timedelta(seconds=seconds)) is None
