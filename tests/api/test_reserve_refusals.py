"""What studies refuse: each with its code, its place in the input and what to do."""

from dataclasses import replace

import pytest
from sqlmodel import select

from models import tables
from models.session import write_session
from tests.support.databases import on_sqlite
from tests.support.reserve_pools import (
    POOL_CAU,
    ask_study,
    build_pool,
    community_id,
    cups_of,
    fail_study,
    leave_out,
    store,
)
from tests.support.stored_once import stored_once

pytestmark = on_sqlite

FILL, SUIT = "fillVacancies", "candidateSuitability"
GROW, ASSIGN = "shareExtraCapacity", "assignMembers"
TWO = {"what": {"vacancies": 2}}
R1, M1 = ({"cups": cups_of(build_pool(), name)} for name in ("R1", "M1"))
BAD, LOST = ("InvalidArgumentUserError", "INVALID_ARGUMENT"), ("NotFoundUserError", "NOT_FOUND")


@stored_once
def pool(api):
    """Store the pool."""
    return store(api, build_pool())


@pytest.mark.parametrize(
    ("mutation", "wish", "kind", "path", "message"),
    [
        (FILL, TWO | {"cau": None}, BAD, [], "exactly one of installationId and cau"),
        (FILL, TWO | {"installationId": "x"}, BAD, [], "exactly one"),
        (FILL, TWO | {"cau": None, "installationId": "x"}, LOST, ["installationId"], "no such"),
        (FILL, TWO | {"cau": "ES0021000000000001RK0FA000"}, LOST, ["cau"], "no such"),
        (FILL, TWO | {"year": 1999}, BAD, ["year"], "year 1999 is not between"),
        (FILL, {"what": {"vacancies": 0}}, BAD, ["what", "vacancies"], "at least one to fill"),
        (FILL, {"what": {"vacancies": -3}}, BAD, ["what", "vacancies"], "-3 vacancies"),
        (FILL, {"what": {"freed": []}}, BAD, ["what", "freed"], "give 1 to 1,000"),
        (FILL, {"what": {"freed": [0.1] * 1001}}, BAD, ["what", "freed"], "give 1 to 1,000"),
        (FILL, {"what": {"freed": [0]}}, BAD, ["what", "freed"], "must be above 0"),
        (FILL, {"what": {"freed": ["0.1"]}}, BAD, ["what", "freed"], "0.100000 too much"),
        (
            FILL,
            {"what": {"freed": ["0.1"]}, "maxBeta": 0.5},
            BAD,
            ["what", "freed"],
            "leave min-beta and max-beta out",
        ),
        (FILL, TWO | {"minBeta": 0.5, "maxBeta": 0.4}, BAD, ["minBeta"], "above max-beta"),
        (FILL, TWO | {"pinned": [M1]}, LOST, ["pinned", "0"], "who share already do not wait"),
        (
            FILL,
            TWO | {"pinned": [R1, {"applicationId": "x"}]},
            LOST,
            ["pinned", "1"],
            "reservePool",
        ),
        (FILL, TWO | {"excluded": [M1]}, LOST, ["excluded", "0"], "nobody of that name waits"),
        (FILL, TWO | {"pinned": [R1], "excluded": [R1]}, BAD, ["excluded"], "both pinned and"),
        (
            FILL,
            {
                "what": {"vacancies": 1},
                "pinned": [R1, {"cups": cups_of(build_pool(), "R2")}],
            },
            BAD,
            ["pinned"],
            "2 candidates must be admitted, but there are 1 vacancies",
        ),
        (
            FILL,
            TWO | {"seniority": {"valuePerYear": -1.0}},
            BAD,
            ["seniority", "valuePerYear"],
            "-1.0 is not from 0 to 1,000,000",
        ),
        (FILL, TWO | {"idempotencyKey": ""}, BAD, ["idempotencyKey"], "has 0 characters"),
        (FILL, TWO | {"onDay": "2001-01-01"}, BAD, ["onDay"], "distance limit"),
        (SUIT, {"candidate": R1, "onDay": "2001-01-01"}, BAD, ["onDay"], "distance limit"),
        (SUIT, {"candidate": M1}, LOST, ["candidate"], "who share already do not wait"),
        (SUIT, {"candidate": {"applicationId": "x"}}, LOST, ["candidate"], "reservePool"),
        (
            SUIT,
            {"candidate": R1, "payment": {"upfrontEur": "-0.01"}},
            BAD,
            ["payment", "upfrontEur"],
            "must be a number of at least 0",
        ),
        (
            SUIT,
            {"candidate": R1, "payment": {"priceEurPerSelfConsumedKwh": "-0.000001"}},
            BAD,
            ["payment", "priceEurPerSelfConsumedKwh"],
            "at least 0",
        ),
        (
            SUIT,
            {"candidate": R1, "payment": {"horizonYears": 0}},
            BAD,
            ["payment", "horizonYears"],
            "0 is not from 1 to 100",
        ),
        (
            SUIT,
            {"candidate": R1, "payment": {"horizonYears": 101}},
            BAD,
            ["payment", "horizonYears"],
            "101 is not from 1 to 100",
        ),
        (GROW, {"newKw": 10.0}, BAD, ["newKw"], "the plant has 10 kW and is to have 10 kW"),
        (GROW, {"newKw": -5.0}, BAD, ["newKw"], "give more than it has"),
        (GROW, {"newKw": 1000.1}, BAD, ["newKw"], "at most 100 times as much"),
        (GROW, {"newKw": 12.0, "candidates": [M1]}, LOST, ["candidates", "0"], "reservePool"),
    ],
)
def test_wishes_that_make_no_sense_are_refused_with_their_place(
    api, pool, mutation, wish, kind, path, message
):
    payload = ask_study(api, mutation, **({"cau": POOL_CAU} | wish))
    (error,) = payload["userErrors"]
    assert payload["job"] is None
    assert (error["__typename"], error["code"]) == kind
    assert error["path"] == ["input", *path]
    assert message in error["message"]
    assert api.drain() == 0


@pytest.mark.parametrize(
    ("wish", "kind", "path", "message"),
    [
        ({"communityId": "x"}, LOST, ["communityId"], "no community x"),
        ({"year": 2100}, BAD, ["year"], "year 2100"),
        ({"mostMembers": 0}, BAD, ["mostMembers"], "at least 1 must be able to share"),
        ({"minBeta": 0.2, "maxBeta": 0.1}, BAD, ["minBeta"], "above max-beta"),
        ({"idempotencyKey": "k" * 101}, BAD, ["idempotencyKey"], "101 characters"),
    ],
)
def test_assignments_that_make_no_sense_are_refused(api, pool, wish, kind, path, message):
    payload = ask_study(api, ASSIGN, **({"communityId": community_id(api)} | wish))
    (error,) = payload["userErrors"]
    assert (error["__typename"], error["code"]) == kind
    assert (error["path"], message in error["message"]) == (["input", *path], True)


def test_several_faults_are_told_at_once(api, pool):
    wish = {"what": {"freed": []}, "seniority": {"valuePerYear": 1e9}}
    errors = ask_study(api, FILL, cau=POOL_CAU, **wish)["userErrors"]
    assert [error["path"] for error in errors] == [
        ["input", "what", "freed"],
        ["input", "seniority", "valuePerYear"],
    ]


@pytest.mark.parametrize(
    ("mutation", "wish"),
    [
        (FILL, {"what": {}}),
        (FILL, {"what": {"vacancies": 1, "freed": ["0.1"]}}),
        (FILL, {"what": {"vacancies": None}}),
        (FILL, {"what": {"freed": ["1.5"]}}),
        (FILL, TWO | {"pinned": [{}]}),
        (FILL, TWO | {"pinned": [{"cups": R1["cups"], "applicationId": "x"}]}),
        (FILL, TWO | {"seniority": {"tieBreak": "LONGEST_WAIT", "valuePerYear": 1.0}}),
        (FILL, TWO | {"objective": "CO2"}),
        (FILL, TWO | {"onDay": "2026-02-30"}),
        (SUIT, {"candidate": R1, "payment": {"upfrontEur": "0.001"}}),
        (SUIT, {"candidate": R1, "payment": {"upfrontEur": "NaN"}}),
        (SUIT, {"candidate": R1, "payment": {"priceEurPerSelfConsumedKwh": "0.0000001"}}),
        (SUIT, {"candidate": R1, "payment": {"priceEurPerSelfConsumedKwh": "1001"}}),
        (SUIT, {"candidate": R1, "payment": {"priceEurPerSelfConsumedKwh": "x"}}),
        (SUIT, {"candidate": R1, "payment": {"priceEurPerSelfConsumedKwh": 0.1}}),
        (SUIT, {"candidate": R1, "payment": {"discountRate": 1.5}}),
        (GROW, {"newKw": 1e13}),
    ],
)
def test_what_the_types_rule_out_never_reaches_the_use_case(api, pool, mutation, wish):
    inputs = {"cau": POOL_CAU, "year": 2023} | wish
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ job {{ id }} }} }}"
    error = api.error(query, input=inputs)
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"
    assert api.drain() == 0


def test_freed_coefficients_need_those_in_force(api):
    plain = build_pool()
    bare = replace(plain, members=tuple(replace(each, current_beta=None) for each in plain.members))
    store(api, bare)
    (error,) = ask_study(api, FILL, cau=POOL_CAU, what={"freed": ["0.1"]})["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_ARGUMENT", ["input", "what", "freed"])
    assert "4 of 4 who share have none in force" in error["message"]
    code, message = fail_study(api, GROW, cau=POOL_CAU, newKw=12.0)
    assert (code, "4 have no current_beta" in message) == ("INVALID_ARGUMENT", True)


@pytest.mark.parametrize(
    ("mutation", "wish"), [(FILL, TWO), (SUIT, {"candidate": R1}), (GROW, {"newKw": 12.0})]
)
def test_savings_need_prices(api, mutation, wish):
    store(api, build_pool(with_prices=False))
    found = fail_study(api, mutation, cau=POOL_CAU, objective="SAVINGS", **wish)
    assert found == (
        "INVALID_ARGUMENT",
        "savings need prices, and there are none; add a prices file",
    )


@pytest.mark.parametrize(
    ("mutation", "wish"), [(FILL, TWO), (SUIT, {"candidate": R1}), (GROW, {"newKw": 12.0})]
)
def test_a_year_without_readings_ends_the_job(api, pool, mutation, wish):
    code, message = fail_study(api, mutation, cau=POOL_CAU, year=2024, **wish)
    assert (code, message) == ("NOT_FOUND", "no readings of 2024 are stored; stored years: 2023")


def test_who_is_pinned_must_be_eligible(api, pool):
    far = {"cups": cups_of(pool, "R4")}
    code, message = fail_study(api, FILL, cau=POOL_CAU, pinned=[far], **TWO)
    assert (code, "pinned, but not eligible: R4" in message) == ("INVALID_ARGUMENT", True)


def test_who_gets_a_share_of_the_growth_must_be_eligible(api, pool):
    far = {"cups": cups_of(pool, "R4")}
    code, message = fail_study(api, GROW, cau=POOL_CAU, newKw=12.0, candidates=[far])
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("R4 may not share: The meter is 55,")


def test_least_coefficients_that_are_too_much_are_infeasible(api, pool):
    code, _ = fail_study(api, FILL, cau=POOL_CAU, minBeta=0.3, **TWO)
    assert code == "INFEASIBLE"


def test_nobody_waits(api):
    store(api, build_pool(n_reserve=0))
    code, message = fail_study(api, FILL, cau=POOL_CAU, **TWO)
    assert (code, message.startswith("nobody waits")) == ("INVALID_ARGUMENT", True)


@pytest.mark.parametrize(
    ("mutation", "wish"),
    [(SUIT, {"cau": POOL_CAU, "candidate": R1}), (ASSIGN, {"communityId": "pool"})],
)
def test_when_nobody_shares_there_is_nothing_to_study(api, pool, mutation, wish):
    store(api, leave_out(pool, {"M1", "M2", "M3", "M4"}))
    if mutation is ASSIGN:
        wish = {"communityId": community_id(api)}
    found = fail_study(api, mutation, **wish)
    assert found == ("INVALID_ARGUMENT", "nobody shares yet: fill the vacancies first")


@pytest.mark.parametrize("state", ["ADMITTED", "WITHDRAWN"])
def test_who_no_longer_waits_is_no_candidate(api, pool, state):
    with write_session(api.engine) as session:
        for application in session.exec(select(tables.ReserveApplication)):
            application.state = tables.ApplicationState[state]
    (error,) = ask_study(api, SUIT, cau=POOL_CAU, candidate=R1)["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "candidate"])
