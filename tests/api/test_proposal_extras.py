"""What a proposal states beside its coefficients: each part against the plan itself."""

from decimal import Decimal

import orjson
import pytest
from sqlmodel import select

from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.plan_request import Robust
from models import tables
from models.session import read_session, write_session
from models.values.coefficient import format_coefficient
from planner.classes.step_classes import Classes, name_class
from planner.coefficients.rules import Rule
from planner.goal import Objective
from tests.support.databases import on_sqlite
from tests.support.proposals import NEIGHBOURS, add_neighbours, ask, nodes, plan_stored
from tests.support.queries import count_queries

pytestmark = on_sqlite

RULES = ["EQUAL", "CONTRACTED_POWER", "CONSUMPTION", "INVESTMENT", "CURRENT"]
FAIRNESS = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
  shareOfHourlyBound evenness { gini jain }
  rules { edges { node { rule } } }
  comparisons { edges { node { rule byEnergy { winners losers } bySavings { winners losers }
    evenness { gini jain } change { ...Change } } } }
  members { totalCount edges { node { supplyPoint { cups } beta allocatedKwh selfConsumedKwh
    surplusKwh gridImportKwh savingsEur selfSufficiencyShare knownShare profile profileScale
    changes { edges { node { rule change { ...Change } } } } } } }
} } }
fragment Change on OutcomeChange { selfConsumedKwh savingsEur selfSufficiencyShare }"""
CURVE = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal { curve {
  reference referenceValue infeasibleFloors { edges { node { floor } } }
  points(first: 100) { totalCount edges { node { floor value upperBound gap gainKept gini jain
    leastRatio coefficients { edges { node { position coefficient supplyPoint { cups } } } } } } }
} } } }"""
CLASSES = """query ($id: ID!, $after: String) { node(id: $id) { ... on CoefficientProposal {
  downloads { hourlyFile }
  classes { kind value upperBound gap gainOverConstant selfConsumedKwh gainOverConstantKwh
    savingsEur convexSteps method solver
    classes(first: 100, after: $after) { totalCount pageInfo { endCursor } edges { node {
      number name coefficients { edges { node { position coefficient supplyPoint { cups } } } }
    } } } }
} } }"""
UNSEEN = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
  unseen { edges { node { check nTrials nInfeasible promisedGain keptGain share
    keptInterval { low high } shareInterval { low high } } } }
  robust { kind value upperBound gap years(first: 100) { edges { node { value } } } }
} } }"""
EVERYTHING = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
  selfConsumedKwh gap
  goal { unit } certificate { unit } evenness { gini } shareOfHourlyBound
  limits { totalCount } comparisons { totalCount } curve { reference } classes { kind }
  unseen { totalCount } robust { kind } downloads { hourlyFile }
  members { edges { node { beta selfSufficiencyShare worthOfOnePercent level knownShare profile
    profileScale changes { totalCount } } } }
} } }"""


def shown_change(change):
    """Round a change as the scalars do."""
    euros = Decimal(str(change["savings_eur"])).quantize(Decimal("0.01"))
    return {
        "selfConsumedKwh": round(change["self_consumed_kwh"], 6),
        "savingsEur": f"{euros:f}",
        "selfSufficiencyShare": change["self_sufficiency_share"],
    }


def test_winners_and_losers_are_those_of_the_plan(neighbours):
    found = ask(neighbours, FAIRNESS, neighbours.propose(cau=NEIGHBOURS))
    stated = describe_proposal(plan_stored(neighbours))
    fairness = stated["fairness"]
    assert [node["rule"] for node in nodes(found["rules"])] == [*RULES, "HOURLY_BOUND"]
    assert found["shareOfHourlyBound"] == round(fairness["share_of_hourly_bound"], 6)
    assert found["evenness"] == fairness["evenness"]["proposal"]
    assert nodes(found["comparisons"]) == [
        {
            "rule": rule.upper(),
            "byEnergy": against["by_energy"],
            "bySavings": against["by_savings"],
            "evenness": fairness["evenness"][rule],
            "change": shown_change(against["change"]),
        }
        for rule, against in fairness["against"].items()
    ]


def test_members_are_those_of_the_plan(neighbours):
    found = ask(neighbours, FAIRNESS, neighbours.propose(cau=NEIGHBOURS))
    stated = describe_proposal(plan_stored(neighbours))["members"]
    assert found["members"]["totalCount"] == 4
    for node, member in zip(nodes(found["members"]), stated, strict=True):
        changes = nodes(node.pop("changes"))
        assert [each["rule"] for each in changes] == RULES
        assert [each["change"] for each in changes] == [
            shown_change(member["changes"][rule.lower()]) for rule in RULES
        ]
        assert node == {
            "supplyPoint": {"cups": member["cups"]},
            "beta": member["beta"],
            "allocatedKwh": round(member["allocated_kwh"], 6),
            "selfConsumedKwh": round(member["self_consumed_kwh"], 6),
            "surplusKwh": round(member["surplus_kwh"], 6),
            "gridImportKwh": round(member["grid_import_kwh"], 6),
            "savingsEur": member["savings_eur"],
            "selfSufficiencyShare": round(member["self_sufficiency_share"], 6),
            "knownShare": 1,
            "profile": None,
            "profileScale": None,
        }


def test_the_curve_is_that_of_the_plan(neighbours):
    limits = {"coefficient": {"value": {"range": {"atMost": 0.38}}}}
    wish = {"curve": True, "reference": "CURRENT", "limits": [limits]}
    found = ask(neighbours, CURVE, neighbours.propose(cau=NEIGHBOURS, **wish))["curve"]
    plan = plan_stored(
        neighbours,
        {"coefficient": [{"at_most": "0.38"}]},
        has_curve=True,
        reference=Rule.CURRENT,
    )
    curve = describe_proposal(plan)["curve"]
    assert (found["reference"], found["referenceValue"]) == ("CURRENT", curve["reference_value"])
    assert curve["infeasible_floors"], "the curve ends before 100 %"
    assert nodes(found["infeasibleFloors"]) == [
        {"floor": floor} for floor in curve["infeasible_floors"]
    ]
    assert found["points"]["totalCount"] == len(curve["points"])
    for node, point in zip(nodes(found["points"]), curve["points"], strict=True):
        assert [
            (row["position"], row["supplyPoint"]["cups"], row["coefficient"])
            for row in nodes(node.pop("coefficients"))
        ] == [(place, *pair) for place, pair in enumerate(point["betas"].items())]
        assert node == {
            "floor": point["floor"],
            "value": point["value"],
            "upperBound": point["upper_bound"],
            "gap": point["gap"],
            "gainKept": point["gain_kept"],
            "gini": point["gini"],
            "jain": point["jain"],
            "leastRatio": point["least_ratio"],
        }


@pytest.mark.parametrize("kind", Classes)
def test_classes_are_those_of_the_plan(neighbours, kind):
    wish = {"classes": kind.name, "objective": "SAVINGS" if kind is Classes.MONTH else "CO2"}
    proposal = neighbours.propose(cau=NEIGHBOURS, **wish)
    plan = plan_stored(neighbours, classes=kind, objective=Objective[wish["objective"]])
    stated = describe_proposal(plan)["classes"]
    found = ask(neighbours, CLASSES, proposal)["classes"]
    page = found.pop("classes")
    assert page["totalCount"] == kind.n_classes
    cups = [str(member.cups) for member in plan.members]
    for number, node in enumerate(nodes(page)):
        shares = plan.by_class.choice.millionths[:, number].tolist()
        assert (node["number"], node["name"]) == (number, name_class(kind, number))
        assert nodes(node["coefficients"]) == [
            {
                "position": place,
                "coefficient": format_coefficient(share),
                "supplyPoint": {"cups": of},
            }
            for place, (share, of) in enumerate(zip(shares, cups, strict=True))
        ]
    assert found == {
        "kind": kind.name,
        "value": stated["value"],
        "upperBound": stated["upper_bound"],
        "gap": stated["gap"],
        "gainOverConstant": stated["gain_over_constant"],
        "selfConsumedKwh": round(stated["self_consumed_kwh"], 6),
        "gainOverConstantKwh": round(stated["gain_over_constant_kwh"], 6),
        "savingsEur": stated["savings_eur"],
        "convexSteps": stated["convex_steps"],
        "method": stated["solver"]["method"],
        "solver": stated["solver"]["name"],
    }


def test_classes_are_stored_packed_and_handed_out_whole(neighbours):
    proposal = neighbours.propose(cau=NEIGHBOURS, classes="MONTH")
    with read_session(neighbours.engine) as session:
        rows = session.exec(select(tables.ClassCoefficients)).all()
        stored = session.exec(select(tables.CoefficientProposal)).one()
    assert [(row.class_count, len(row.millionths)) for row in rows] == [(12, 48)] * 4
    assert stored.result["classes"]["betas"] is None
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      downloads { proposal } } } }"""
    path = ask(neighbours, query, proposal)["downloads"]["proposal"]
    stated = describe_proposal(plan_stored(neighbours, classes=Classes.MONTH))
    handed_out = orjson.loads(neighbours.get(path).content)
    for document in (stated, handed_out):
        document["solver"].pop("seconds")
    assert handed_out == orjson.loads(orjson.dumps(stated))


def test_unseen_data_and_drawn_years_are_those_of_the_plan(neighbours):
    wish = {"outOfSample": True, "robust": "MEAN"}
    found = ask(neighbours, UNSEEN, neighbours.propose(cau=NEIGHBOURS, **wish))
    plan = plan_stored(neighbours, is_checked=True, robust=Robust.MEAN)
    stated = describe_proposal(plan)
    assert nodes(found["unseen"]) == [
        {
            "check": check["check"],
            "nTrials": check["n_trials"],
            "nInfeasible": check["n_infeasible"],
            "promisedGain": check["promised_gain"],
            "keptGain": check["kept_gain"],
            "share": check["share"],
            "keptInterval": check["kept_interval"],
            "shareInterval": check["share_interval"],
        }
        for check in stated["unseen"]
    ]
    robust = stated["robust"]
    assert found["robust"] == {
        "kind": "MEAN",
        "value": robust["value"],
        "upperBound": robust["upper_bound"],
        "gap": robust["gap"],
        "years": {"edges": [{"node": {"value": value}} for value in robust["values"]]},
    }


def test_the_worst_tenth_of_drawn_years_is_planned_for(neighbours):
    proposal = neighbours.propose(cau=NEIGHBOURS, robust="WORST_TENTH")
    assert ask(neighbours, UNSEEN, proposal)["robust"]["kind"] == "WORST_TENTH"


OLDER = ("goal", "limits", "certificate", "fairness", "classes", "curve", "unseen", "robust")
OLDER_MEMBER = (
    "self_sufficiency_share",
    "worth_of_one_percent",
    "level",
    "changes",
    "known_share",
    "profile",
    "profile_scale",
)


def test_older_proposals_say_null_of_what_they_do_not_state(api):
    proposal = api.propose()
    before = ask(api, EVERYTHING, proposal)
    with write_session(api.engine) as session:
        stored = session.exec(select(tables.CoefficientProposal)).one()
        result = {name: part for name, part in stored.result.items() if name not in OLDER}
        result["members"] = [
            {name: value for name, value in member.items() if name not in OLDER_MEMBER}
            for member in result["members"]
        ]
        stored.result = result
    found = ask(api, EVERYTHING, proposal)
    assert (found.pop("selfConsumedKwh"), found.pop("gap")) == (
        before["selfConsumedKwh"],
        before["gap"],
    )
    empty = {"totalCount": 0}
    members = nodes(found.pop("members"))
    assert found == {
        "goal": None,
        "certificate": None,
        "evenness": None,
        "shareOfHourlyBound": None,
        "limits": empty,
        "comparisons": empty,
        "curve": None,
        "classes": None,
        "unseen": empty,
        "robust": None,
        "downloads": {"hourlyFile": None},
    }
    assert [member.pop("beta") for member in members] == [
        member["beta"] for member in nodes(before["members"])
    ]
    nothing = dict.fromkeys(
        ["selfSufficiencyShare", "worthOfOnePercent", "level", "knownShare", "profile"]
    )
    assert members == [nothing | {"profileScale": None, "changes": empty}] * 3
    assert api.get(f"/proposals/{stored.id}/proposal.json").status_code == 200


@pytest.mark.parametrize("n_members", [1, 50])
def test_queries_do_not_grow_with_members(api, n_members):
    add_neighbours(api, n_members=n_members)
    proposal = api.propose(cau=NEIGHBOURS, classes="MONTH", curve=True)
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      members(first: 100) { edges { node { beta supplyPoint { cups }
        changes { edges { node { rule } } } } } }
      curve { points { edges { node { coefficients(first: 100) { totalCount edges { node {
        supplyPoint { cups } } } } } } } }
      classes { classes { edges { node { coefficients(first: 100) { totalCount edges { node {
        supplyPoint { cups } } } } } } } }
    } } }"""
    with count_queries(api.engine) as queries:
        found = ask(api, query, proposal)
    assert len(found["members"]["edges"]) == n_members
    # The proposal, its coefficients, those by class, supply points.
    assert len(queries) == 4, queries
