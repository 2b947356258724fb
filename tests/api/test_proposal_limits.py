"""Limits through the API: each kind asked for, kept, shown again; and what is refused of them."""

import pytest
from sqlmodel import select

from api.services.proposals.plan_coefficients import InfeasiblePlanError
from models import tables
from models.session import write_session
from models.values.coefficient import format_coefficient
from tests.support.api import CAU, PROPOSE, YEAR
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.proposals import FIRST, FOURTH, NEIGHBOURS, SECOND, plan_stored, refuse

pytestmark = on_sqlite

LIMITS = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
  coefficients { edges { node { coefficient } } }
  certificate { value upperBound }
  limits { totalCount edges { node { __typename
    subjects { edges { node { cups kind } } }
    ... on FloorLimit { share reference unit }
    ... on CoefficientLimit { exactly atLeast atMost }
    ... on GroupLimit { name least: atLeast most: atMost }
    ... on ChangeLimit { each total }
    ... on BlocksLimit { count kw }
    ... on ContributionLimit { yearlyCostEur }
    ... on PaybackLimit { years }
  } } }
} } }"""

# What is asked for, the same as a limits document, and how the proposal shows it.
KINDS = {
    "floor in kWh": (
        {"floor": {"share": 0.95, "reference": "EQUAL"}},
        {"floor": [{"share": "0.95", "reference": "equal"}]},
        {"__typename": "FloorLimit", "share": 0.95, "reference": "EQUAL", "unit": "KWH"},
    ),
    "floor of a rule by investment": (
        {"floor": {"share": 0.95, "reference": "INVESTMENT"}},
        {"floor": [{"share": "0.95", "reference": "investment"}]},
        {"__typename": "FloorLimit", "share": 0.95, "reference": "INVESTMENT", "unit": "KWH"},
    ),
    "floor in euros of one": (
        {"floor": {"share": 0.99, "reference": "CURRENT", "unit": "EUR", "members": [FIRST]}},
        {"floor": [{"share": "0.99", "reference": "current", "unit": "eur", "members": [FIRST]}]},
        {
            "__typename": "FloorLimit",
            "share": 0.99,
            "reference": "CURRENT",
            "unit": "EUR",
            "subjects": [(FIRST, None)],
        },
    ),
    "exact coefficient": (
        {"coefficient": {"value": {"exactly": "0.25"}, "members": [SECOND]}},
        {"coefficient": [{"exactly": "0.25", "members": [SECOND]}]},
        {
            "__typename": "CoefficientLimit",
            "exactly": "0.250000",
            "atLeast": None,
            "atMost": None,
            "subjects": [(SECOND, None)],
        },
    ),
    "range of coefficients": (
        {"coefficient": {"value": {"range": {"atMost": 0.2}}, "kinds": ["home"]}},
        {"coefficient": [{"at_most": "0.2", "kinds": ["home"]}]},
        {
            "__typename": "CoefficientLimit",
            "exactly": None,
            "atLeast": "0.000000",
            "atMost": "0.200000",
            "subjects": [(None, "home")],
        },
    ),
    "group": (
        {"group": {"name": "social", "atLeast": 0.6, "members": [FIRST], "kinds": ["school"]}},
        {"group": [{"name": "social", "at_least": "0.6", "members": [FIRST], "kinds": ["school"]}]},
        {
            "__typename": "GroupLimit",
            "name": "social",
            "least": "0.600000",
            "most": "1.000000",
            "subjects": [(FIRST, None), (None, "school")],
        },
    ),
    "change": (
        {"change": {"each": "0.03", "total": 0.05}},
        {"change": {"each": "0.03", "total": "0.05"}},
        {"__typename": "ChangeLimit", "each": "0.030000", "total": 0.05},
    ),
    "blocks by number": (
        {"blocks": {"count": 20}},
        {"blocks": {"count": 20}},
        {"__typename": "BlocksLimit", "count": 20, "kw": None},
    ),
    "blocks by power": (
        {"blocks": {"kw": 2.5}},
        {"blocks": {"kw": "2.5"}},
        {"__typename": "BlocksLimit", "count": None, "kw": 2.5},
    ),
    "contribution": (
        {"contribution": {"yearlyCostEur": "2060.00"}},
        {"contribution": {"yearly_cost_eur": "2060"}},
        {"__typename": "ContributionLimit", "yearlyCostEur": "2060.00"},
    ),
    "payback": (
        {"payback": {"years": 6, "members": [FIRST, FOURTH]}},
        {"payback": {"years": "6", "members": [FIRST, FOURTH]}},
        {
            "__typename": "PaybackLimit",
            "years": 6,
            "subjects": [(FIRST, None), (FOURTH, None)],
        },
    ),
}


def ask_limits(api, proposal):
    """Read a proposal's limits, coefficients and value."""
    found = api.ask(LIMITS, id=proposal)["node"]
    for edge in found["limits"]["edges"]:
        subjects = edge["node"].pop("subjects")["edges"]
        edge["node"]["subjects"] = [(row["node"]["cups"], row["node"]["kind"]) for row in subjects]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_limit_is_kept_and_shown(neighbours, kind):
    asked, document, shown = KINDS[kind]
    found = ask_limits(neighbours, neighbours.propose(cau=NEIGHBOURS, limits=[asked]))
    plan, free = plan_stored(neighbours, document), plan_stored(neighbours)
    betas = [edge["node"]["coefficient"] for edge in found["coefficients"]["edges"]]
    assert betas == [format_coefficient(share) for share in plan.millionths.tolist()]
    assert plan.millionths.tolist() != free.millionths.tolist(), "the limit binds"
    assert found["certificate"] == {
        "value": plan.choice.value,
        "upperBound": plan.choice.upper_bound,
    }
    (edge,) = found["limits"]["edges"]
    assert edge["node"] == {"subjects": []} | shown


def test_many_limits_hold_together(neighbours):
    asked = [
        {"coefficient": {"value": {"range": {"atLeast": 0.1}}}},
        {"group": {"name": "a", "atMost": 0.5, "members": [FIRST, SECOND]}},
        {"coefficient": {"value": {"exactly": 0.3}, "members": [FIRST]}},
        {"group": {"name": "b", "atLeast": 0.35, "kinds": ["home"]}},
    ]
    found = ask_limits(neighbours, neighbours.propose(cau=NEIGHBOURS, limits=asked))
    plan = plan_stored(
        neighbours,
        {
            "coefficient": [{"at_least": "0.1"}, {"exactly": "0.3", "members": [FIRST]}],
            "group": [
                {"name": "a", "at_most": "0.5", "members": [FIRST, SECOND]},
                {"name": "b", "at_least": "0.35", "kinds": ["home"]},
            ],
        },
    )
    assert found["certificate"]["value"] == plan.choice.value
    kinds = [edge["node"]["__typename"] for edge in found["limits"]["edges"]]
    assert kinds == ["CoefficientLimit", "CoefficientLimit", "GroupLimit", "GroupLimit"]


def test_a_proposal_without_limits_lists_none(neighbours):
    found = ask_limits(neighbours, neighbours.propose(cau=NEIGHBOURS))
    assert found["limits"] == {"totalCount": 0, "edges": []}


STRANGER = make_cups(1)


@pytest.mark.parametrize(
    ("limit", "path", "message"),
    [
        (
            {"group": {"name": "g", "atLeast": 0.5, "atMost": 0.4, "kinds": ["home"]}},
            "group.atMost",
            "the least, 0.500000, is above the greatest, 0.400000",
        ),
        (
            {"coefficient": {"value": {"range": {"atLeast": 0.5, "atMost": 0.4}}}},
            "coefficient.value.range.atMost",
            "the least, 0.500000, is above the greatest, 0.400000",
        ),
        ({"group": {"name": "g", "atLeast": 0.1}}, "group", "a group needs members or kinds"),
        (
            {"group": {"name": "", "kinds": ["home"]}},
            "group.name",
            "may not be empty",
        ),
        (
            {"group": {"name": "a\nb", "kinds": ["home"]}},
            "group.name",
            "'a\\nb' is no name; use letters, digits and spaces",
        ),
        (
            {"group": {"name": "g", "kinds": [""]}},
            "group.kinds.0",
            "may not be empty",
        ),
        (
            {"floor": {"share": 0.5, "members": []}},
            "floor.members",
            "may not be an empty list",
        ),
        (
            {"floor": {"share": 0.5, "members": [FIRST, STRANGER]}},
            "floor.members",
            f"nobody who shares has the CUPS or kind {STRANGER}",
        ),
        (
            {"payback": {"years": 5, "kinds": ["farm"]}},
            "payback.kinds",
            "nobody who shares has the CUPS or kind farm",
        ),
        ({"payback": {"years": 0}}, "payback.years", "has to be above 0"),
        (
            {"payback": {"years": 1e300}},
            "payback.years",
            "has more than 15 digits",
        ),
        ({"change": {"total": 2.1}}, "change.total", "has to be 2 at most"),
        ({"change": {"total": -0.1}}, "change.total", "has to be 0 at least"),
        (
            {"contribution": {"yearlyCostEur": "-0.01"}},
            "contribution.yearlyCostEur",
            "has to be 0 at least",
        ),
        ({"blocks": {"count": 0}}, "blocks.count", "has to be 1 at least"),
        (
            {"blocks": {"count": 1_000_001}},
            "blocks.count",
            "has to be 1000000 at most",
        ),
        ({"blocks": {"kw": 0}}, "blocks.kw", "has to be above 0"),
        (
            {"blocks": {"kw": 3}},
            "blocks.kw",
            "10 kW are not whole blocks of 3.0 kW; 3 blocks of 3.3333 kW would be",
        ),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_its_place(neighbours, limit, path, message):
    fine = {"floor": {"share": 0.1}}
    assert refuse(neighbours, limits=[fine, limit]) == [(f"input.limits.1.{path}", message)]


@pytest.mark.parametrize(
    "limit",
    [
        {"change": {"each": 0.1}},
        {"blocks": {"count": 20}},
        {"contribution": {"yearlyCostEur": "1.00"}},
        {"payback": {"years": 50}},
    ],
    ids=lambda limit: next(iter(limit)),
)
def test_kinds_that_come_once_are_refused_twice(neighbours, limit):
    (kind,) = limit
    assert refuse(neighbours, limits=[limit, {"floor": {"share": 0}}, limit]) == [
        (f"input.limits.2.{kind}", f"a request has at most one limit of the kind {kind}")
    ]


def test_groups_have_names_of_their_own(neighbours):
    group = {"group": {"name": "g", "atMost": 0.9, "kinds": ["home"]}}
    assert refuse(neighbours, limits=[group, group]) == [
        ("input.limits.1.group.name", "two groups are called 'g'; give each its own name")
    ]


def test_every_fault_is_told_at_once(neighbours):
    limits = [
        {"blocks": {"count": 0}},
        {"floor": {"share": 0.1, "kinds": ["farm"]}},
        {"payback": {"years": -1}},
    ]
    assert [path for path, _ in refuse(neighbours, limits=limits)] == [
        "input.limits.0.blocks.count",
        "input.limits.1.floor.kinds",
        "input.limits.2.payback.years",
    ]


def test_at_most_a_hundred_faults_are_told(neighbours):
    assert len(refuse(neighbours, limits=[{"blocks": {"count": 0}}] * 101)) == 100


def test_more_limits_than_a_request_may_carry_are_refused(neighbours):
    wish = {"cau": NEIGHBOURS, "year": YEAR, "limits": [{"floor": {"share": 0.1}}] * 1_001}
    payload = neighbours.ask(PROPOSE, input=wish)["proposeCoefficients"]
    assert payload["job"] is None
    (error,) = payload["userErrors"]
    assert error == {
        "__typename": "TooLargeUserError",
        "code": "TOO_LARGE",
        "message": "the request lists 1,001 limits, more than 1,000",
        "path": ["input", "limits"],
    }
    assert neighbours.drain() == 0


ONE_OF = "Within OneOf Input Object type '{}', exactly one field must be specified"


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({}, f"at .limits[0]: {ONE_OF.format('LimitInput')}"),
        ({"floor": None}, f"at .limits[0].floor: {ONE_OF.format('LimitInput')}"),
        (
            {"floor": {"share": 0.5}, "blocks": {"count": 2}},
            f"at .limits[0]: {ONE_OF.format('LimitInput')}",
        ),
        (
            {"blocks": {"count": 2, "kw": 1}},
            f"at .limits[0].blocks: {ONE_OF.format('BlocksLimitInput')}",
        ),
        (
            {"coefficient": {"value": {}}},
            f"at .limits[0].coefficient.value: {ONE_OF.format('CoefficientValueInput')}",
        ),
        (
            {"coefficient": {"value": {"exactly": 0.1, "range": {}}}},
            f"at .limits[0].coefficient.value: {ONE_OF.format('CoefficientValueInput')}",
        ),
        ({"floor": {}}, "at .limits[0].floor: "),
        ({"floor": {"share": 1.5}}, "at .limits[0].floor.share: "),
        (
            {"floor": {"share": 0.5, "members": ["nonsense"]}},
            "at .limits[0].floor.members[0]: ",
        ),
        (
            {"coefficient": {"value": {"exactly": "0.1234567"}}},
            "at .limits[0].coefficient.value.exactly: ",
        ),
        ({"blocks": {"count": 2.5}}, "at .limits[0].blocks.count: "),
        (
            {"contribution": {"yearlyCostEur": "0.001"}},
            "at .limits[0].contribution.yearlyCostEur: ",
        ),
        ({"floor": {"share": 0.5}, "sieve": {}}, "at .limits[0]: "),
    ],
)
def test_limits_of_the_wrong_form_never_reach_a_use_case(api, limit, says):
    error = api.error(PROPOSE, input={"cau": CAU, "year": YEAR, "limits": [limit]})
    assert error["extensions"]["code"] in {"INVALID_ARGUMENT", "INVALID_IDENTIFIER"}
    assert says in error["message"]


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        ("{}", "limits"),
        ("{floor: {share: 0.5}, blocks: {count: 2}}", "limits"),
        ("{blocks: {count: 2, kw: 1}}", "limits.blocks"),
        ("{blocks: {count: null}}", "limits.blocks"),
    ],
)
def test_keys_of_a_literal_are_refused_with_their_place(api, limit, place):
    wish = f'{{cau: "{CAU}", year: {YEAR}, limits: [{limit}]}}'
    query = f"mutation {{ proposeCoefficients(input: {wish}) {{ job {{ id }} }} }}"
    errors = api.post(query).json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"INVALID_ARGUMENT"}
    assert errors[0]["message"].startswith(f"at proposeCoefficients.input.{place}: Within OneOf")


def test_a_limit_on_members_who_have_left_fails_the_job(neighbours):
    limit = {"floor": {"share": 0.1, "members": [FOURTH]}}
    wish = {"cau": NEIGHBOURS, "year": YEAR, "limits": [limit]}
    job = neighbours.ask(PROPOSE, input=wish)["proposeCoefficients"]["job"]["id"]
    with write_session(neighbours.engine) as session:
        point = session.exec(
            select(tables.SupplyPoint).where(tables.SupplyPoint.cups == FOURTH)
        ).one()
        share = session.exec(
            select(tables.Membership).where(tables.Membership.supply_point_id == point.id)
        ).one()
        session.delete(share)
    assert neighbours.drain() == 1
    query = "query ($id: ID!) { node(id: $id) { ... on JobRun { state error { code message } } } }"
    assert neighbours.ask(query, id=job)["node"] == {
        "state": "FAILED",
        "error": {
            "code": "INVALID_ARGUMENT",
            "message": f"limits: nobody who shares has the id, CUPS or kind {FOURTH}; "
            "see members.csv",
        },
    }


FAILURE = """query ($id: ID!) { node(id: $id) { ... on JobRun { error { __typename code message
  ... on InfeasibleUserError { largestFloor conflict { totalCount edges { node { label } } } }
} } } }"""


def fail(api, **wish):
    """Ask for what no coefficients keep, and give the job's error."""
    wish = {"cau": NEIGHBOURS, "year": YEAR} | wish
    job = api.ask(PROPOSE, input=wish)["proposeCoefficients"]["job"]["id"]
    assert api.drain() == 1
    error = api.ask(FAILURE, id=job)["node"]["error"]
    assert (error.pop("__typename"), error.pop("code")) == ("InfeasibleUserError", "INFEASIBLE")
    error["conflict"] = [edge["node"]["label"] for edge in error["conflict"]["edges"]]
    return error


def test_limits_that_cannot_hold_together_are_named(neighbours):
    limits = [
        {"group": {"name": "homes", "atMost": 0.3, "kinds": ["home"]}},
        {"group": {"name": "others", "atMost": 0.6, "kinds": ["shop", "school"]}},
        {"coefficient": {"value": {"range": {"atLeast": 0.01}}}},
    ]
    error = fail(neighbours, limits=limits)
    assert error["conflict"] == ["group_greatest_homes", "group_greatest_others"]
    assert error["largestFloor"] is None
    assert "group_greatest_homes" in error["message"]


def test_a_floor_that_is_too_high_is_told_how_far_it_could_go(neighbours):
    document = {
        "coefficient": [{"at_most": "0.3"}],
        "floor": [{"share": "1", "reference": "current"}],
    }
    with pytest.raises(InfeasiblePlanError) as caught:
        plan_stored(neighbours, document)
    error = fail(neighbours, floor=1, reference="CURRENT", maxBeta=0.3)
    assert 0.7 < error["largestFloor"] < 1
    assert error["largestFloor"] == caught.value.largest_floor
    assert sorted(error["conflict"]) == ["floor", "greatest_coefficient"]
