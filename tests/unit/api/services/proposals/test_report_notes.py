from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from api.services.proposals.limits_document import parse_limits
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest, Robust
from api.services.proposals.report_notes import word_method, write_notes_on
from api.services.proposals.report_notes.limits import word_limits
from loaders.records import CommunityYear
from models.values.language import Language
from planner.coefficients.choose import Method
from planner.coefficients.multipliers import Multipliers
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Objective, Weights
from tests.support.community_folders import build_community_year

EN, ES = Language.ENGLISH, Language.SPANISH


def community() -> CommunityYear:
    """Three members of two kinds with a current agreement and investments."""
    year = build_community_year()
    told = [(0.5, "home", 900.0), (0.3, "shop", 300.0), (0.2, "home", 300.0), (None, None, None)]
    members = tuple(
        replace(member, current_beta=beta, kind=kind, investment_eur=paid)
        for member, (beta, kind, paid) in zip(year.members, told, strict=True)
    )
    return replace(year, members=members)


@cache
def planned() -> PlannedYear:
    return plan_coefficients(community=community(), request=PlanRequest())


def notes_of(plan: PlannedYear, language: Language = EN) -> dict[str, str]:
    return dict(write_notes_on(plan, language))


def ask_for(**request: object) -> PlannedYear:
    """Plan with another request."""
    return plan_coefficients(community=community(), request=PlanRequest(**request))  # type: ignore[arg-type]


def test_every_kind_of_limit_is_told_under_its_label() -> None:
    request = PlanRequest(
        floor_share=Decimal("0.5"),
        reference=Rule.EQUAL,
        min_beta=Decimal("0.01"),
        max_beta=Decimal("0.90"),
        limits=parse_limits(
            {
                "floor": [{"share": "0.125", "unit": "eur", "members": ["M1", "M2"]}],
                "coefficient": [{"exactly": "0.2", "kinds": ["shop"]}],
                "group": [
                    {"name": "homes", "kinds": ["home"], "at_least": "0.1", "at_most": "0.8"},
                    {"name": "idle", "members": ["M1"]},
                ],
                "change": {"each": "0.3", "total": "0.9"},
                "blocks": {"count": 1000},
                "contribution": {"yearly_cost_eur": "1200.50"},
                "payback": {"years": "25", "members": ["M1"]},
            }
        ),
    )
    plan = replace(planned(), request=request)

    assert word_limits(plan, EN) == [
        (
            "floor · everybody: at least 50 % of the kWh that this way to share would bring: "
            "equal shares."
        ),
        (
            "floor_in_euros · M1, M2: at least 12.5 % of the EUR that this way to share would "
            "bring: by consumption."
        ),
        "least_coefficient · everybody: coefficient of at least 0.01.",
        "greatest_coefficient · everybody: coefficient of at most 0.9.",
        "fixed_coefficient · kind shop: coefficient of exactly 0.2.",
        "group_least_homes · kind home: together at least 0.1.",
        "group_greatest_homes · kind home: together at most 0.8.",
        "change_of_member · each coefficient at most 0.3 away from the current agreement.",
        (
            "change_in_total · all changes from the current agreement, up and down, at most 0.9 "
            "together."
        ),
        "whole_blocks · whole blocks, 1,000 for the plant.",
        (
            "contribution · nobody pays in more than it saves, 1,200.5 EUR a year being shared by "
            "coefficient."
        ),
        "payback · M1: the investment comes back within 25 years.",
    ]
    assert word_limits(plan, ES)[1] == (
        "floor_in_euros · M1, M2: al menos el 12,5 % de los EUR que aportaría esta forma de "
        "reparto: por consumo."
    )


def test_half_limits_tell_the_half_that_was_asked_for() -> None:
    limits = parse_limits({"change": {}, "blocks": {"kw": "0.5"}})
    plan = replace(planned(), request=PlanRequest(limits=limits))

    assert word_limits(plan, EN) == ["whole_blocks · whole blocks of 0.5 kW."]
    assert word_limits(planned(), EN) == ["None but the sum of one."]


def test_of_many_members_the_first_are_named() -> None:
    names = [f"M{number}" for number in range(1, 12)]
    limits = parse_limits({"payback": {"years": 9, "members": names}})
    plan = replace(planned(), request=PlanRequest(limits=limits))

    assert word_limits(plan, EN) == [
        (
            "payback · M1, M2, M3, M4, M5, M6, M7, M8, 3 more: the investment comes back within 9 "
            "years."
        )
    ]


def test_a_sum_has_its_bound_its_price_and_what_one_percent_is_worth() -> None:
    plan = planned()
    notes = notes_of(plan)

    assert plan.choice.price is not None
    assert f"{plan.choice.upper_bound:,.6f} kWh" in notes["Certificate"]
    assert f"{plan.choice.value:,.6f} kWh" in notes["Certificate"]
    assert f"all together {0.01 * plan.choice.price:,.6f} kWh." in notes["One more percent"]
    assert plan.recheck is not None
    assert f"{len(plan.recheck.checks)} checks, all agree" in notes["Checked again"]
    assert notes["Limits"] == "None but the sum of one."
    assert notes["Method"].startswith("reparto: exact optimum, by filling the steepest pieces")


def test_groups_and_change_have_prices_of_their_own() -> None:
    limits = parse_limits(
        {
            "group": [{"name": "homes", "kinds": ["home"], "at_most": "0.5"}],
            "change": {"total": "0.6"},
        }
    )
    plan = ask_for(limits=limits, objective=Objective.SAVINGS)
    proof = plan.choice.multipliers
    assert proof is not None
    group, change = (
        round(0.01 * price, 6) + 0.0
        for price in (proof.groups["group_greatest_homes"], proof.change)
    )

    assert notes_of(plan)["One more percent"].splitlines()[1:] == [
        f"In the limit group_greatest_homes, one percent more would bring {group:,.6f} EUR.",
        f"One percent more change in total would bring {change:,.6f} EUR.",
    ]
    assert "(rounds: " in notes_of(plan)["Method"]


def test_nothing_has_no_sign() -> None:
    plan = planned()
    proof = Multipliers(1.0, {"group_least_homes": -1e-9})
    told = notes_of(replace(plan, choice=replace(plan.choice, multipliers=proof)))

    assert told["One more percent"].endswith(
        "In the limit group_least_homes, one percent more would bring 0.000000 kWh."
    )


def test_a_level_has_no_price_of_a_sum() -> None:
    plan = ask_for(objective=Objective.LEAST_SELF_SUFFICIENCY)
    notes = notes_of(plan)

    assert f"more than {100 * plan.choice.upper_bound:.6f} %" in notes["Certificate"]
    assert notes["One more percent"].startswith("How far")
    assert "Checked again" not in notes
    assert "water-filling" in notes["Method"]
    assert notes["Method"].endswith("the one nearest to sharing by consumption.")


def test_co2_and_the_mix_name_their_factor_and_weights() -> None:
    carbon = CarbonFactor(0.25, "the {grid} operator")
    mixed = ask_for(objective=Objective.MIX, mix=Weights(0.05, 1.0, 0.1), carbon=carbon)
    avoided = ask_for(objective=Objective.CO2, carbon=carbon)

    assert notes_of(mixed)["Objective"] == (
        "Points of all members together: 0.05 per kWh, 1 per EUR, 0.1 per kg CO2. A kWh from the "
        "grid counts 0.25 kg CO2 (the {grid} operator)."
    )
    assert notes_of(mixed, ES)["Objetivo"].startswith(
        "Puntos de todos los participantes juntos: 0,05 por kWh"
    )
    assert notes_of(avoided)["Objective"].endswith("at 0.25 kg CO2/kWh (the {grid} operator).")
    assert "kg CO2; gap" in notes_of(avoided)["Certificate"]


def test_blocks_and_the_worst_tenth_have_their_own_rounding() -> None:
    blocks = ask_for(limits=parse_limits({"blocks": {"count": 40}}))
    worst = ask_for(robust=Robust.WORST_TENTH)

    assert "whole blocks, 40 for the plant" in notes_of(blocks)["Method"]
    assert "the nearest inside every limit" in notes_of(worst)["Method"]
    assert "shared points of 20 years" in notes_of(worst)["Method"]
    assert "Drawn years" in notes_of(worst)


@pytest.mark.parametrize(
    "request_",
    [
        PlanRequest(),
        PlanRequest(method=Method.LINEAR_PROGRAM),
        PlanRequest(objective=Objective.LEAST_SAVINGS),
        PlanRequest(robust=Robust.MEAN),
        PlanRequest(robust=Robust.WORST_TENTH),
        PlanRequest(
            limits=parse_limits({"group": [{"name": "homes", "kinds": ["home"], "at_most": "0.4"}]})
        ),
    ],
)
def test_every_method_is_told_in_spanish(request_: PlanRequest) -> None:
    plan = plan_coefficients(community=community(), request=request_)
    spanish = word_method(plan.choice.method, ES)

    assert spanish != plan.choice.method
    assert not {"the", "over", "of", "on", "by", "rounds", "program"} & set(spanish.split())


def test_winners_and_losers_are_counted_for_every_rule() -> None:
    plan = planned()
    lines = notes_of(plan)["Winners and losers"].splitlines()
    without = replace(community(), energy_eur_per_kwh=None, surplus_eur_per_kwh=None)
    by_energy = notes_of(plan_coefficients(community=without, request=PlanRequest()))
    tallies = {change.rule: change.by_savings for change in plan.comparison.changes}
    equal = tallies["equal"]

    assert equal is not None
    assert lines[0] == "Members for whom the proposal changes at least half a cent in the year."
    assert lines[1] == f"Equal shares: {equal.winners} gain, {equal.losers} lose."
    assert [line.split(":")[0] for line in lines[2:]] == [
        *("By contracted power", "By consumption", "By investment", "Current agreement"),
    ]
    assert "at least half a watt-hour" in by_energy["Winners and losers"]
    assert "Evenness" not in by_energy
    assert "Gini: 0" in notes_of(plan)["Evenness"]


def test_hours_in_which_surplus_earns_more_are_told_by_local_day() -> None:
    plan = ask_for(objective=Objective.SAVINGS)
    # The first interval of 2 January in Madrid begins at 23:00 UTC the day before.
    steps = np.array([24, 25, 48, 72, 96, 120, 144])
    concave = replace(plan, choice=replace(plan.choice, is_optimum=True, convex_steps=steps))
    odd = replace(plan, choice=replace(plan.choice, is_optimum=False, convex_steps=steps[:2]))

    assert notes_of(concave)["Prices turned around"].startswith(
        "In 7 intervals with generation surplus earns more than energy costs (days: 6; the first: "
        "2023-01-02, 2023-01-03, 2023-01-04, 2023-01-05, 2023-01-06, …). Savings"
    )
    assert "Caution" not in notes_of(concave)
    assert "(days: 1; the first: 2023-01-02). Savings" in notes_of(odd)["Caution"]
    assert "Prices turned around" not in notes_of(odd)
