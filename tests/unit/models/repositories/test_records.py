"""Every repository function: what it finds, in one query, and that it keeps promoters apart."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import Engine

from models.repositories import (
    agreements,
    communities,
    installations,
    jobs,
    members,
    memberships,
    promoters,
    proposals,
    reserve_pool,
    supply_points,
    uploads,
)
from models.repositories.page import PageRequest
from models.session import read_session, write_session
from models.tables import (
    ApiToken,
    ApplicationState,
    CoefficientProposal,
    DistributionAgreement,
    JobRun,
    Membership,
    Promoter,
    ProposalReport,
    ReserveApplication,
    SimulatedYear,
    Upload,
)
from tests.support.databases import RECORDED_AT
from tests.support.queries import count_queries
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community


@dataclass(frozen=True, slots=True)
class World:
    """One promoter's records of every kind."""

    promoter_id: UUID
    stored: StoredCommunity
    agreement: DistributionAgreement
    proposal: CoefficientProposal
    job: JobRun
    upload: Upload
    application: ReserveApplication


@stored_once
def world(engine: Engine, promoter: Promoter) -> World:
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, n_members=3)
        stored.members[2].code = "A"
        tenant, plant = promoter.id, stored.installation.id
        gone = stored.points[2].id
        memberships_of = memberships.group_open_memberships(
            session, promoter_id=tenant, installation_ids=[plant]
        )[plant]
        memberships_of[2].valid_until = date(2023, 6, 1)
        memberships_of[0].position = 5
        application = ReserveApplication(
            promoter_id=tenant,
            community_id=stored.community.id,
            supply_point_id=gone,
            position=7,
        )
        job = JobRun(promoter_id=tenant, kind="propose", arguments={}, created_at=RECORDED_AT)
        upload = Upload(
            promoter_id=tenant,
            file_name="a.zip",
            sha256="0" * 64,
            size_bytes=2**40,
            created_at=RECORDED_AT,
        )
        session.add_all([application, job, upload])
        session.flush()
        proposal = CoefficientProposal(
            promoter_id=tenant,
            installation_id=plant,
            job_run_id=job.id,
            year=2023,
            request={},
            result={},
            created_at=RECORDED_AT,
        )
        shares = {stored.points[1].id: 600_000, stored.points[0].id: 400_000}
        years = [
            SimulatedYear(
                proposal_id=proposal.id,
                supply_point_id=point,
                promoter_id=tenant,
                scenario=scenario,
                months={"kwh": [position]},
            )
            for position, point in enumerate(shares)
            for scenario in ("proposal", "equal")
        ]
        report = ProposalReport(
            proposal_id=proposal.id,
            language="en",
            promoter_id=tenant,
            sha256="0" * 64,
            content=b"PK",
        )
        proposals.add_proposal(session, proposal, shares, [*years, report])
        agreement = DistributionAgreement(
            promoter_id=tenant, installation_id=plant, file_year=2024, created_at=RECORDED_AT
        )
        agreements.draft_agreement(session, agreement, shares)
        agreements.publish_agreement(session, agreement, published_at=RECORDED_AT)
    return World(tenant, stored, agreement, proposal, job, upload, application)


def _ask(engine: Engine, function, **asked):
    with read_session(engine) as session, count_queries(engine) as queries:
        answer = function(session, **asked)
    assert len(queries) == 1
    return answer


def test_records_by_id(engine: Engine, world: World):
    stored, tenant = world.stored, world.promoter_id
    for function, argument, row in (
        (communities.map_communities, "community_ids", stored.community),
        (installations.map_installations, "installation_ids", stored.installation),
        (members.map_members, "member_ids", stored.members[0]),
        (supply_points.map_supply_points, "supply_point_ids", stored.points[0]),
        (reserve_pool.map_reserve_applications, "application_ids", world.application),
        (agreements.map_agreements, "agreement_ids", world.agreement),
        (proposals.map_proposals, "proposal_ids", world.proposal),
        (jobs.map_jobs, "job_ids", world.job),
    ):
        keys = {argument: [row.id, uuid4()]}
        found = _ask(engine, function, promoter_id=tenant, **keys)
        assert {key: type(value) for key, value in found.items()} == {row.id: type(row)}
        assert _ask(engine, function, promoter_id=uuid4(), **keys) == {}


def test_one_record(engine: Engine, world: World):
    stored, tenant = world.stored, world.promoter_id
    for function, asked, row in (
        (communities.get_community, {"community_id": stored.community.id}, stored.community),
        (communities.find_community, {"code": "c1"}, stored.community),
        (
            installations.get_installation,
            {"installation_id": stored.installation.id},
            stored.installation,
        ),
        (installations.find_installation, {"cau": stored.installation.cau}, stored.installation),
        (jobs.get_job, {"job_id": world.job.id}, world.job),
        (uploads.get_upload, {"upload_id": world.upload.id}, world.upload),
    ):
        assert _ask(engine, function, promoter_id=tenant, **asked).id == row.id
        assert _ask(engine, function, promoter_id=uuid4(), **asked) is None
        other = {name: "none" if isinstance(v, str) else uuid4() for name, v in asked.items()}
        assert _ask(engine, function, promoter_id=tenant, **other) is None


def test_lists_of_many(engine: Engine, world: World):
    stored, tenant, nobody = world.stored, world.promoter_id, uuid4()
    plant, community = stored.installation.id, stored.community.id
    first, second, third = (point.id for point in stored.points)
    for function, argument, key, name, expected in (
        (installations.group_installations, "community_ids", community, "id", [plant]),
        (supply_points.group_supply_points, "member_ids", stored.members[2].id, "id", [third]),
        (
            memberships.group_open_memberships,
            "installation_ids",
            plant,
            "supply_point_id",
            [second, first],
        ),
        (
            agreements.group_coefficients,
            "agreement_ids",
            world.agreement.id,
            "supply_point_id",
            [second, first],
        ),
        (
            proposals.group_proposed_coefficients,
            "proposal_ids",
            world.proposal.id,
            "supply_point_id",
            [second, first],
        ),
    ):
        keys = {argument: [key, nobody]}
        found = _ask(engine, function, promoter_id=tenant, **keys)
        assert {k: [getattr(row, name) for row in rows] for k, rows in found.items()} == {
            key: expected,
            nobody: [],
        }
        assert _ask(engine, function, promoter_id=nobody, **keys) == {key: [], nobody: []}


def test_simulated_years_of_scenarios(engine: Engine, world: World):
    asked = [(world.proposal.id, "proposal"), (world.proposal.id, "current")]
    found = _ask(
        engine,
        proposals.group_simulated_years,
        promoter_id=world.promoter_id,
        scenarios=asked,
    )
    assert {key: [year.months["kwh"] for year in years] for key, years in found.items()} == {
        asked[0]: [[0], [1]],
        asked[1]: [],
    }
    stranger = _ask(engine, proposals.group_simulated_years, promoter_id=uuid4(), scenarios=asked)
    assert stranger == {asked[0]: [], asked[1]: []}


def test_maps_by_code(engine: Engine, world: World):
    stored, tenant = world.stored, world.promoter_id
    cups = [point.cups for point in stored.points]
    for function, asked, expected in (
        (
            members.map_members_by_code,
            {"community_id": stored.community.id},
            {"M1", "M2", "A"},
        ),
        (supply_points.map_supply_points_by_cups, {"cups": [*cups, "none"]}, set(cups)),
        (
            installations.map_installations_by_cau,
            {"caus": [stored.installation.cau, "none"]},
            {stored.installation.cau},
        ),
        (
            agreements.map_published_agreements,
            {"installation_ids": [stored.installation.id]},
            {stored.installation.id},
        ),
        (
            memberships.map_last_ends,
            {"installation_ids": [stored.installation.id]},
            {(stored.installation.id, stored.points[2].id)},
        ),
    ):
        assert set(_ask(engine, function, promoter_id=tenant, **asked)) == expected
        assert _ask(engine, function, promoter_id=uuid4(), **asked) == {}


def test_the_last_end_is_the_latest(engine: Engine, world: World):
    plant, point = world.stored.installation.id, world.stored.points[2].id
    with write_session(engine) as session:
        session.add(
            Membership(
                promoter_id=world.promoter_id,
                installation_id=plant,
                supply_point_id=point,
                position=0,
                valid_from=date(2022, 1, 1),
                valid_until=date(2022, 3, 1),
            )
        )
    ends = _ask(
        engine,
        memberships.map_last_ends,
        promoter_id=world.promoter_id,
        installation_ids=[plant],
    )
    assert ends == {(plant, point): date(2023, 6, 1)}


def test_the_pool_holds_those_who_wait(engine: Engine, world: World):
    community, tenant = world.stored.community.id, world.promoter_id
    with write_session(engine) as session:
        session.add_all(
            ReserveApplication(
                promoter_id=tenant,
                community_id=community,
                supply_point_id=point.id,
                position=position,
                state=state,
            )
            for point, position, state in zip(
                world.stored.points,
                (3, 9),
                (ApplicationState.WAITING, ApplicationState.WITHDRAWN),
                strict=False,
            )
        )
    asked = {"promoter_id": tenant, "community_ids": [community]}
    page = _ask(engine, reserve_pool.page_reserve_pool, **asked, request=PageRequest(5))[community]
    assert [row.position for row in page.items] == [3, 7]
    assert _ask(engine, reserve_pool.count_reserve_pool, **asked) == {community: 2}
    rows = _ask(
        engine,
        reserve_pool.list_reserve_applications,
        promoter_id=tenant,
        community_id=community,
    )
    assert [row.position for row in rows] == [3, 7, 9]
    stranger = asked | {"promoter_id": uuid4()}
    assert _ask(engine, reserve_pool.count_reserve_pool, **stranger) == {community: 0}


def test_proposals_have_pages(engine: Engine, world: World):
    plant = world.stored.installation.id
    asked = {"promoter_id": world.promoter_id, "installation_ids": [plant]}
    page = _ask(engine, proposals.page_proposals, **asked, request=PageRequest(5))[plant]
    assert [proposal.id for proposal in page.items] == [world.proposal.id]
    assert page.keys == ((RECORDED_AT, world.proposal.id),)
    assert _ask(engine, proposals.count_proposals, **asked) == {plant: 1}


def test_the_last_stated_agreement_came_from_no_proposal(engine: Engine, world: World):
    accepted = DistributionAgreement(
        promoter_id=world.promoter_id,
        installation_id=world.stored.installation.id,
        proposal_id=world.proposal.id,
        file_year=2024,
        created_at=RECORDED_AT.replace(year=2025),
    )
    with write_session(engine) as session:
        agreements.draft_agreement(session, accepted, {})
    asked = {"installation_id": world.stored.installation.id}
    find = agreements.find_last_stated_agreement
    assert _ask(engine, find, promoter_id=world.promoter_id, **asked).id == world.agreement.id
    assert _ask(engine, find, promoter_id=uuid4(), **asked) is None
    find, asked = agreements.find_agreement_of_proposal, {"proposal_id": world.proposal.id}
    assert _ask(engine, find, promoter_id=world.promoter_id, **asked).id == accepted.id
    assert _ask(engine, find, promoter_id=uuid4(), **asked) is None


def test_tokens_and_promoters(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        session.add(
            ApiToken(
                promoter_id=promoter.id,
                name="laptop",
                prefix="rp_1",
                sha256="a" * 64,
                created_at=RECORDED_AT,
            )
        )
    with read_session(engine) as session:
        assert promoters.find_token(session, sha256="a" * 64).promoter_id == promoter.id
        assert promoters.find_token(session, sha256="b" * 64) is None
    assert _ask(engine, promoters.find_token_by_prefix, prefix="rp_1").sha256 == "a" * 64
    assert _ask(engine, promoters.find_promoter, name=promoter.name).id == promoter.id
    assert _ask(engine, promoters.find_promoter, name="nobody") is None


def test_large_uploads_keep_their_size(engine: Engine, world: World):
    found = _ask(
        engine, uploads.get_upload, promoter_id=world.promoter_id, upload_id=world.upload.id
    )
    assert found.size_bytes == 2**40
    assert found.created_at == RECORDED_AT


def test_pages_are_the_promoters_own(engine: Engine, world: World):
    plant, community = world.stored.installation.id, world.stored.community.id
    for page, count, argument, key in (
        (agreements.page_agreements, agreements.count_agreements, "installation_ids", plant),
        (proposals.page_proposals, proposals.count_proposals, "installation_ids", plant),
        (
            reserve_pool.page_reserve_pool,
            reserve_pool.count_reserve_pool,
            "community_ids",
            community,
        ),
    ):
        for promoter_id, expected in ((world.promoter_id, 1), (uuid4(), 0)):
            asked = {"promoter_id": promoter_id, argument: [key]}
            assert len(_ask(engine, page, **asked, request=PageRequest(5))[key].items) == expected
            assert _ask(engine, count, **asked) == {key: expected}
    everyone = reserve_pool.list_reserve_applications
    assert _ask(engine, everyone, promoter_id=uuid4(), community_id=community) == []
