"""What a plan aims at, through the API: each objective and its proof, and what is refused."""

import pytest
from sqlmodel import select

from api.services.proposals.describe_proposal import describe_proposal
from models import tables
from models.session import read_session
from planner.goal import CarbonFactor, Objective, Weights
from tests.support.api import PROPOSE, YEAR
from tests.support.databases import on_sqlite
from tests.support.proposals import NEIGHBOURS, ask, nodes, plan_stored, refuse

pytestmark = on_sqlite

GOAL = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal { objective
  goal { objective unit mix { kwh eur kg } carbonFactor { kgPerKwh label } }
  certificate { unit value upperBound gap isOptimum worthOfOnePercent change convexSteps
    groups { edges { node { label worthOfOnePercent } } } rechecked { edges { node { name } } } }
  members { edges { node { worthOfOnePercent level } } }
} } }"""


GOALS = {
    "self-consumption": ({}, {}),
    "savings": ({"objective": "SAVINGS"}, {"objective": Objective.SAVINGS}),
    "CO2 by the dated figure": ({"objective": "CO2"}, {"objective": Objective.CO2}),
    "CO2 by the caller's": (
        {"objective": "CO2", "carbonFactor": {"kgPerKwh": 0.12, "label": "our own"}},
        {"objective": Objective.CO2, "carbon": CarbonFactor(0.12, "our own")},
    ),
    "mix": (
        {"objective": "MIX", "mix": {"kwh": 0.05, "eur": 1, "kg": 0.1}},
        {"objective": Objective.MIX, "mix": Weights(0.05, 1.0, 0.1)},
    ),
    "least self-sufficiency": (
        {"objective": "LEAST_SELF_SUFFICIENCY"},
        {"objective": Objective.LEAST_SELF_SUFFICIENCY},
    ),
    "least savings": ({"objective": "LEAST_SAVINGS"}, {"objective": Objective.LEAST_SAVINGS}),
}


@pytest.mark.parametrize("name", GOALS)
def test_the_goal_and_its_proof_are_those_of_the_plan(neighbours, name):
    asked, request = GOALS[name]
    found = ask(neighbours, GOAL, neighbours.propose(cau=NEIGHBOURS, **asked))
    stated = describe_proposal(plan_stored(neighbours, **request))
    goal, certificate = stated["goal"], stated["certificate"]
    carbon = goal["carbon"]
    assert found["objective"] == asked.get("objective", "SELF_CONSUMPTION")
    assert found["goal"] == {
        "objective": found["objective"],
        "unit": goal["unit"],
        "mix": goal["mix"],
        "carbonFactor": carbon and {"kgPerKwh": carbon["kg_per_kwh"], "label": carbon["label"]},
    }
    assert found["certificate"] == {
        "unit": certificate["unit"],
        "value": certificate["value"],
        "upperBound": certificate["upper_bound"],
        "gap": certificate["gap"],
        "isOptimum": certificate["is_optimum"],
        "worthOfOnePercent": certificate["worth_of_one_percent"],
        "change": certificate["change"],
        "convexSteps": certificate["convex_steps"],
        "groups": {"edges": []},
        "rechecked": {"edges": [{"node": {"name": each}} for each in certificate["rechecked"]]},
    }
    assert nodes(found["members"]) == [
        {"worthOfOnePercent": member["worth_of_one_percent"], "level": member["level"]}
        for member in stated["members"]
    ]


def test_groups_that_hold_back_show_what_more_would_be_worth(neighbours):
    group = {"name": "homes", "atMost": 0.4, "kinds": ["home"]}
    found = ask(neighbours, GOAL, neighbours.propose(cau=NEIGHBOURS, limits=[{"group": group}]))
    plan = plan_stored(
        neighbours, {"group": [{"name": "homes", "at_most": "0.4", "kinds": ["home"]}]}
    )
    (worth,) = nodes(found["certificate"]["groups"])
    assert worth == {
        "label": "group_greatest_homes",
        "worthOfOnePercent": describe_proposal(plan)["certificate"]["groups"][
            "group_greatest_homes"
        ],
    }


NEEDS_WEIGHTS = (
    "the objective mix needs its weights, the mix: how much a kWh, a euro or a kg of CO2 counts "
    "for, at least one above 0"
)
TAKES_NO_WEIGHTS = (
    "the objective savings takes no weights: leave out the mix, or choose the objective mix"
)


@pytest.mark.parametrize(
    ("wish", "faults"),
    [
        ({"objective": "MIX"}, [("input.mix", NEEDS_WEIGHTS)]),
        ({"objective": "MIX", "mix": {}}, [("input.mix", NEEDS_WEIGHTS)]),
        ({"objective": "SAVINGS", "mix": {"kwh": 1}}, [("input.mix", TAKES_NO_WEIGHTS)]),
        (
            {"objective": "MIX", "mix": {"kwh": -1, "eur": 1e7, "kg": 1e-7}},
            [
                ("input.mix.kwh", "-1.0 is neither 0 nor from 0.000001 to 1,000,000"),
                ("input.mix.eur", "10000000.0 is neither 0 nor from 0.000001 to 1,000,000"),
                ("input.mix.kg", "1e-07 is neither 0 nor from 0.000001 to 1,000,000"),
            ],
        ),
        (
            {"objective": "CO2", "carbonFactor": {"kgPerKwh": 0, "label": " "}},
            [
                ("input.carbonFactor.kgPerKwh", "0.0 is not from 0.000001 to 100 kg"),
                (
                    "input.carbonFactor.label",
                    "name the source of the factor in 1 to 200 characters",
                ),
            ],
        ),
        (
            {"carbonFactor": {"kgPerKwh": 1, "label": "x" * 201}},
            [
                (
                    "input.carbonFactor.label",
                    "name the source of the factor in 1 to 200 characters",
                ),
            ],
        ),
    ],
)
def test_goals_that_make_no_sense_are_refused_with_their_place(neighbours, wish, faults):
    assert refuse(neighbours, **wish) == faults


def test_a_year_without_a_dated_co2_figure_asks_for_one(neighbours):
    ((path, message),) = refuse(neighbours, objective="CO2", year=2001)
    assert path == "input.carbonFactor"
    assert "2001-12-31" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mix", {"kwh": "1"}),
        ("mix", {"water": 1}),
        ("carbonFactor", {"kgPerKwh": 1}),
        ("classes", "DAILY"),
        ("curve", 1),
        ("outOfSample", "yes"),
        ("robust", "BEST"),
    ],
)
def test_values_of_the_wrong_form_never_reach_a_use_case(api, field, value):
    error = api.error(PROPOSE, input={"cau": NEIGHBOURS, "year": YEAR} | {field: value})
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"
    assert field in error["message"]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (
            {"classes": "HOUR", "limits": [{"blocks": {"count": 10}}]},
            "classes of hours cannot keep: blocks",
        ),
        (
            {"classes": "HOUR", "objective": "LEAST_SAVINGS"},
            "objective least-savings is not offered by class",
        ),
        (
            {"robust": "WORST_TENTH", "limits": [{"change": {"total": 0.1}}]},
            "a plan for the worst tenth keeps no groups",
        ),
    ],
)
def test_what_no_plan_can_give_fails_the_job(neighbours, wish, says):
    wish = {"cau": NEIGHBOURS, "year": YEAR} | wish
    job = neighbours.ask(PROPOSE, input=wish)["proposeCoefficients"]["job"]["id"]
    assert neighbours.drain() == 1
    query = "query ($id: ID!) { node(id: $id) { ... on JobRun { error { code message } } } }"
    error = neighbours.ask(query, id=job)["node"]["error"]
    assert error["code"] == "INVALID_ARGUMENT"
    assert error["message"].startswith(says)
    with read_session(neighbours.engine) as session:
        assert session.exec(select(tables.CoefficientProposal)).all() == []
