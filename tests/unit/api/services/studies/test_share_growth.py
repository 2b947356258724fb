"""A grown plant's coefficients against planning the grown year by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.services.communities.current_coefficients import MissingCoefficientsError
from api.services.proposals.limits_document import CoefficientWish, LimitsDocument
from api.services.proposals.plan_coefficients import SeveralInstallationsError, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.studies.describe_growth import state_growth
from api.services.studies.judge_candidates import UnknownCandidateError
from api.services.studies.share_growth import (
    GrowthRequest,
    IneligibleCandidateError,
    SharedGrowth,
    share_growth,
)
from loaders.records import CommunityYear, MemberRole
from planner.goal import Goal, Objective
from planner.reserve.extra_capacity import CurrentSumError, ShrinkingPlantError
from tests.support.community_folders import build_community_year

DAY = date(2026, 4, 1)
CURRENT = {"M1": 0.4, "M2": 0.3, "M3": 0.3}


@pytest.fixture
def community() -> CommunityYear:
    return with_current(build_community_year(n_members=3, n_reserve=2, seed=4))


def with_current(community: CommunityYear) -> CommunityYear:
    members = tuple(
        replace(each, current_beta=CURRENT.get(each.member_id)) for each in community.members
    )
    return replace(community, members=members)


def grow(community: CommunityYear, new_kw: float = 14.0, **request: object) -> SharedGrowth:
    wish = GrowthRequest(new_kw=new_kw, on=DAY, **request)  # type: ignore[arg-type]
    return share_growth(community=community, request=wish)


@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
def test_growth_is_the_best_plan_of_the_grown_year(
    community: CommunityYear, objective: Objective
) -> None:
    shared = grow(community, candidates=("R2",), goal=Goal(objective))
    rows = [0, 1, 2, 4]
    grown = replace(
        community,
        generation_kwh=community.generation_kwh * 1.4,
        members=tuple(
            replace(community.members[row], role=MemberRole.MEMBER, current_beta=None)
            for row in rows
        ),
        consumption_kwh=community.consumption_kwh[rows],
    )
    least = [
        CoefficientWish.model_validate({"members": [name], "at_least": text})
        for name, text in (("M1", "0.285715"), ("M2", "0.214286"), ("M3", "0.214286"))
    ]
    plan = plan_coefficients(
        community=grown,
        request=PlanRequest(objective=objective, limits=LimitsDocument(coefficient=least)),
    )

    assert shared.growth.choice.value == pytest.approx(plan.choice.value, abs=1e-9)
    assert shared.growth.choice.millionths.tolist() == plan.millionths.tolist()
    np.testing.assert_allclose(
        shared.settled.self_consumed_kwh, plan.proposal.self_consumed_kwh, atol=1e-9
    )


def test_the_statement_carries_every_figure(community: CommunityYear) -> None:
    shared = grow(community, candidates=("R1",))
    stated = state_growth(shared)

    assert (stated["old_kw"], stated["new_kw"]) == (10.0, 14.0)
    assert [each["member_id"] for each in stated["members"]] == ["M1", "M2", "M3", "R1"]
    assert [each["is_candidate"] for each in stated["members"]] == [False] * 3 + [True]
    assert stated["members"][0]["current_beta"] == "0.400000"
    assert sum(each["added_kw"] for each in stated["members"]) == pytest.approx(4.0)
    assert stated["self_consumed_kwh"] <= stated["upper_bound_kwh"] + 1e-6


def test_money_is_not_stated_without_prices() -> None:
    community = with_current(build_community_year(with_prices=False))
    stated = state_growth(grow(community))
    assert stated["savings_eur"] is None
    assert {each["savings_eur"] for each in stated["members"]} == {None}


def test_who_is_named_twice_gets_one_share(community: CommunityYear) -> None:
    assert len(grow(community, candidates=("R1", "R1")).group) == 4


def test_what_cannot_be_shared_is_refused(community: CommunityYear) -> None:
    with pytest.raises(ShrinkingPlantError):
        grow(community, 10.0)
    with pytest.raises(UnknownCandidateError, match="not in the reserve: M1"):
        grow(community, candidates=("M1",))
    with pytest.raises(SeveralInstallationsError):
        grow(build_community_year(n_installations=2))
    with pytest.raises(MissingCoefficientsError, match="3 have no current_beta: M1, M2, M3"):
        grow(build_community_year())
    short = tuple(
        replace(each, current_beta=0.3) if each.member_id == "M1" else each
        for each in community.members
    )
    with pytest.raises(CurrentSumError, match=r"sum to 0\.900000"):
        grow(replace(community, members=short))


def test_a_candidate_too_far_is_refused_with_the_reason(community: CommunityYear) -> None:
    far = tuple(replace(each, lat=45.0, lon=0.0) for each in community.members)
    with pytest.raises(IneligibleCandidateError, match="R1 may not share: The meter is") as caught:
        grow(replace(community, members=far), candidates=("R1",))
    assert caught.value.member_id == "R1"
    assert not caught.value.eligibility.eligible
