from dataclasses import replace

import numpy as np
import pytest

from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.warn_of_plan import warn_of_plan
from models.values.calendar import Step
from tests.support.community_folders import build_community_year


def plan_small(step: Step = Step.HOUR) -> PlannedYear:
    return plan_coefficients(community=build_community_year(step=step), request=PlanRequest())


def test_an_ordinary_plan_needs_no_warning() -> None:
    assert warn_of_plan(plan_small()) == []


def test_a_search_that_may_have_missed_something_is_told() -> None:
    plan = plan_small()
    found = replace(
        plan.choice,
        is_optimum=False,
        upper_bound=plan.choice.value + 18.2,
        convex_steps=np.arange(7),
    )

    assert warn_of_plan(replace(plan, choice=found)) == [
        (
            "in 7 intervals surplus earns more than energy costs, so savings are not concave: "
            "up to 18.20 EUR more may be possible"
        )
    ]
    close = replace(found, upper_bound=plan.choice.value + 0.001)
    assert warn_of_plan(replace(plan, choice=close)) == []


@pytest.mark.parametrize("step", Step)
def test_generation_is_held_against_the_power_over_the_interval(step: Step) -> None:
    plan = plan_small(step)
    full_kwh = plan.installation.pv_kw / step.per_hour
    generation = np.zeros_like(plan.community.generation_kwh)
    generation[0, :5] = full_kwh
    allowed = replace(plan, community=replace(plan.community, generation_kwh=generation))
    generation_above = generation.copy()
    generation_above[0, :2] *= 1.01
    above = replace(plan, community=replace(plan.community, generation_kwh=generation_above))

    assert warn_of_plan(allowed) == []
    assert warn_of_plan(above)[0].startswith("in 2 intervals the plant generated more than its")
