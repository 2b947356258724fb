"""Proposals of communities with several plants, and of those that have coefficients already."""

from dataclasses import replace

import numpy as np
import pytest
from sqlmodel import select

from api.clock import now
from api.jobs.worker import drain_queue
from api.services.community_folders.import_community import import_community
from api.services.proposals.plan_coefficients import plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.request_proposal import ProposalWish, request_proposal
from api.services.proposals.run_proposal import load_installation_year
from api.settings import Settings
from models.session import read_session, write_session
from models.tables import (
    CoefficientProposal,
    JobRun,
    Membership,
    ProposedCoefficient,
    SelfConsumptionInstallation,
    SimulatedYear,
)
from tests.support.community_folders import build_community_year, make_cau
from tests.support.databases import RECORDED_AT


def store(engine, promoter, community):
    """Import a community."""
    with write_session(engine) as session:
        import_community(
            session, promoter_id=promoter.id, community=community, imported_at=RECORDED_AT
        )


def propose(engine, promoter, database_url, cau, **extras):
    """Plan with a job and give the proposal and its job."""
    basics = (cau, 2023, "self-consumption", None, "consumption", 0, 1_000_000)
    wish = ProposalWish(*basics, **extras)
    with write_session(engine) as session:
        job = request_proposal(
            session, promoter_id=promoter.id, wish=wish, idempotency_key=None, now=now()
        )
    drain_queue(Settings(database_url=database_url))
    with read_session(engine) as session:
        return (
            session.exec(select(CoefficientProposal)).one_or_none(),
            session.get(JobRun, job.id),
        )


def test_one_plant_of_several_is_shared_by_its_own_members(engine, promoter, database_url):
    community = build_community_year(n_members=4, n_reserve=0, n_installations=2)
    store(engine, promoter, community)
    with write_session(engine) as session:
        plants = {
            plant.cau: plant.id for plant in session.exec(select(SelfConsumptionInstallation))
        }
        leaves = session.exec(
            select(Membership)
            .where(Membership.installation_id == plants[make_cau(2)])
            .order_by(Membership.position)
        ).first()
        session.delete(leaves)
    proposal, job = propose(engine, promoter, database_url, make_cau(2))
    assert job.error_message is None
    alone = replace(
        community,
        installations=community.installations[1:],
        generation_kwh=community.generation_kwh[1:],
        members=community.members[1:],
        consumption_kwh=community.consumption_kwh[1:],
    )
    expected = plan_coefficients(community=alone, request=PlanRequest())
    assert proposal.result["self_consumed_kwh"] == pytest.approx(
        float(expected.proposal.self_consumed_kwh.sum())
    )
    with read_session(engine) as session:
        rows = session.exec(select(ProposedCoefficient).order_by(ProposedCoefficient.position))
        assert [row.millionths for row in rows] == expected.millionths.tolist()
        year = load_installation_year(
            session, promoter_id=promoter.id, installation_id=plants[make_cau(2)], year=2023
        )
    assert [member.member_id for member in year.members] == ["M2", "M3", "M4"]
    assert np.array_equal(year.generation_kwh, alone.generation_kwh)


def with_current(community, betas):
    """State the coefficients in force on the members' list."""
    members = [
        replace(member, current_beta=beta)
        for member, beta in zip(community.members, betas, strict=True)
    ]
    return replace(community, members=tuple(members))


def test_the_coefficients_in_force_are_compared_with(engine, promoter, database_url):
    community = with_current(build_community_year(n_reserve=0), (0.5, 0.3, 0.2))
    store(engine, promoter, community)
    proposal, _ = propose(engine, promoter, database_url, make_cau(1))
    assert proposal.result["rules"].keys() == {
        "equal",
        "contracted_power",
        "consumption",
        "current",
        "hourly_bound",
    }


def test_a_plant_that_is_gone_fails_the_job(engine, promoter, database_url):
    store(engine, promoter, build_community_year())
    wish = ProposalWish(make_cau(1), 2023, "savings", None, "equal", 0, 1_000_000)
    with write_session(engine) as session:
        job = request_proposal(
            session, promoter_id=promoter.id, wish=wish, idempotency_key=None, now=now()
        )
        job.arguments = job.arguments | {"installation_id": str(promoter.id)}
    drain_queue(Settings(database_url=database_url))
    with read_session(engine) as session:
        assert session.get(JobRun, job.id).error_code == "not_found"


def test_without_prices_the_months_hold_energy_alone(engine, promoter, database_url):
    store(engine, promoter, build_community_year(with_prices=False))
    proposal, _ = propose(engine, promoter, database_url, make_cau(1))
    assert proposal.result["savings_eur"] is None
    with read_session(engine) as session:
        years = session.exec(select(SimulatedYear)).all()
    assert len(years) == 3 * 4
    for year in years:
        assert year.months.keys() == {
            "consumption_micro_kwh",
            "allocated_micro_kwh",
            "self_consumed_micro_kwh",
            "surplus_micro_kwh",
            "grid_import_micro_kwh",
        }
        assert {len(months) for months in year.months.values()} == {12}


def test_savings_without_prices_fail_the_job(engine, promoter, database_url):
    store(engine, promoter, build_community_year(with_prices=False))
    wish = ProposalWish(make_cau(1), 2023, "savings", None, "equal", 0, 1_000_000)
    with write_session(engine) as session:
        job = request_proposal(
            session, promoter_id=promoter.id, wish=wish, idempotency_key=None, now=now()
        )
    drain_queue(Settings(database_url=database_url))
    with read_session(engine) as session:
        assert session.get(JobRun, job.id).error_code == "invalid_argument"


def test_members_without_readings_are_planned_by_profile_if_that_is_asked_for(
    engine, promoter, database_url
):
    store(engine, promoter, build_community_year(n_members=2, n_reserve=0))
    store(engine, promoter, build_community_year(n_members=3, n_reserve=0, year=2024))
    refused = propose(engine, promoter, database_url, make_cau(1))
    proposal, job = propose(engine, promoter, database_url, make_cau(1), fills_gaps=True)
    members = proposal.result["members"]

    assert refused[0] is None
    assert refused[1].error_message is not None
    assert job.error_message is None
    assert [member["known_share"] for member in members] == [1.0, 1.0, 0.0]
    assert members[2]["profile"] == "mean of 2 members of 2.0TD"
    assert members[2]["profile_scale"] == "contracted power"
    assert members[2]["self_consumed_kwh"] > 0
