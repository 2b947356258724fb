"""Ask for proposals, follow the job, read the result, accept it."""

import math
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from uuid import UUID

import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from api.services.community_folders.import_community import import_community
from models import tables
from models.session import read_session, write_session
from tests.support.api import ACCEPT, CAU, NOW, PROPOSE, YEAR
from tests.support.community_folders import build_community_year, make_cau, make_cups
from tests.support.databases import on_sqlite
from tests.support.stored_once import stored_once

# Use cases run on both databases in tests/integration/test_run_proposal.py.
pytestmark = on_sqlite

PROPOSAL = """query ($id: ID!, $scenario: Scenario! = PROPOSAL) { node(id: $id) {
  ... on CoefficientProposal {
    year state objective floor reference minBeta maxBeta method solver seconds gap
    selfConsumedKwh generationKwh consumptionKwh surplusKwh gridImportKwh
    upperBoundKwh upperBoundEur savingsEur
    installation { cau } job { id kind state progress stage attempts error { code } }
    coefficients { totalCount edges { node { position coefficient supplyPoint { cups } } } }
    rules { edges { node { rule selfConsumedKwh savingsEur } } }
    totalSettlement(scenario: $scenario) { ...Months yearSelfConsumedKwh yearSavingsEur }
    settlements(scenario: $scenario) { totalCount edges { node { supplyPoint { cups }
      settlement { ...Months } } } }
  }
} }
fragment Months on MonthlySettlement { consumptionKwh allocatedKwh selfConsumedKwh surplusKwh
  gridImportKwh costWithoutEur costWithEur surplusCompensationEur savingsEur }"""
JOB = """query ($id: ID!) { node(id: $id) { ... on JobRun { kind state progress stage attempts
  startedAt finishedAt importReport { year }
  error { __typename code message path } result { __typename id } } } }"""


def propose(api, **wish):
    """Ask for a proposal and give the payload."""
    return api.ask(PROPOSE, input=wish)["proposeCoefficients"]


def user_error(payload):
    """Give the one error of a payload that changed nothing."""
    changed = {name: value for name, value in payload.items() if name != "userErrors"}
    assert list(changed.values()) == [None]
    (error,) = payload["userErrors"]
    return error["__typename"], error["code"], error["path"]


def test_a_job_ends_with_the_proposal(api):
    payload = propose(api, cau=CAU, year=YEAR)
    assert payload["userErrors"] == []
    assert (payload["job"]["state"], payload["job"]["progress"]) == ("QUEUED", 0)
    assert api.drain() == 1
    job = api.ask(JOB, id=payload["job"]["id"])["node"]
    assert (job["kind"], job["state"], job["progress"]) == ("PROPOSE_COEFFICIENTS", "SUCCEEDED", 1)
    assert (job["stage"], job["attempts"], job["error"]) == (None, 1, None)
    assert job["importReport"] is None
    assert job["result"]["__typename"] == "CoefficientProposal"
    assert job["startedAt"] <= job["finishedAt"]


def test_a_proposal_states_its_proof_and_its_comparison(api, proposal):
    found = api.ask(PROPOSAL, id=proposal)["node"]
    # Whole watt-hours make the stored year equal to the folder's.
    assert found["selfConsumedKwh"] == 6771.012708
    assert found["selfConsumedKwh"] <= found["upperBoundKwh"] <= found["selfConsumedKwh"] + 0.01
    assert (found["upperBoundEur"], found["objective"]) == (None, "SELF_CONSUMPTION")
    assert 0 <= found["gap"] < 1e-6
    balance = found["selfConsumedKwh"] + found["gridImportKwh"] - found["consumptionKwh"]
    assert math.isclose(balance, 0, abs_tol=1e-5)
    millionths = [
        int(edge["node"]["coefficient"].replace(".", "")) for edge in found["coefficients"]["edges"]
    ]
    assert sum(millionths) == 1_000_000
    assert found["coefficients"]["totalCount"] == 3
    rules = {edge["node"]["rule"]: edge["node"] for edge in found["rules"]["edges"]}
    assert rules.keys() == {"EQUAL", "CONTRACTED_POWER", "CONSUMPTION", "HOURLY_BOUND"}
    assert rules["HOURLY_BOUND"]["savingsEur"] is None
    assert all(
        rule["selfConsumedKwh"] <= found["selfConsumedKwh"]
        for name, rule in rules.items()
        if name != "HOURLY_BOUND"
    )


def test_months_of_members_add_up_to_the_total(api, proposal):
    found = api.ask(PROPOSAL, id=proposal, scenario="EQUAL")["node"]
    assert found["settlements"]["totalCount"] == 3
    months = [edge["node"]["settlement"] for edge in found["settlements"]["edges"]]
    total = found["totalSettlement"]
    for name in ("costWithoutEur", "costWithEur", "surplusCompensationEur", "savingsEur"):
        columns = zip(*(member[name] for member in months), strict=True)
        for column, amount in zip(columns, total[name], strict=True):
            # Three amounts and their sum, each rounded to cents by itself.
            assert sum(map(Decimal, column)) == pytest.approx(Decimal(amount), abs=Decimal("0.02"))
    equal = next(
        edge["node"] for edge in found["rules"]["edges"] if edge["node"]["rule"] == "EQUAL"
    )
    assert total["yearSelfConsumedKwh"] == pytest.approx(equal["selfConsumedKwh"], abs=2e-5)
    assert total["yearSavingsEur"] == equal["savingsEur"]


TOTALS = """query ($id: ID!, $scenario: Scenario! = PROPOSAL) { node(id: $id) {
  ... on CoefficientProposal { savingsEur rules { edges { node { rule savingsEur } } }
    totalSettlement(scenario: $scenario) { ...Months yearSelfConsumedKwh yearSavingsEur }
    settlements(scenario: $scenario, first: 30) { edges { node { settlement {
      ...Months yearSelfConsumedKwh yearSavingsEur } } } } } } }
fragment Months on MonthlySettlement { consumptionKwh allocatedKwh selfConsumedKwh surplusKwh
  gridImportKwh }"""


@stored_once
def neighbours(api) -> str:
    """Store thirty who share another plant, plan for them, and give the proposal's global id."""
    built = build_community_year(n_members=30, n_reserve=0, seed=7)
    community = replace(
        built,
        installations=(replace(built.installations[0], cau=make_cau(2)),),
        members=tuple(
            replace(member, cups=make_cups(500 + place))
            for place, member in enumerate(built.members)
        ),
    )
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).one().promoter_id
        import_community(session, promoter_id=owner, community=community, imported_at=NOW)
    return api.propose(cau=make_cau(2))


def micro_units(amounts_kwh: list[float]) -> list[int]:
    """Count the millionths of amounts that have at most six decimals."""
    assert amounts_kwh == [round(amount, 6) for amount in amounts_kwh]
    return [round(amount * 1_000_000) for amount in amounts_kwh]


@pytest.mark.parametrize("scenario", ["PROPOSAL", "EQUAL", "CONTRACTED_POWER", "CONSUMPTION"])
def test_totals_are_those_that_the_proposal_states_to_the_cent(api, neighbours, scenario):
    found = api.ask(TOTALS, id=neighbours, scenario=scenario)["node"]
    stated = {edge["node"]["rule"]: edge["node"]["savingsEur"] for edge in found["rules"]["edges"]}
    stated["PROPOSAL"] = found["savingsEur"]
    assert found["totalSettlement"]["yearSavingsEur"] == stated[scenario]


def test_members_save_what_their_list_states(api, neighbours):
    found = api.ask(TOTALS, id=neighbours)["node"]
    with read_session(api.engine) as session:
        members = session.exec(select(tables.CoefficientProposal)).one().result["members"]
    edges = found["settlements"]["edges"]
    assert [edge["node"]["settlement"]["yearSavingsEur"] for edge in edges] == [
        member["savings_eur"] for member in members
    ]


def test_energy_adds_up_to_the_millionth(api, neighbours):
    found = api.ask(TOTALS, id=neighbours)["node"]
    total = found["totalSettlement"]
    members = [edge["node"]["settlement"] for edge in found["settlements"]["edges"]]
    pairs = (("allocatedKwh", "surplusKwh"), ("consumptionKwh", "gridImportKwh"))
    for name in ("selfConsumedKwh", *chain(*pairs)):
        columns = zip(*(micro_units(member[name]) for member in members), strict=True)
        assert [sum(column) for column in columns] == micro_units(total[name])
    for settled in (total, *members):
        used = micro_units(settled["selfConsumedKwh"])
        for whole, rest in pairs:
            parts = zip(used, micro_units(settled[rest]), strict=True)
            assert [sum(part) for part in parts] == micro_units(settled[whole])
        assert [sum(used)] == micro_units([settled["yearSelfConsumedKwh"]])


def test_a_scenario_that_was_not_settled_has_no_months(api, proposal):
    found = api.ask(PROPOSAL, id=proposal, scenario="CURRENT")["node"]
    assert (found["totalSettlement"], found["settlements"]["totalCount"]) == (None, 0)


def test_savings_are_bounded_in_euros(api):
    found = api.ask(PROPOSAL, id=api.propose(objective="SAVINGS"))["node"]
    assert (found["objective"], found["upperBoundKwh"]) == ("SAVINGS", None)
    assert float(found["savingsEur"]) <= float(found["upperBoundEur"]) + 0.01


def test_limits_are_kept_and_remembered(api):
    limits = {"floor": 0.9, "reference": "EQUAL", "minBeta": 0.2, "maxBeta": "0.45"}
    found = api.ask(PROPOSAL, id=api.propose(**limits))["node"]
    assert (found["floor"], found["reference"]) == (0.9, "EQUAL")
    assert (found["minBeta"], found["maxBeta"]) == ("0.200000", "0.450000")
    betas = [float(edge["node"]["coefficient"]) for edge in found["coefficients"]["edges"]]
    assert min(betas) >= 0.2
    assert max(betas) <= 0.45


def test_the_installation_can_be_named_by_its_global_id(api):
    found = api.ask(f'{{ installation(cau: "{CAU}") {{ id }} }}')["installation"]["id"]
    assert propose(api, installationId=found, year=YEAR)["userErrors"] == []


@pytest.mark.parametrize(
    ("wish", "kind", "code", "path"),
    [
        ({"year": YEAR}, "InvalidArgument", "INVALID_ARGUMENT", []),
        (
            {"year": YEAR, "cau": CAU, "installationId": "x"},
            "InvalidArgument",
            "INVALID_ARGUMENT",
            [],
        ),
        ({"year": YEAR, "installationId": "x"}, "NotFound", "NOT_FOUND", ["installationId"]),
        ({"year": YEAR, "cau": "ES0021000000000001RK0FA000"}, "NotFound", "NOT_FOUND", ["cau"]),
        ({"year": 1999, "cau": CAU}, "InvalidArgument", "INVALID_ARGUMENT", ["year"]),
        (
            {"year": YEAR, "cau": CAU, "minBeta": 0.5, "maxBeta": 0.4},
            "InvalidArgument",
            "INVALID_ARGUMENT",
            ["minBeta"],
        ),
        (
            {"year": YEAR, "cau": CAU, "idempotencyKey": ""},
            "InvalidArgument",
            "INVALID_ARGUMENT",
            ["idempotencyKey"],
        ),
        (
            {"year": YEAR, "cau": CAU, "idempotencyKey": "k" * 101},
            "InvalidArgument",
            "INVALID_ARGUMENT",
            ["idempotencyKey"],
        ),
    ],
)
def test_wishes_that_make_no_sense_are_refused_with_their_place(api, wish, kind, code, path):
    assert user_error(propose(api, **wish)) == (f"{kind}UserError", code, ["input", *path])
    assert api.drain() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("floor", 1.1),
        ("floor", -0.1),
        ("floor", "0.5"),
        ("minBeta", 1.000001),
        ("minBeta", -1),
        ("maxBeta", "0.1234567"),
        ("maxBeta", True),
        ("maxBeta", "NaN"),
        ("cau", "nonsense"),
        ("year", 2**40),
        ("objective", "PROFIT"),
        ("reference", "HOURLY_BOUND"),
    ],
)
def test_values_of_the_wrong_form_never_reach_a_use_case(api, field, value):
    error = api.error(PROPOSE, input={"cau": CAU, "year": YEAR} | {field: value})
    assert error["extensions"]["code"] in {"INVALID_ARGUMENT", "INVALID_IDENTIFIER"}
    assert field in error["message"]


@pytest.mark.parametrize(
    ("wish", "kind", "code"),
    [
        ({"year": YEAR, "minBeta": 0.4}, "Infeasible", "INFEASIBLE"),
        ({"year": YEAR, "maxBeta": 0.3}, "Infeasible", "INFEASIBLE"),
        ({"year": 2022}, "NotFound", "NOT_FOUND"),
    ],
)
def test_jobs_fail_with_typed_errors(api, wish, kind, code):
    payload = propose(api, cau=CAU, **wish)
    api.drain()
    job = api.ask(JOB, id=payload["job"]["id"])["node"]
    assert (job["state"], job["result"]) == ("FAILED", None)
    assert (job["error"]["__typename"], job["error"]["code"]) == (f"{kind}UserError", code)
    assert job["error"]["message"]


def test_the_same_key_finds_the_same_job(api):
    wish = {"cau": CAU, "year": YEAR, "idempotencyKey": "spring"}
    first, again = propose(api, **wish), propose(api, **wish)
    assert first["job"]["id"] == again["job"]["id"]
    assert api.drain() == 1
    assert propose(api, **wish)["job"]["id"] == first["job"]["id"]
    other = propose(api, **(wish | {"minBeta": 0.1}))
    assert user_error(other) == ("ConflictUserError", "CONFLICT", ["input", "idempotencyKey"])


def test_without_a_key_every_request_makes_a_job(api):
    wish = {"cau": CAU, "year": YEAR}
    assert propose(api, **wish)["job"]["id"] != propose(api, **wish)["job"]["id"]


def accept(api, proposal, year=2024):
    """Accept a proposal and give the payload."""
    return api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": year})["acceptProposal"]


def agreements(api):
    """List the installation's agreements and the one in force."""
    query = """query ($cau: Cau!) { installation(cau: $cau) { publishedAgreement { id }
      agreements { edges { node { id state fileYear publishedAt proposal { id }
        installation { cau } coefficients { edges { node { position coefficient } } } } } } } }"""
    found = api.ask(query, cau=CAU)["installation"]
    return found["publishedAgreement"], [edge["node"] for edge in found["agreements"]["edges"]]


def test_accepting_publishes_an_agreement_and_supersedes_the_one_before(api):
    first, second = api.propose(), api.propose(minBeta=0.3)
    accepted = accept(api, first)
    assert accepted["userErrors"] == []
    assert accepted["agreement"]["state"] == "PUBLISHED"
    assert accepted["agreement"]["proposal"] == {"id": first, "state": "ACCEPTED"}
    later = accept(api, second, year=2025)["agreement"]
    in_force, listed = agreements(api)
    assert in_force == {"id": later["id"]}
    assert [(one["state"], one["fileYear"], one["proposal"]["id"]) for one in listed] == [
        ("PUBLISHED", 2025, second),
        ("SUPERSEDED", 2024, first),
    ]
    proposed = api.ask(PROPOSAL, id=second)["node"]["coefficients"]["edges"]
    assert [edge["node"]["coefficient"] for edge in listed[0]["coefficients"]["edges"]] == [
        edge["node"]["coefficient"] for edge in proposed
    ]


def test_accepting_again_changes_nothing(api, proposal):
    first = accept(api, proposal)
    assert accept(api, proposal) == first
    assert len(agreements(api)[1]) == 1


def test_accepting_for_another_year_is_a_conflict(api, proposal):
    accept(api, proposal)
    assert user_error(accept(api, proposal, year=2025)) == (
        "ConflictUserError",
        "CONFLICT",
        ["input", "proposalId"],
    )
    assert len(agreements(api)[1]) == 1


def test_a_proposal_for_others_than_those_who_share_is_a_conflict(api, proposal):
    with write_session(api.engine) as session:
        membership = session.exec(
            select(tables.Membership).order_by(tables.Membership.position)
        ).first()
        session.delete(membership)
    payload = accept(api, proposal)
    assert user_error(payload)[0] == "ConflictUserError"
    assert payload["userErrors"][0]["message"].startswith(
        "since the coefficients were chosen 0 supply points joined and 1 left"
    )
    assert agreements(api) == (None, [])


@pytest.mark.parametrize("year", [1999, 2100, -1])
def test_file_years_out_of_range_are_refused(api, proposal, year):
    payload = accept(api, proposal, year)
    assert user_error(payload) == (
        "InvalidArgumentUserError",
        "INVALID_ARGUMENT",
        ["input", "fileYear"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        write_global_id(tables.CoefficientProposal, UUID(int=7)),
        write_global_id(tables.Community, UUID(int=7)),
    ],
)
def test_unknown_proposals_are_not_accepted(api, text):
    assert user_error(accept(api, text)) == (
        "NotFoundUserError",
        "NOT_FOUND",
        ["input", "proposalId"],
    )
