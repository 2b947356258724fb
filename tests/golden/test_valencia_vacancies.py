"""The reserve of the reference community: the best group of every size, by enumeration."""

from datetime import date
from itertools import combinations

import numpy as np
import pytest

from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.assess_suitability import SuitabilityRequest, assess_suitability
from api.services.studies.fill_request import FillRequest
from api.services.studies.fill_vacancies import fill_vacancies
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear, MemberRole
from planner.coefficients.choose import choose_coefficients
from planner.goal import Goal, Objective
from tests.support.shared_data import shared_data_folder


@pytest.fixture(scope="module")
def valencia() -> CommunityYear:
    return read_community_folder(shared_data_folder() / "valencia")


@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
@pytest.mark.parametrize("vacancies", [1, 2, 3, 4, 5])
def test_the_group_is_the_best_of_all_of_its_size(
    valencia: CommunityYear, vacancies: int, objective: Objective
) -> None:
    request = FillRequest(on=date(2026, 11, 21), vacancies=vacancies, goal=Goal(objective))
    filled = fill_vacancies(community=valencia, request=request)
    members, reserve = (valencia.positions(role) for role in MemberRole)
    values = {}
    for chosen in combinations(reserve.tolist(), vacancies):
        year = build_sharing_year(valencia, np.sort(np.append(members, chosen)))
        values[chosen] = choose_coefficients(year, Goal(objective)).value
    best = max(values, key=values.__getitem__)

    assert filled.admitted_ids == [valencia.members[row].member_id for row in best]
    assert filled.value == pytest.approx(values[best], rel=1e-12)
    assert filled.value <= filled.upper_bound <= filled.value * (1 + 1e-6)
    assert filled.is_proven


def test_two_vacancies_and_what_each_candidate_alone_would_add(valencia: CommunityYear) -> None:
    request = FillRequest(on=date(2026, 11, 21), vacancies=2)
    filled = fill_vacancies(community=valencia, request=request)

    assert filled.admitted_ids == ["C02", "C07"]
    assert filled.value == pytest.approx(87_612.740, abs=1e-3)
    assert [round(each.marginal_kwh, 1) for each in filled.candidates] == [
        545.9,
        2983.3,
        593.2,
        3383.0,
        3409.1,
    ]


def test_each_candidate_assessed_alone_brings_what_the_filling_says(
    valencia: CommunityYear,
) -> None:
    day = date(2026, 11, 21)
    filled = fill_vacancies(community=valencia, request=FillRequest(on=day, vacancies=2))
    members = valencia.positions(MemberRole.MEMBER)
    for outcome in filled.candidates:
        wish = SuitabilityRequest(candidate=outcome.record.member_id, on=day)
        found = assess_suitability(community=valencia, request=wish).suitability
        row = valencia.members.index(outcome.record)
        years = [build_sharing_year(valencia, rows) for rows in (np.append(members, row), members)]
        gains = {
            goal: np.subtract(*(choose_coefficients(year, goal).upper_bound for year in years))
            for goal in (Goal(), Goal(Objective.SAVINGS))
        }
        assert found.marginal_kwh == pytest.approx(outcome.marginal_kwh, rel=1e-9)
        assert found.marginal_kwh == pytest.approx(gains[Goal()], rel=1e-9)
        assert found.marginal_eur == pytest.approx(gains[Goal(Objective.SAVINGS)], rel=1e-9)
        assert outcome.marginal_eur == pytest.approx(found.marginal_eur, rel=1e-6)
