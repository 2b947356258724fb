"""``reparto simulate-country`` from its options to what it leaves in the store."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from api.services.jobs.request_job import JobKind, request_job
from api.settings import Settings
from models.repositories.readings import list_latest_readings, month_instants
from models.session import create_database_engine, read_session
from models.tables import (
    CoefficientProposal,
    Community,
    JobRun,
    JobState,
    MonthAllocation,
    Promoter,
    ScheduledSlot,
    SupplyPoint,
    Upload,
)
from models.values.energy import round_to_wh
from models.values.metering import Channel
from scripts.country.crew import Crew, FailedJobsError, LostWorkersError
from scripts.country.population import draw_sizes, invent_country
from scripts.country.settle import SettledCommunity
from tests.support.command_line import Reparto
from tests.support.databases import on_postgres, on_sqlite
from tests.support.workers import working

POINTS, SEED = 12, 3


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what the command writes in a folder of the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def read_january(session: Session, promoter: Promoter) -> dict[str, list[int]]:
    """Read what is stored of the month that arrived, by CUPS."""
    points = {row.id: row.cups for row in session.exec(select(SupplyPoint))}
    readings = list_latest_readings(
        session,
        promoter_id=promoter.id,
        channel=Channel.CONSUMPTION,
        meter_ids=points,
        since=month_instants(2026, "Europe/Madrid")[0],
        until=month_instants(2026, "Europe/Madrid")[1],
    )
    return {points[row.meter_id]: np.frombuffer(row.energy_wh, "<i4").tolist() for row in readings}


def check_store(engine: Engine) -> None:
    """Compare the store with the country that the seed invents."""
    (invented,) = invent_country(draw_sizes(POINTS, SEED), SEED)
    january = round_to_wh(invented.month_kwh).tolist()
    with read_session(engine) as session:
        promoter = session.exec(
            select(Promoter).where(col(Promoter.name).startswith("Simulated country of "))
        ).one()
        codes = [member.cups for member in invented.year.members]
        assert read_january(session, promoter) == dict(zip(codes, january, strict=True))
        allocated = session.exec(select(MonthAllocation)).all()
        (proposal,) = session.exec(select(CoefficientProposal)).all()
        states = session.exec(
            select(JobRun.kind, JobRun.state, func.count())
            # The nightly turns, whose jobs have a key, also come to a country beside others.
            .where(JobRun.promoter_id == promoter.id, col(JobRun.deduplication_key).is_(None))
            .group_by(JobRun.kind, col(JobRun.state))
        ).all()

    wh = round_to_wh(invented.generation_kwh)
    assert len(allocated) == 13
    assert max(allocated, key=lambda row: row.starts_at).generation_wh == int(wh.sum())
    assert {row.version for row in allocated} == {1}
    assert proposal.result["n_members"] == POINTS
    assert sorted(states) == [
        ("allocate_months", JobState.SUCCEEDED, 2),
        ("import_file", JobState.SUCCEEDED, 1),
        ("propose_coefficients", JobState.SUCCEEDED, 1),
    ]


hired_as_processes = Crew._hired


@contextmanager
def hired_as_threads(crew: Crew) -> Iterator[list[SimpleNamespace]]:
    """Let workers of this process do the work: a process imports everything for each stage."""
    with working(crew.settings, crew.n_workers):
        yield [SimpleNamespace(poll=lambda: None)]


@contextmanager
def hired_as_processes_once(crew: Crew) -> Iterator[Sequence[object]]:
    """Let processes do the work of the first stage, who open the log, and threads the rest."""
    with hired_as_threads(crew) if crew.log.exists() else hired_as_processes(crew) as workers:
        yield workers


@on_postgres
def test_a_country_goes_through_store_and_workers_beside_others(
    reparto: Reparto,
    database_url: str,
    engine: Engine,
    other_promoter: Promoter,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setattr(Crew, "_hired", hired_as_processes_once)
    arguments = ("--supply-points", POINTS, "--seed", SEED, "--workers", 1)
    run = reparto("simulate-country", *arguments, "--into-existing", "--json")

    assert run.code == 0, run.err
    document = json.loads(run.out)
    counted = (document["n_points"], document["n_communities"], document["n_workers"])
    assert counted == (POINTS, 1, 1)
    stages = {phase["stage"]: phase for phase in document["phases"]}
    assert [phase["n_values"] for phase in stages.values()] == [13 * 8760, 13 * 744, 0, 0, 0]
    assert [phase["n_jobs"] for phase in stages.values()] == [0, 1, 1, 1, 1]
    assert all(phase["seconds"] > 0 for phase in stages.values())
    measured = [stage for stage, phase in stages.items() if phase["cpu_seconds"] > 0]
    assert measured == ["settle", "import a month"]
    assert stages["settle"]["n_bytes"] > 4 * 13 * 8760
    check_store(engine)
    assert list(folder.iterdir()) == []


@on_sqlite
def test_without_a_database_a_temporary_one_is_made_and_kept_on_request(
    reparto: Reparto, folder: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.delenv("REPARTO_DATABASE_URL", raising=False)
    monkeypatch.setattr(Crew, "_hired", hired_as_threads)
    run = reparto("simulate-country", "--supply-points", POINTS, "--seed", SEED, "--keep")
    (kept,) = folder.iterdir()

    assert run.code == 0, run.err
    assert run.out.startswith("12 supply points in 1 community, SQLite, 1 worker, seed 3\n")
    assert f"kept {kept}\n" in run.err
    engine = create_database_engine(f"sqlite:///{kept / 'country.db'}")
    check_store(engine)
    with read_session(engine) as session:
        assert session.exec(select(Upload)).all() == []
        turns = session.exec(select(ScheduledSlot.name, func.count()).group_by("name")).all()
    engine.dispose()
    assert {"allocate_months": 2, "check_readings": 2}.items() <= dict(turns).items()


def test_a_database_in_use_is_refused(
    reparto: Reparto,
    database_url: str,
    engine: Engine,
    promoter: Promoter,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    run = reparto("simulate-country", "--supply-points", POINTS)

    assert run.code == 2
    assert run.err == (
        "error: the database holds data of 'Ajuntament de la Peña': name an empty one, or add "
        "--into-existing\n"
    )
    with read_session(engine) as session:
        assert session.exec(select(Community)).all() == []
        assert session.exec(select(ScheduledSlot)).all() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--supply-points", 9), ("--workers", 0), ("--seed", -1)])
def test_senseless_numbers_are_refused(reparto: Reparto, arguments: tuple[str, int]) -> None:
    assert reparto("simulate-country", *arguments).code == 2


def ask_for_nothing(session, promoter_id, community, now) -> JobRun:
    """Ask for the import of what was never sent."""
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.IMPORT_COMMUNITY,
        arguments={"upload_id": str(community.upload_id)},
        idempotency_key=None,
        now=now,
    )


def make_crew(engine: Engine, database_url: str, tmp_path: Path) -> Crew:
    settings = Settings(database_url=database_url, data_dir=tmp_path / "data")
    return Crew(engine, settings, 1, tmp_path / "workers.log")


def nowhere() -> SettledCommunity:
    return SettledCommunity(uuid4(), "C1", "", uuid4())


@on_sqlite
def test_figures_of_work_that_failed_are_not_told(
    engine: Engine,
    database_url: str,
    promoter: Promoter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Crew, "_hired", hired_as_threads)
    crew = make_crew(engine, database_url, tmp_path)
    with pytest.raises(FailedJobsError) as caught:
        crew.work_through(ask_for_nothing, promoter.id, [nowhere()] * 2, lambda *_: None)

    assert caught.value.count == 2
    assert str(caught.value).startswith("2 jobs failed; the first said: there is no such upload")


@on_sqlite
def test_workers_that_cannot_work_are_told_with_their_last_words(
    engine: Engine, promoter: Promoter, tmp_path: Path
) -> None:
    crew = make_crew(engine, f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)
    with pytest.raises(LostWorkersError) as caught:
        crew.work_through(ask_for_nothing, promoter.id, [nowhere()], lambda *_: None)

    assert "there is no database" in caught.value.said
