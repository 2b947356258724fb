"""Workers are killed again and again while they work: no job is lost, and none is done twice.

``REPARTO_TEST_KILLS`` asks for more kills than the few of every run.
"""

import multiprocessing
import os
import random
import time
from collections import Counter
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, func, select

from api.clock import now
from api.jobs.worker import drain_queue
from api.services.jobs.request_community_job import request_community_job
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.request_proposal import ProposalWish, request_proposal
from api.settings import Settings
from models.repositories.jobs import MAX_ATTEMPTS
from models.session import read_session, write_session
from models.tables import (
    AllocatedEnergy,
    CoefficientProposal,
    Community,
    JobRun,
    JobState,
    Member,
    MonthAllocation,
    Price,
    ProposedCoefficient,
    Reading,
)
from tests.support.community_folders import build_community_year, make_cau, make_cups, write_folder
from tests.support.imports import import_year, with_betas
from tests.support.workers import wait_until

KILLS = int(os.environ.get("REPARTO_TEST_KILLS", "5"))
# One import and one proposal to share five kills out over, so that none needs more than its due.
PAIRS = KILLS
WORKERS = 2
COUNTED = (
    Community,
    Member,
    Reading,
    Price,
    CoefficientProposal,
    ProposedCoefficient,
    MonthAllocation,
    AllocatedEnergy,
)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["api.jobs.worker", "scripts.commands.worker"])


def work(environment: dict[str, str]) -> None:
    """Be the command ``reparto worker``."""
    os.environ.update(environment)
    from scripts.commands.worker import worker

    worker()


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Set what the command reads."""
    return {
        "REPARTO_DATABASE_URL": database_url,
        "REPARTO_DATA_DIR": str(tmp_path / "data"),
        "REPARTO_IMPORT_ROOT": str(tmp_path),
        "REPARTO_JOB_LEASE_SECONDS": "1",
    }


def start_worker(environment: dict[str, str]) -> BaseProcess:
    process = _processes.Process(target=work, args=(environment,), daemon=True)
    process.start()
    return process


def queue_imports(engine, promoter, folder: Path) -> None:
    """Ask for small communities that have nothing in common."""
    for number in range(PAIRS):
        community = build_community_year(n_members=2, n_reserve=0, seed=10 + number)
        community = replace(
            community,
            members=tuple(
                replace(member, cups=make_cups(100 * (1 + number) + place))
                for place, member in enumerate(community.members)
            ),
            installations=(replace(community.installations[0], cau=make_cau(10 + number)),),
        )
        write_folder(community, folder / f"community-{number}")
        with write_session(engine) as session:
            request_job(
                session,
                promoter_id=promoter.id,
                kind=JobKind.IMPORT_COMMUNITY,
                arguments={"folder": f"community-{number}"},
                idempotency_key=f"import-{number}",
                now=now(),
            )


def queue_proposals(engine, promoter) -> None:
    """Ask for proposals of a community that is there."""
    for number in range(PAIRS):
        wish = ProposalWish(
            make_cau(1), 2023, "self-consumption", None, "consumption", 1_000 * number, 1_000_000
        )
        with write_session(engine) as session:
            request_proposal(
                session,
                promoter_id=promoter.id,
                wish=wish,
                idempotency_key=f"proposal-{number}",
                now=now(),
            )


def import_sharing_community(engine, promoter) -> UUID:
    """Store a community whose members share by coefficients that are applied."""
    community = build_community_year(n_members=3, n_reserve=0)
    return import_year(engine, promoter, with_betas(community, 0.5, 0.3, 0.2)).community_id


def queue_allocation(engine, promoter, community_id: UUID) -> None:
    with write_session(engine) as session:
        request_community_job(
            session,
            promoter_id=promoter.id,
            community_id=community_id,
            kind=JobKind.ALLOCATE_MONTHS,
            idempotency_key=None,
            now=now(),
        )


def unfinished(engine) -> list[JobRun]:
    with read_session(engine) as session:
        waiting = (JobState.QUEUED, JobState.RUNNING)
        return list(session.exec(select(JobRun).where(col(JobRun.state).in_(waiting))))


def count_rows(engine) -> dict[str, int]:
    with read_session(engine) as session:
        return {
            table.__name__: session.exec(select(func.count()).select_from(table)).one()
            for table in COUNTED
        }


def kill_some(engine, environment: dict[str, str], chance: random.Random) -> int:
    """Kill a random worker at random moments while a job runs, and start another in its place."""
    workers = [start_worker(environment) for _ in range(WORKERS)]
    killed = 0
    while killed < KILLS and (jobs := unfinished(engine)):
        is_running = any(job.state is JobState.RUNNING for job in jobs)
        # The next claim and its kill must leave one attempt more.
        has_attempts_left = max(job.attempts for job in jobs) < MAX_ATTEMPTS - 1
        if is_running and has_attempts_left:
            time.sleep(chance.uniform(0, 0.4))
            victim = chance.randrange(WORKERS)
            workers[victim].kill()
            workers[victim].join()
            workers[victim] = start_worker(environment)
            killed += 1
        time.sleep(0.05)
    wait_until(lambda: not unfinished(engine), seconds=60 + KILLS * 5)
    for worker in workers:
        worker.terminate()
        worker.join(timeout=30)
        assert worker.exitcode == 0
    return killed


def test_every_job_is_done_once_however_often_workers_are_killed(
    engine, promoter, environment, tmp_path
):
    community_id = import_sharing_community(engine, promoter)
    queue_allocation(engine, promoter, community_id)
    queue_imports(engine, promoter, tmp_path)
    queue_proposals(engine, promoter)
    killed = kill_some(engine, environment, random.Random(4))
    with read_session(engine) as session:
        jobs = list(session.exec(select(JobRun)))
        made = Counter(session.exec(select(CoefficientProposal.id)).all())
        made += Counter(session.exec(select(Community.id)).all())
        versions = {
            version
            for table in (Reading, Price, MonthAllocation)
            for version in session.exec(select(table.version))
        }
    asked = Counter(job.kind for job in jobs)
    # The turns of the night, which the first worker asks for, come on top.
    assert asked["import_community"] == asked["propose_coefficients"] == PAIRS
    assert {(job.state, job.error_message) for job in jobs} == {(JobState.SUCCEEDED, None)}
    results = Counter(
        job.result_id for job in jobs if job.kind in {"import_community", "propose_coefficients"}
    )
    assert results == made - Counter([community_id])
    assert set(results.values()) == {1}
    assert versions == {1}
    # Months: of 2 members and a plant each, and of 3 and theirs; 2 kinds of price.
    assert count_rows(engine) == {
        "Community": PAIRS + 1,
        "Member": 2 * PAIRS + 3,
        "Reading": 12 * (3 * PAIRS + 4),
        "Price": 24 * (PAIRS + 1),
        "CoefficientProposal": PAIRS,
        "ProposedCoefficient": 3 * PAIRS,
        "MonthAllocation": 12,
        "AllocatedEnergy": 36,
    }
    assert killed == KILLS
    assert sum(job.attempts for job in jobs) > len(jobs)


def test_a_job_whose_workers_are_always_killed_fails_and_leaves_nothing(
    engine, promoter, environment, tmp_path
):
    community = build_community_year(n_members=2, n_reserve=0)
    write_folder(community, tmp_path / "community")
    with write_session(engine) as session:
        job = request_job(
            session,
            promoter_id=promoter.id,
            kind=JobKind.IMPORT_COMMUNITY,
            arguments={"folder": "community"},
            idempotency_key=None,
            now=now(),
        )

    def attempt() -> int:
        with read_session(engine) as session:
            run = session.get(JobRun, job.id)
            return run.attempts if run.state is JobState.RUNNING else 0

    for number in range(1, MAX_ATTEMPTS + 1):
        worker = start_worker(environment)
        wait_until(lambda number=number: attempt() == number)
        worker.kill()
        worker.join()
    time.sleep(1.1)
    settings = Settings(database_url=environment["REPARTO_DATABASE_URL"])
    assert drain_queue(settings) == 0
    with read_session(engine) as session:
        run = session.get(JobRun, job.id)
    assert (run.state, run.error_code) == (JobState.FAILED, "unexpected")
    assert run.error_message == "the worker stopped without an answer 5 times"
    assert set(count_rows(engine).values()) == {0}
