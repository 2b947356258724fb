"""A community with several plants: who shares where, through API, worker and database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from api.services.bills.segment_terms import LawChoice
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from api.services.studies.plan_several import plan_several
from loaders.distributor_file_check import validate_distributor_file
from planner.goal import Objective
from tests.support.api import ACCEPT
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries
from tests.support.reserve_pools import (
    POOL_DAY,
    ask_study,
    build_pool,
    community_id,
    cups_of,
    fail_study,
    nodes,
    run_study,
    store,
)

pytestmark = on_sqlite

ASSIGNMENT = """__typename ... on MemberAssignment {
  id year onDay objective selfConsumedKwh savingsEur upperBoundKwh upperBoundEur gap method
  distanceLimitM community { code } job { kind } downloads { proposal }
  plants { totalCount edges { node {
    installation { cau } generationKwh selfConsumedKwh savingsEur gap method worthOfOnePercent
    distributorFile
    members(first: 100) { totalCount edges { node { distanceM
      share { beta selfConsumedKwh savingsEur supplyPoint { cups } } } } }
  } } } }"""
KWH, EUR = Objective.SELF_CONSUMPTION, Objective.SAVINGS


def build_two(**changes):
    """Build the pool with a second plant, whose sun comes three hours later, and a bigger group."""
    built = build_pool(n_installations=2, n_members=6, **changes)
    generation_kwh = np.stack([built.generation_kwh[0], np.roll(built.generation_kwh[1], 3)])
    members = tuple(replace(each, current_beta=None) for each in built.members)
    return replace(built, members=members, generation_kwh=generation_kwh)


@pytest.fixture
def two(api):
    """Store the community with two plants."""
    return store(api, build_two())


@pytest.mark.parametrize(("objective", "aim"), [("SELF_CONSUMPTION", KWH), ("SAVINGS", EUR)])
def test_assignment_is_that_of_the_use_case(api, two, objective, aim):
    wish = {"communityId": community_id(api), "objective": objective, "maxBeta": "0.6"}
    found = run_study(api, "assignMembers", ASSIGNMENT, **wish)
    request = PlanRequest(objective=aim, max_beta=Decimal("0.6"))
    expected = plan_several(community=two, request=request, day=date.fromisoformat(POOL_DAY))
    plants = nodes(found["plants"])
    sharing = {
        each["share"]["supplyPoint"]["cups"]: (place, Decimal(each["share"]["beta"]) * 1_000_000)
        for place, plant in enumerate(plants)
        for each in nodes(plant["members"])
    }

    assert (found["__typename"], found["community"]["code"]) == ("MemberAssignment", "pool")
    assert (found["onDay"], found["distanceLimitM"]) == (POOL_DAY, 5000.0)
    assert found["gap"] == expected.gap
    assert sharing == {
        record.cups: (place, share)
        for place, plan in enumerate(expected.plans)
        for record, share in zip(plan.members, plan.millionths.tolist(), strict=True)
    }
    used = [plan.proposal.self_consumed_kwh.sum() for plan in expected.plans]
    assert [each["selfConsumedKwh"] for each in plants] == pytest.approx(used, abs=1e-5)
    assert found["selfConsumedKwh"] == pytest.approx(sum(used), abs=1e-5)
    bound = found["upperBoundKwh"] if aim is KWH else float(found["upperBoundEur"])
    assert bound == pytest.approx(expected.upper_bound, abs=0.01)
    assert (found["upperBoundKwh"] is None) == (aim is EUR)
    assert [each["worthOfOnePercent"] for each in plants] == pytest.approx(
        expected.assignment.prices / 100
    )


def test_members_are_assigned_by_their_retail_bills(api, two):
    selection = "... on MemberAssignment { savingsEur bills { lawYear afterEur savingEur } }"
    wish = {"communityId": community_id(api), "objective": "SAVINGS", "prices": "RETAIL"}
    found = run_study(api, "assignMembers", selection, **wish, retail={"lawYear": 2025})
    terms = RetailQuestion(choice=LawChoice(year=2025))
    request = PlanRequest(objective=EUR, prices=PriceBasis.RETAIL, retail=terms)
    expected = plan_several(community=two, request=request, day=date.fromisoformat(POOL_DAY))

    bills = [plan.billed.bills for plan in expected.plans]
    after = sum(int(each.after_cents.sum()) for each in bills)
    without = sum(int(each.without_cents.sum()) for each in bills)
    assert Decimal(found["bills"]["afterEur"]) * 100 == after
    assert Decimal(found["bills"]["savingEur"]) * 100 == without - after
    assert found["bills"]["lawYear"] == 2025
    assert float(found["savingsEur"]) == pytest.approx((without - after) / 100, abs=1)


def test_a_year_without_law_is_refused_at_once(api, two):
    wish = {"communityId": community_id(api), "onDay": POOL_DAY, "retail": {"lawYear": 99999}}
    (error,) = ask_study(api, "assignMembers", **wish)["userErrors"]
    assert error["path"] == ["input", "retail", "lawYear"]


def test_distances_are_told_and_files_hold_their_plant(api, two, tmp_path):
    found = run_study(api, "assignMembers", ASSIGNMENT, communityId=community_id(api))
    document = api.get(found["downloads"]["proposal"])

    assert document.headers["content-disposition"] == 'attachment; filename="proposal_2023.json"'
    assert document.json()["assignment"].keys() == {f"M{place}" for place in range(1, 7)}
    for plant in nodes(found["plants"]):
        cau = plant["installation"]["cau"]
        ways = [each["distanceM"] for each in nodes(plant["members"])]
        assert ways == pytest.approx([111] * len(ways), abs=1)
        file = tmp_path / f"{cau}_2027.txt"
        file.write_bytes(api.get(f"{plant['distributorFile']}&year=2027").content)
        assert validate_distributor_file(file) == []
        assert len(file.read_text().splitlines()) == plant["members"]["totalCount"]


def test_an_unknown_plant_of_an_assignment_has_no_file(api, two):
    found = run_study(api, "assignMembers", ASSIGNMENT, communityId=community_id(api))
    path = found["downloads"]["proposal"].replace("proposal.json", "nowhere/distributor.txt")
    assert api.get(path).status_code == 404


def test_no_plant_takes_more_than_it_may(api, two):
    wish = {"communityId": community_id(api), "mostMembers": 3}
    found = run_study(api, "assignMembers", ASSIGNMENT, **wish)
    assert [each["members"]["totalCount"] for each in nodes(found["plants"])] == [3, 3]
    code, message = fail_study(api, "assignMembers", **wish | {"mostMembers": 2})
    assert (code, "2 members find no room" in message) == ("INFEASIBLE", True)


def test_one_plant_takes_everybody(api):
    store(api, build_pool())
    found = run_study(api, "assignMembers", ASSIGNMENT, communityId=community_id(api))
    assert [each["members"]["totalCount"] for each in nodes(found["plants"])] == [4]


def test_who_is_out_of_reach_of_every_plant_ends_the_job(api):
    built = build_two()
    members = tuple(
        replace(each, lat=45.0) if each.member_id == "M2" else each for each in built.members
    )
    store(api, replace(built, members=members))
    code, message = fail_study(api, "assignMembers", communityId=community_id(api))
    assert (code, message.startswith("no installation is within reach of M2")) == (
        "INFEASIBLE",
        True,
    )


def test_savings_need_prices(api):
    store(api, build_two(with_prices=False))
    wish = {"communityId": community_id(api), "objective": "SAVINGS"}
    assert fail_study(api, "assignMembers", **wish)[0] == "INVALID_ARGUMENT"


def test_queries_do_not_grow_with_members(api, two):
    found = run_study(api, "assignMembers", ASSIGNMENT, communityId=community_id(api))
    query = f"query ($id: ID!) {{ node(id: $id) {{ {ASSIGNMENT} }} }}"
    with count_queries(api.engine) as queries:
        api.ask(query, id=found["id"])
    # The assignment, its community and job, plants, supply points by CUPS and by id.
    assert len(queries) == 6, queries


def test_a_plant_of_several_is_studied_with_its_own_members_and_coefficients(api, two):
    cau = two.installations[0].cau
    proposal = api.propose(cau=cau)
    agreed = api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    assert agreed["acceptProposal"]["userErrors"] == []
    query = """query ($cau: Cau!) { installation(cau: $cau) { publishedAgreement { coefficients {
      edges { node { coefficient supplyPoint { cups } } } } } } }"""
    agreement = api.ask(query, cau=cau)["installation"]["publishedAgreement"]
    selection = """... on CapacitySharing { shares { edges { node {
      formerCoefficient isCandidate supplyPoint { cups } } } } }"""
    candidates = [{"cups": cups_of(two, "R1")}]
    found = run_study(
        api, "shareExtraCapacity", selection, cau=cau, newKw=15.0, candidates=candidates
    )
    shares = nodes(found["shares"])

    assert [each["formerCoefficient"] for each in shares if not each["isCandidate"]] == [
        each["coefficient"] for each in nodes(agreement["coefficients"])
    ]
    assert shares[-1]["supplyPoint"] == candidates[0]
