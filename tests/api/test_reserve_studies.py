"""Studies of the reserve pool through API, worker and database: figures, reasons and files."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.services.studies.assess_suitability import SuitabilityRequest, assess_suitability
from api.services.studies.fill_request import FillRequest
from api.services.studies.fill_vacancies import fill_vacancies
from api.services.studies.share_growth import GrowthRequest, share_growth
from loaders.distributor_file_check import validate_distributor_file
from models import tables
from models.session import write_session
from planner.goal import Goal, Objective
from planner.reserve.payment import PaymentModel
from tests.support.api import YEAR
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries
from tests.support.reserve_pools import (
    POOL_CAU,
    POOL_DAY,
    ask_study,
    build_pool,
    community_id,
    cups_of,
    leave_out,
    nodes,
    run_study,
    store,
)

pytestmark = on_sqlite

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


PAYMENT = {
    "upfrontEur": "100.00",
    "upfrontEurPerKw": "650.50",
    "annualFeeEur": "12.00",
    "priceEurPerSelfConsumedKwh": "0.045",
    "horizonYears": 20,
    "discountRate": 0.03,
}


def assessed(pool, **request):
    """Assess R1 without API, worker or database."""
    wish = SuitabilityRequest(candidate="R1", on=DAY, **request)
    return assess_suitability(community=pool, request=wish)


def test_suitability_is_that_of_the_use_case(api, pool):
    wish = {"candidate": {"cups": cups_of(pool, "R1")}, "payment": PAYMENT}
    found = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    model = PaymentModel(100.0, 650.5, 12.0, 0.045, 20, 0.03)
    expected = assessed(pool, payment=model).suitability
    economics = expected.economics

    assert (found["__typename"], found["eligible"]) == ("CandidateSuitability", True)
    assert found["recommended"] == expected.recommended
    assert Decimal(found["coefficient"]) * 1_000_000 == expected.millionths
    assert found["marginalKwh"] == pytest.approx(expected.marginal_kwh, abs=1e-6)
    assert float(found["marginalEur"]) == pytest.approx(expected.marginal_eur, abs=0.005)
    assert found["selfConsumedKwh"] == pytest.approx(expected.self_consumed_kwh, abs=1e-6)
    assert found["payment"] == PAYMENT | {"priceEurPerSelfConsumedKwh": "0.045000"}
    assert found["outcome"].pop("paybackYears") == pytest.approx(economics.payback_years)
    assert {name: float(amount) for name, amount in found["outcome"].items()} == {
        "savingEur": pytest.approx(economics.saving_eur, abs=0.005),
        "yearlyNetEur": pytest.approx(economics.yearly_net_eur, abs=0.005),
        "upfrontEur": pytest.approx(economics.upfront_eur, abs=0.005),
        "firstYearNetEur": pytest.approx(economics.first_year_net_eur, abs=0.005),
        "horizonNetEur": pytest.approx(economics.horizon_net_eur, abs=0.005),
    }


def test_hours_filled_are_columns_that_add_up(api, pool):
    wish = {"candidate": {"cups": cups_of(pool, "R1")}}
    hours = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)["filledHours"]
    expected = assessed(pool).suitability.filled
    tables = {"used": expected.used_kwh, "formerSurplus": expected.former_surplus_kwh}

    for name, table in tables.items():
        assert hours[f"{name}Kwh"] == pytest.approx(table.ravel(), abs=1e-6)
        assert hours[f"{name}ByHourKwh"] == pytest.approx(table.sum(axis=0), abs=1e-4)
        assert hours[f"{name}ByMonthKwh"] == pytest.approx(table.sum(axis=1), abs=1e-4)
    assert len(hours["usedByHourKwh"]) == 24
    assert hours["usedByHourKwh"][0] == 0.0


def test_reasons_come_in_both_languages(api, pool):
    wish = {"candidate": {"cups": cups_of(pool, "R1")}}
    found = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    english, spanish = nodes(found["english"]), nodes(found["spanish"])

    assert [each["code"] for each in english] == [each["code"] for each in spanish]
    assert [each["code"] for each in english] == [each.code for each in assessed(pool).reasons]
    assert english[0]["text"].startswith("The meter is 111 m from the plant, within the limit")
    assert spanish[0]["text"].startswith("El contador está a 111 m de la planta, dentro del")


def test_a_candidate_too_far_is_not_recommended(api, pool):
    wish = {"candidate": {"cups": cups_of(pool, "R4")}}
    found = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    assert (found["eligible"], found["recommended"]) == (False, False)
    assert nodes(found["english"])[0]["code"] == "too-far"


POOL_LIST = """query ($id: ID!) { community(id: $id) { reservePool(first: 100) { edges { node {
  id supplyPoint { cups }
  suitabilities { totalCount edges { node { id recommended outcome { savingEur } } } }
} } } } }"""


def test_an_application_knows_what_was_found_out_about_it(api, pool):
    key = community_id(api)

    def read():
        found = api.ask(POOL_LIST, id=key)["community"]["reservePool"]
        return {each["supplyPoint"]["cups"]: each for each in nodes(found)}

    first = read()[cups_of(pool, "R1")]
    wish = {"cau": POOL_CAU, "candidate": {"applicationId": first["id"]}}
    results = [
        run_study(api, "candidateSuitability", SUITABILITY, objective=objective, **wish)
        for objective in ("SELF_CONSUMPTION", "SAVINGS")
    ]
    listed = read()

    assert [each["application"]["id"] for each in results] == [first["id"]] * 2
    found = listed[cups_of(pool, "R1")]["suitabilities"]
    assert (found["totalCount"], [each["id"] for each in nodes(found)]) == (
        2,
        [each["id"] for each in results[::-1]],
    )
    assert listed[cups_of(pool, "R2")]["suitabilities"] == {"totalCount": 0, "edges": []}


@pytest.mark.parametrize("n_reserve", [2, 50])
def test_queries_do_not_grow_with_the_reserve(api, n_reserve):
    pool = store(api, build_pool(n_reserve=n_reserve))
    wish = {"candidate": {"cups": cups_of(pool, "R1")}}
    run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    key = community_id(api)
    with count_queries(api.engine) as queries:
        found = api.ask(POOL_LIST, id=key)["community"]["reservePool"]
    assert len(nodes(found)) == n_reserve
    # The community, its pool, which ends on its page, supply points and suitabilities.
    assert len(queries) == 4, queries

    found = run_study(api, "fillVacancies", "id", cau=POOL_CAU, what={"vacancies": 1})
    query = f"query ($id: ID!) {{ node(id: $id) {{ {FILLING} }} }}"
    with count_queries(api.engine) as queries:
        told = api.ask(query.replace("candidates {", "candidates(first: 100) {"), id=found["id"])
    assert len(nodes(told["node"]["candidates"])) == n_reserve
    # The filling, its plant and job; supply points of the group and then of those who
    # are not admitted by CUPS, and the group's by id.
    assert len(queries) == 6, queries


def test_growth_is_that_of_the_use_case(api, pool):
    wish = {"newKw": 14.0, "candidates": [{"cups": cups_of(pool, "R2")}]}
    found = run_study(api, "shareExtraCapacity", GROWTH, cau=POOL_CAU, **wish)
    request = GrowthRequest(new_kw=14.0, on=DAY, candidates=("R2",))
    expected = share_growth(community=pool, request=request)
    shares, choice = nodes(found["shares"]), expected.growth.choice

    assert (found["__typename"], found["oldKw"], found["newKw"]) == ("CapacitySharing", 10.0, 14.0)
    assert found["selfConsumedKwh"] == pytest.approx(choice.value, abs=1e-6)
    assert found["upperBoundKwh"] == pytest.approx(choice.upper_bound, abs=1e-6)
    assert (found["gap"], found["upperBoundEur"]) == (choice.gap, None)
    assert [Decimal(each["coefficient"]) * 1_000_000 for each in shares] == (
        choice.millionths.tolist()
    )
    assert [each["formerCoefficient"] for each in shares] == [
        *("0.400000", "0.300000", "0.200000", "0.100000"),
        "0.000000",
    ]
    assert [each["isCandidate"] for each in shares] == [False] * 4 + [True]
    assert sum(each["addedKw"] for each in shares) == pytest.approx(4.0)
    assert all(each["coefficient"] >= each["leastCoefficient"] for each in shares)
    assert shares[0]["leastCoefficient"] == "0.285715"
    assert sum(Decimal(each["savingsEur"]) for each in shares) == pytest.approx(
        Decimal(found["savingsEur"]), abs=Decimal("0.03")
    )
    assert sum(each["selfConsumedKwh"] for each in shares) == pytest.approx(
        found["selfConsumedKwh"], abs=1e-5
    )


def test_files_of_studies(api, pool, tmp_path):
    filling = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 2})
    growth = run_study(api, "shareExtraCapacity", GROWTH, cau=POOL_CAU, newKw=14.0)
    admission = api.get(f"{filling['downloads']['admission']}&language=es")

    assert admission.headers["content-disposition"] == (
        f'attachment; filename="admission_{POOL_CAU}_2023.json"'
    )
    assert admission.json()["candidates"][3]["reasons"][0].startswith("El contador está a 55.")
    assert admission.json()["candidates"][3].keys() == {
        *("member_id", "eligible", "admitted", "marginal_kwh", "reasons")
    }
    for study in (filling, growth):
        path = study["downloads"]["distributorFile"]
        file = api.get(f"{path}&year=2027")
        saved = tmp_path / f"{POOL_CAU}_2027.txt"
        saved.write_bytes(file.content)
        assert validate_distributor_file(saved) == []
        assert api.get(path).headers["content-disposition"].endswith(f'{POOL_CAU}_2023.txt"')


def test_admissions_come_in_known_languages_only(api, pool):
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 1})
    answer = api.get(f"{found['downloads']['admission']}&language=fr")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400,
        "language 'fr' is none of es, ca, en",
    )


def test_the_plant_can_be_named_by_its_global_id(api, pool):
    key = api.ask(f'{{ installation(cau: "{POOL_CAU}") {{ id }} }}')["installation"]["id"]
    wish = {"installationId": key, "what": {"vacancies": 1}}
    found = run_study(api, "fillVacancies", "... on VacancyFilling { installation { id } }", **wish)
    assert found == {"installation": {"id": key}}


def test_there_is_no_file_while_a_freed_coefficient_is_left(api):
    whole = store(api, build_pool(n_reserve=1))
    store(api, leave_out(whole, {"M4"}))
    what = {"freed": ["0.06", "0.04"]}
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what=what)
    path = found["downloads"]["admission"].replace("admission.json", "distributor.txt")

    assert found["downloads"]["distributorFile"] is None
    assert len(nodes(found["unfilled"])) == 1
    assert nodes(found["unfilled"])[0]["coefficient"] in ("0.060000", "0.040000")
    answer = api.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        409,
        "CONFLICT",
    )


def test_more_vacancies_than_candidates_admit_all_who_may(api, pool):
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 2**31 - 1})
    told = nodes(found["candidates"])
    assert [each["admitted"] for each in told] == [True, True, True, False]
    assert "room-for-all" in {reason["code"] for reason in nodes(told[0]["english"])}


def test_when_all_are_out_of_reach_nobody_is_admitted(api):
    built = build_pool()
    far = tuple(
        replace(each, lat=45.0) if each.member_id.startswith("R") else each
        for each in built.members
    )
    store(api, replace(built, members=far))
    found = run_study(api, "fillVacancies", FILLING, cau=POOL_CAU, what={"vacancies": 1})
    assert {(each["eligible"], each["admitted"]) for each in nodes(found["candidates"])} == {
        (False, False)
    }
    assert found["coefficients"]["totalCount"] == 4


def test_the_limit_of_the_named_day_holds(api, pool):
    wish = {"candidate": {"cups": cups_of(pool, "R1")}, "onDay": "2019-05-01"}
    found = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    assert "500 m" in nodes(found["english"])[0]["text"]
    assert found["onDay"] == "2019-05-01"


def test_without_a_day_today_is_taken_and_the_same_key_finds_the_same_job(api, pool):
    wish = {"cau": POOL_CAU, "what": {"vacancies": 1}, "idempotencyKey": "k"}
    first = ask_study(api, "fillVacancies", **wish)["job"]["id"]
    assert ask_study(api, "fillVacancies", **wish)["job"]["id"] == first
    (error,) = ask_study(api, "fillVacancies", **wish | {"what": {"vacancies": 2}})["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "idempotencyKey"])
    assert api.drain() == 1


def test_who_has_no_readings_is_judged_by_a_profile(api, pool):
    with write_session(api.engine) as session:
        point = session.exec(
            select(tables.SupplyPoint).where(tables.SupplyPoint.cups == cups_of(pool, "R1"))
        ).one()
        forget_readings(session, point.id)
    wish = {"candidate": {"cups": cups_of(pool, "R1")}}
    found = run_study(api, "candidateSuitability", SUITABILITY, cau=POOL_CAU, **wish)
    assert found["knownShare"] == 0.0
    assert found["marginalKwh"] > 1.0


def forget_readings(session, point_id):
    """Take a supply point's readings away, as if it had never been measured."""
    session.exec(text("DROP TRIGGER reading_is_kept_on_delete"))
    session.exec(
        text("DELETE FROM reading WHERE supply_point_id = :id").bindparams(id=point_id.hex)
    )
