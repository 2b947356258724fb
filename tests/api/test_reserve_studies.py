"""Studies of the reserve pool through API, worker and database: figures, files and refusals."""

from datetime import date
from decimal import Decimal

import pytest

from api.services.fill_request import FillRequest
from api.services.fill_vacancies import fill_vacancies
from planner.goal import Goal, Objective
from tests.support.api import YEAR
from tests.support.reserve_pools import (
    POOL_CAU,
    POOL_DAY,
    build_pool,
    cups_of,
    nodes,
    run_study,
    store,
)

DAY = date.fromisoformat(POOL_DAY)

FILLING = """__typename ... on VacancyFilling {
  id year onDay objective places isProven selfConsumedKwh savingsEur upperBoundKwh upperBoundEur
  gap method installation { cau } job { kind }
  coefficients(first: 100) { totalCount edges { node { position coefficient
    supplyPoint { cups } } } }
  unfilled { edges { node { coefficient } } }
  candidates { totalCount edges { node { supplyPoint { cups } eligible admitted coefficient
    marginalKwh marginalEur knownShare
    english: reasons { edges { node { code text } } }
    spanish: reasons(language: ES) { edges { node { code text } } } } } }
  downloads { admission distributorFile } }"""
SUITABILITY = """__typename ... on CandidateSuitability {
  id year onDay objective eligible recommended coefficient marginalKwh marginalEur
  selfConsumedKwh knownShare installation { cau } application { id supplyPoint { cups } }
  payment { upfrontEur upfrontEurPerKw annualFeeEur priceEurPerSelfConsumedKwh horizonYears
    discountRate }
  outcome { savingEur yearlyNetEur upfrontEur firstYearNetEur horizonNetEur paybackYears }
  filledHours { usedKwh usedByHourKwh usedByMonthKwh formerSurplusKwh formerSurplusByHourKwh
    formerSurplusByMonthKwh }
  english: reasons(first: 100) { edges { node { code text } } }
  spanish: reasons(first: 100, language: ES) { edges { node { code text } } } }"""
GROWTH = """__typename ... on CapacitySharing {
  id oldKw newKw selfConsumedKwh savingsEur upperBoundKwh upperBoundEur gap method
  installation { cau } downloads { distributorFile }
  shares { totalCount edges { node { supplyPoint { cups } isCandidate formerCoefficient
    leastCoefficient coefficient addedKw selfConsumedKwh savingsEur } } } }"""


@pytest.fixture
def pool(api):
    """Store the pool."""
    return store(api, build_pool())


def filled(pool, **request):
    """Fill the pool's vacancies without API, worker or database."""
    return fill_vacancies(community=pool, request=FillRequest(on=DAY, **request))


def test_filling_is_that_of_the_use_case(api, pool):
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 2})
    expected = filled(pool, vacancies=2)

    assert (found["__typename"], found["year"], found["onDay"]) == (
        "VacancyFilling",
        YEAR,
        POOL_DAY,
    )
    assert (found["objective"], found["places"], found["isProven"]) == ("SELF_CONSUMPTION", 2, True)
    assert found["selfConsumedKwh"] == pytest.approx(expected.value, abs=1e-6)
    assert found["selfConsumedKwh"] <= found["upperBoundKwh"] + 1e-6
    assert found["upperBoundKwh"] == pytest.approx(expected.upper_bound, abs=1e-6)
    assert (found["upperBoundEur"], found["installation"]["cau"]) == (None, POOL_CAU)
    assert (found["gap"], found["method"]) == (expected.gap, expected.method)
    assert found["job"] == {"kind": "FILL_VACANCIES"}
    assert [
        (each["supplyPoint"]["cups"], Decimal(each["coefficient"]) * 1_000_000, each["position"])
        for each in nodes(found["coefficients"])
    ] == [
        (record.cups, share, place)
        for place, (record, share) in enumerate(
            zip(expected.group, expected.millionths.tolist(), strict=True)
        )
    ]
    assert nodes(found["unfilled"]) == []


def test_every_candidate_is_told_what_it_would_bring_and_why(api, pool):
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 2})
    expected = filled(pool, vacancies=2)
    told = nodes(found["candidates"])

    assert [each["supplyPoint"]["cups"] for each in told] == [
        each.record.cups for each in expected.candidates
    ]
    for each, outcome in zip(told, expected.candidates, strict=True):
        assert (each["eligible"], each["admitted"]) == (outcome.eligible, outcome.admitted)
        assert (each["coefficient"] is not None) == outcome.admitted
        assert each["marginalKwh"] == pytest.approx(outcome.marginal_kwh, abs=1e-6)
        assert float(each["marginalEur"]) == pytest.approx(outcome.marginal_eur, abs=0.005)
        codes = [reason.code.value for reason in outcome.reasons]
        assert [reason["code"] for reason in nodes(each["english"])] == codes
        assert [reason["code"] for reason in nodes(each["spanish"])] == codes
    far = told[-1]
    assert far["eligible"] is False
    assert nodes(far["english"])[0]["text"].startswith("The meter is 55,")
    assert nodes(far["spanish"])[0]["text"].startswith("El contador está a 55.")


def test_wishes_are_granted(api, pool):
    wishes = {
        "what": {"vacancies": 1},
        "pinned": [{"cups": cups_of(pool, "R1")}],
        "excluded": [{"cups": cups_of(pool, "R2")}],
        "minBeta": 0.05,
        "maxBeta": "0.6",
        "objective": "SAVINGS",
        "seniority": {"valuePerYear": 2.5},
    }
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, **wishes)
    expected = filled(
        pool,
        vacancies=1,
        pinned=("R1",),
        excluded=("R2",),
        min_beta=Decimal("0.05"),
        max_beta=Decimal("0.6"),
        goal=Goal(Objective.SAVINGS),
        value_per_year=2.5,
    )
    admitted = [each["admitted"] for each in nodes(found["candidates"])]
    betas = [float(each["coefficient"]) for each in nodes(found["coefficients"])]

    assert admitted == [True, False, False, False]
    assert nodes(nodes(found["candidates"])[1]["english"])[0]["code"] == "excluded"
    assert (min(betas) >= 0.05, max(betas) <= 0.6, found["upperBoundKwh"]) == (True, True, None)
    assert Decimal(found["upperBoundEur"]) >= Decimal(found["savingsEur"])
    assert float(found["upperBoundEur"]) == pytest.approx(expected.upper_bound, abs=0.01)


def test_waiting_settles_ties_when_asked_so(api, pool):
    wish = {"what": {"vacancies": 1}, "seniority": {"tieBreak": "LONGEST_WAIT"}}
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, **wish)
    expected = filled(pool, vacancies=1)
    assert [each["admitted"] for each in nodes(found["candidates"])] == [
        each.admitted for each in expected.candidates
    ]


def test_freed_coefficients_find_their_takers(api):
    # M4 has gone since the agreement was made; it leaves 0.1, which is offered in two parts.
    whole = store(api, build_pool())
    gone = {"M4"}
    store(api, leave_out(whole, gone))
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"freed": ["0.06", "0.04"]})
    betas = {
        each["supplyPoint"]["cups"]: each["coefficient"] for each in nodes(found["coefficients"])
    }
    kept = {"M1": "0.400000", "M2": "0.300000", "M3": "0.200000"}

    assert {name: betas[cups_of(whole, name)] for name in kept} == kept
    assert sorted(betas.values())[:2] == ["0.040000", "0.060000"]
    assert found["places"] == 2


def leave_out(pool, names):
    """Take some off the list."""
    from dataclasses import replace

    rows = [row for row, each in enumerate(pool.members) if each.member_id not in names]
    return replace(
        pool,
        members=tuple(replace(pool.members[row], current_beta=None) for row in rows),
        consumption_kwh=pool.consumption_kwh[rows],
    )
