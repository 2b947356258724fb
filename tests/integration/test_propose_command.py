"""``reparto propose``: coefficients for a stored plant, done here or by a worker."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from models.tables import CoefficientProposal, JobRun, JobState, Promoter
from scripts.commands import propose
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year
from tests.support.databases import on_sqlite
from tests.support.imports import YEAR, import_year, rows_of

# No database can change what is said here.
pytestmark = on_sqlite


@pytest.fixture
def cau(engine: Engine, promoter: Promoter, database_url: str, monkeypatch) -> str:
    """Store a community and give its plant."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    import_year(engine, promoter, YEAR)
    return str(YEAR.installations[0].cau)


def test_a_proposal_is_made_shown_and_kept(
    engine: Engine, promoter: Promoter, cau: str, reparto: Reparto
):
    run = reparto("propose", cau, "--year", 2023, "--promoter", promoter.name)

    (proposal,) = rows_of(engine, CoefficientProposal)
    assert run.code == 0
    assert run.out.splitlines()[-1] == f"PROPOSAL {proposal.id}"
    assert run.err == ""
    for member in proposal.result["members"]:
        assert f"{member['cups']}   {member['beta']}" in run.out


def test_options_reach_the_plan_and_json_is_for_programs(
    engine: Engine, promoter: Promoter, cau: str, reparto: Reparto
):
    run = reparto(
        "propose", cau, "--year", 2023, "--promoter", promoter.name, "--json",
        "--max-beta", "0.6", "--floor", "0.5", "--objective", "savings", "--classes", "month",
    )  # fmt: skip
    (proposal,) = rows_of(engine, CoefficientProposal)
    shown = json.loads(run.out)
    assert shown["proposal_id"] == str(proposal.id)
    assert shown["betas"] == proposal.result["betas"]
    asked = {name: proposal.request[name] for name in ("floor", "max_beta", "objective", "classes")}
    assert asked == {
        "floor": "0.5",
        "max_beta": "0.600000",
        "objective": "savings",
        "classes": "month",
    }


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--year", "2022"], 2, "no readings of 2022 are stored"),
        (["--year", "2023", "--max-beta", "0.1"], 4, "cannot hold"),
        (["--year", "1234"], 2, "1234"),
        (["--year", "2023", "--objective", "mix"], 2, "the objective mix needs its weights"),
    ],
)
def test_what_fails_is_told_with_its_exit_code(
    engine: Engine, promoter: Promoter, cau: str, reparto: Reparto, options, code, told
):
    run = reparto("propose", cau, *options, "--promoter", promoter.name)
    assert run.code == code
    assert told in run.err
    assert rows_of(engine, CoefficientProposal) == []


def test_a_plant_of_nobody_and_a_promoter_of_no_name_are_told(
    promoter: Promoter, cau: str, reparto: Reparto
):
    other = str(replace(build_community_year(), community_id="x").installations[0].cau)[:-1] + "9"
    unknown = reparto("propose", other, "--year", 2023, "--promoter", promoter.name)
    assert (unknown.code, unknown.err) == (2, f"error: there is no such installation: {other}\n")
    assert reparto("propose", cau, "--year", 2023, "--promoter", "Nobody").code == 2


def test_a_worker_that_is_faster_is_waited_for(
    engine: Engine, promoter: Promoter, cau: str, reparto: Reparto, monkeypatch
):
    took = propose.Worker.take_job
    looked: list[JobState] = []

    def sleep(_seconds: float) -> None:
        (job,) = rows_of(engine, JobRun)
        looked.append(job.state)
        took(propose.Worker(settings, engine, propose.build_registry(settings)), job.id)

    settings = propose.read_settings()
    monkeypatch.setattr(propose.Worker, "take_job", lambda *_: False)
    monkeypatch.setattr("scripts.commands.propose.time.sleep", sleep)
    run = reparto("propose", cau, "--year", 2023, "--promoter", promoter.name)
    assert (run.code, looked) == (0, [JobState.QUEUED])


def test_a_mix_is_weighed_as_asked(engine: Engine, promoter: Promoter, cau: str, reparto: Reparto):
    run = reparto(
        "propose", cau, "--year", 2023, "--promoter", promoter.name, "--objective", "mix",
        "--mix", "kwh=0.05,kg=0.1", "--carbon-factor", "0.12 somebody",
    )  # fmt: skip
    assert run.code == 0
    (proposal,) = rows_of(engine, CoefficientProposal)
    assert proposal.request["mix"] == {"kwh": 0.05, "eur": 0.0, "kg": 0.1}
    assert proposal.request["carbon"] == {"kg_per_kwh": 0.12, "label": "somebody"}
