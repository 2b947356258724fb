"""Plan for years that may come, and judge a plan on data that it did not see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.plan_request import Robust
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.certificate import measure_gap
from planner.coefficients.choose import Choice, choose_within
from planner.coefficients.rules import Rule
from planner.goal import Goal, YearCurves, measure_value
from planner.sharing_year import SharingYear
from planner.unseen.robust import RobustChoice, choose_for_mean, choose_for_worst
from planner.unseen.scenarios import (
    HOURS_PER_WEEK,
    Resampling,
    draw_weeks,
    replace_generation,
    resample_year,
)
from planner.unseen.survival import Survival, measure_survival

_DRAWN_YEARS_TO_PLAN_FOR = 20


class RobustLimitsError(InvalidArgumentError):
    """The worst tenth is planned within limits of single members only."""

    def __init__(self) -> None:
        super().__init__(
            "a plan for the worst tenth keeps no groups, no change in total and no blocks; "
            "leave them out, or plan for the mean"
        )


@dataclass(frozen=True, slots=True, eq=False)
class RobustPlan:
    """Coefficients chosen for drawn years.

    Attributes
    ----------
    kind : Robust
        What of those years was made as large as possible.
    choice : Choice
        The coefficients, with their value and bound in the planned year.
    drawn : RobustChoice
        The same coefficients with their values and bound in the drawn years.
    """

    kind: Robust
    choice: Choice
    drawn: RobustChoice


def plan_robustly(
    *,
    year: SharingYear,
    step: Step,
    goal: Goal,
    choice: Choice,
    kind: Robust,
    production: Sequence[NDArray[np.float64]],
) -> RobustPlan:
    """Choose coefficients for twenty drawn years, and for other years of production if given.

    Parameters
    ----------
    year : SharingYear
        The planned year.
    step : Step
        Its metering interval.
    goal : Goal
        What to make as large as possible.
    choice : Choice
        The best coefficients of the planned year, with the limits that they keep.
    kind : Robust
        The mean, or the worst tenth.
    production : sequence of ndarray, each of shape (n_steps,)
        Net generation of the same plant in other years [kWh].

    Returns
    -------
    RobustPlan
        Within the same limits.

    Raises
    ------
    RobustLimitsError
        If the worst tenth is to keep limits that tie members together.
    UnsummedGoalError
        If the goal raises the worst-off member.
    ShortYearError, ForeignGenerationError
        If years cannot be drawn, or a year of production does not fit.
    UnprovenError
        If a linear program ends without a certified gap.
    """
    drawing = Resampling(_DRAWN_YEARS_TO_PLAN_FOR, HOURS_PER_WEEK * step.per_hour)
    scenarios = [
        *(resample_year(year, steps) for steps in draw_weeks(year.generation_kwh.size, drawing)),
        *(replace_generation(year, generation) for generation in production),
    ]
    region = choice.region
    if kind is Robust.MEAN:
        drawn = choose_for_mean(
            scenarios, goal, lambda long: choose_within(YearCurves(long), goal, region)
        )
    elif region.couples_members or region.blocks is not None:
        raise RobustLimitsError
    else:
        drawn = choose_for_worst(scenarios, goal, lower=region.lower, upper=region.upper)
    value = measure_value(year, goal, drawn.millionths / MILLIONTHS)
    moved = replace(
        choice,
        millionths=drawn.millionths,
        value=value,
        gap=measure_gap(choice.upper_bound, value),
        solver=drawn.solver,
        method=drawn.method,
        is_optimum=False,
    )
    return RobustPlan(kind, moved, drawn)


def check_on_unseen_data(
    *,
    year: SharingYear,
    step: Step,
    goal: Goal,
    choice: Choice,
    reference: Rule,
    production: Sequence[NDArray[np.float64]],
    progress: Callable[[float, str], None],
) -> tuple[Survival, ...]:
    """Measure how much of a plan's gain remains on data that it did not see.

    Parameters
    ----------
    year : SharingYear
        The planned year.
    step : Step
        Its metering interval.
    goal : Goal
        What the gain is counted in.
    choice : Choice
        The proposal, with the limits that every choice keeps.
    reference : Rule
        Rule that gains are measured against.
    production : sequence of ndarray, each of shape (n_steps,)
        Net generation of the same plant in other years [kWh].
    progress : callable
        Told the share done and the check at work.

    Returns
    -------
    tuple of Survival
        One a check.

    Raises
    ------
    UnsummedGoalError
        If the goal raises the worst-off member.
    ShortYearError, ForeignGenerationError
        If weeks or months cannot be left out, or a year of production does not fit.
    """
    return measure_survival(
        year,
        goal,
        choice.millionths / MILLIONTHS,
        choose=lambda data: (
            choose_within(YearCurves(data), goal, choice.region).millionths / MILLIONTHS
        ),
        reference=reference,
        production=production,
        resampling=Resampling(steps_per_week=HOURS_PER_WEEK * step.per_hour),
        progress=lambda share, check: progress(share, check.value),
    )
