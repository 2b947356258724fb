"""One candidate's assessment against planning the year again by hand, with it and without."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.services.proposals.plan_coefficients import SeveralInstallationsError, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.studies.admission_reasons import state_reason, word_reason, word_stated_reason
from api.services.studies.assess_suitability import (
    AssessedCandidate,
    NobodySharesError,
    SuitabilityRequest,
    assess_suitability,
)
from api.services.studies.describe_suitability import state_suitability
from api.services.studies.judge_candidates import UnknownCandidateError
from loaders.records import CommunityYear, MemberRole
from models.values.calendar import Step
from models.values.language import Language
from planner.goal import Goal, MissingPricesError, Objective
from planner.reserve.payment import PaymentModel
from tests.support.community_folders import build_community_year

DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def community() -> CommunityYear:
    return build_community_year(n_members=4, n_reserve=2, seed=3)


def assess(community: CommunityYear, candidate: str = "R1", **request: object) -> AssessedCandidate:
    wish = SuitabilityRequest(candidate=candidate, on=DAY, **request)  # type: ignore[arg-type]
    return assess_suitability(community=community, request=wish)


def keep(community: CommunityYear, *ids: str) -> CommunityYear:
    """Let only these share, and nobody wait."""
    rows = [row for row, each in enumerate(community.members) if each.member_id in ids]
    members = tuple(replace(community.members[row], role=MemberRole.MEMBER) for row in rows)
    return replace(community, members=members, consumption_kwh=community.consumption_kwh[rows])


@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
@pytest.mark.parametrize("candidate", ["R1", "R2"])
def test_figures_are_those_of_plans_with_and_without(
    community: CommunityYear, candidate: str, objective: Objective
) -> None:
    found = assess(community, candidate, goal=Goal(objective)).suitability
    present = [f"M{place}" for place in range(1, 5)]
    plans = {
        (aim, ids): plan_coefficients(
            community=keep(community, *ids), request=PlanRequest(objective=aim)
        )
        for aim in (Objective.SELF_CONSUMPTION, Objective.SAVINGS)
        for ids in (tuple(present), (*present, candidate))
    }
    gains = {
        aim: plans[aim, (*present, candidate)].choice.upper_bound
        - plans[aim, tuple(present)].choice.upper_bound
        for aim in (Objective.SELF_CONSUMPTION, Objective.SAVINGS)
    }
    joined = plans[objective, (*present, candidate)]

    assert found.marginal_kwh == pytest.approx(gains[Objective.SELF_CONSUMPTION], abs=1e-9)
    assert found.marginal_eur == pytest.approx(gains[Objective.SAVINGS], abs=1e-9)
    assert found.millionths == joined.millionths[-1]
    assert found.self_consumed_kwh == pytest.approx(joined.proposal.self_consumed_kwh[-1].sum())
    savings = joined.proposal.savings_eur
    assert savings is not None
    assert found.economics is not None
    assert found.economics.saving_eur == pytest.approx(savings[-1].sum())


@pytest.mark.parametrize("step", [Step.HOUR, Step.QUARTER_HOUR])
def test_hours_are_those_of_the_clock_on_the_wall(step: Step) -> None:
    community = build_community_year(n_members=2, n_reserve=1, step=step, with_prices=False)
    found = assess(community)
    filled = found.suitability.filled

    assert filled.used_kwh.shape == (12, 24)
    # The plant of these communities sleeps from seven in the evening to half past six.
    assert not filled.former_surplus_kwh[:, [0, 1, 2, 3, 4, 5, 19, 20, 21, 22, 23]].any()
    assert (filled.former_surplus_kwh[:, 12] > 0).all()
    assert found.suitability.economics is None


def test_the_statement_carries_every_figure(community: CommunityYear) -> None:
    found = assess(community, payment=PaymentModel(upfront_eur=50.0, horizon_years=3))
    stated = state_suitability(found)

    assert stated["member_id"] == "R1"
    assert stated["beta"] == f"{found.suitability.millionths / 1e6:.6f}"
    assert stated["economics"]["upfront_eur"] == "50.00"
    assert np.array(stated["filled"]["used_kwh"]).sum() == pytest.approx(
        found.suitability.marginal_kwh, abs=1e-3
    )
    for language in Language:
        assert [word_stated_reason(each, language) for each in stated["reasons"]] == [
            word_reason(each, language) for each in found.reasons
        ]
    assert [state_reason(each) for each in found.reasons] == stated["reasons"]


def test_without_prices_money_is_not_stated() -> None:
    stated = state_suitability(assess(build_community_year(with_prices=False)))
    assert (stated["marginal_eur"], stated["economics"]) == (None, None)


def test_the_others_who_wait_change_nothing(community: CommunityYear) -> None:
    alone = [each for each in community.members if each.member_id != "R2"]
    rows = [row for row, each in enumerate(community.members) if each in alone]
    smaller = replace(
        community, members=tuple(alone), consumption_kwh=community.consumption_kwh[rows]
    )
    assert state_suitability(assess(smaller)) == state_suitability(assess(community))


def test_gaps_are_filled_and_told(community: CommunityYear) -> None:
    consumption = community.consumption_kwh.copy()
    consumption[4, 4_000:] = np.nan
    found = assess(replace(community, consumption_kwh=consumption))
    assert found.completion.known_share == pytest.approx(4_000 / 8_760)
    assert state_suitability(found)["known_share"] == found.completion.known_share


def test_what_cannot_be_assessed_is_refused(community: CommunityYear) -> None:
    with pytest.raises(UnknownCandidateError, match="not in the reserve: M1"):
        assess(community, "M1")
    waiting = tuple(replace(each, role=MemberRole.RESERVE) for each in community.members)
    with pytest.raises(NobodySharesError, match="fill the vacancies first"):
        assess(replace(community, members=waiting))
    with pytest.raises(SeveralInstallationsError):
        assess(build_community_year(n_installations=2))
    with pytest.raises(MissingPricesError):
        assess(build_community_year(with_prices=False), goal=Goal(Objective.SAVINGS))
