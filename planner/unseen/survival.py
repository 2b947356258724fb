"""How much of a promised gain survives: chosen on some data, judged on data not seen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

import numpy as np

from models.values.coefficient import MILLIONTHS
from models.values.errors import InfeasibleError
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.problem import Shares
from planner.coefficients.rules import Rule
from planner.goal import Goal, measure_value
from planner.sharing_year import SharingYear
from planner.unseen.scenarios import (
    Resampling,
    Values,
    draw_weeks,
    keep_steps,
    leave_months_out,
    replace_generation,
    resample_year,
)
from planner.unseen.summed_goal import require_sum

Choose = Callable[[SharingYear], Shares]
"""Chooses coefficients from a year's data, within whatever limits were asked for."""

PERCENTILES = (5.0, 95.0)
"""Ends of every interval."""

_ROUNDING = 1e-6
"""Share of the reference's value below which a gain may be the work of six decimals."""


class Check(StrEnum):
    """What is chosen on what, and judged on what."""

    WEEKS = "chosen on drawn weeks, judged on the weeks not drawn"
    MONTHS = "chosen on the other months, judged on the month left out"
    PRODUCTION_YEARS = "chosen on one year of production, judged on the others"
    PROPOSAL_IN_DRAWN_YEARS = "the proposal in years of drawn weeks"
    PROPOSAL_IN_PRODUCTION_YEARS = "the proposal in other years of production"


@dataclass(frozen=True, slots=True)
class Interval:
    """The 5th and the 95th percentile over the trials."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Survival:
    """What remains of a gain over the reference rule on data that did not choose.

    Attributes
    ----------
    check : Check
        What was chosen and judged on what.
    n_trials, n_infeasible : int
        Judgements made, and data sets on which the limits left nothing to choose.
    promised_gain, kept_gain : float
        Gain where the coefficients were chosen and where they were judged: each the sum over the
        trials per kWh generated, times the generation of the planned year [unit of the objective
        a year].
    kept_interval : Interval
        Of the single trials' kept gains, likewise by the planned year's generation.
    share : float or None
        ``kept_gain / promised_gain``; None where no more is promised than six decimals may move.
    share_interval : Interval or None
        Of the single trials' shares.
    """

    check: Check
    n_trials: int
    n_infeasible: int
    promised_gain: float
    kept_gain: float
    kept_interval: Interval
    share: float | None
    share_interval: Interval | None


def measure_survival(
    year: SharingYear,
    goal: Goal,
    proposal: Shares,
    *,
    choose: Choose | None = None,
    reference: Rule = Rule.CONSUMPTION,
    production: Sequence[Values] = (),
    resampling: Resampling | None = None,
    progress: Callable[[float, Check], None] | None = None,
) -> tuple[Survival, ...]:
    """Measure how much of the gain over a rule is kept on data that did not choose.

    Parameters
    ----------
    year : SharingYear
        The planned year.
    goal : Goal
        What the gain is counted in; not one of ``MAX_MIN``.
    proposal : ndarray, shape (n_members,)
        The coefficients proposed for the planned year [1].
    choose : callable, optional
        Chooses coefficients on training data; ``choose_coefficients`` without limits if left out.
    reference : Rule
        Rule that gains are measured against, its coefficients from the training data too.
    production : sequence of ndarray, each of shape (n_steps,)
        Net generation of other years of the same plant [kWh].
    resampling : Resampling, optional
        How to draw weeks.
    progress : callable, optional
        Told the share of the trials that are done, and the check at work.

    Returns
    -------
    tuple of Survival
        One a check, in the order of ``Check``; those on production years only with such years.

    Raises
    ------
    UnsummedGoalError
        If the objective raises the worst-off member.
    ShortYearError
        If the year is too short to leave weeks or a month out.
    ForeignGenerationError
        If another year's generation does not fit.
    InfeasibleError
        If the limits leave nothing to choose on any data of a check.
    MissingPricesError
        If savings count and the year has no prices.

    Notes
    -----
    The data sets differ in length and sun, so gains are compared per kWh generated. Sums over
    trials come before the quotient: a dark month counts for the little that it generates, and
    twelve months left out are together one year. Intervals are of single trials: under ``MONTHS``
    they span the seasons, elsewhere the weather.
    """
    require_sum(goal)
    others = [replace_generation(year, generation) for generation in production]
    plans = _plan_checks(
        year,
        others,
        resampling or Resampling(),
        choose or (lambda data: choose_coefficients(data, goal).millionths / MILLIONTHS),
        proposal,
    )
    total = sum(plan.n_tests for plan in plans)
    tell = progress or (lambda _share, _check: None)
    survivals, before = [], 0
    for plan in plans:
        outcomes: list[_Outcome] = []
        refusals: list[InfeasibleError] = []
        for outcome in _judge(plan, goal, reference, refusals):
            outcomes.append(outcome)
            tell((before + len(outcomes)) / total, plan.check)
        if not outcomes:
            raise refusals[0]
        before += plan.n_tests
        generation = float(year.generation_kwh.sum())
        survivals.append(_sum_up(plan.check, outcomes, len(refusals), generation))
    return tuple(survivals)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Data to choose on, and data to judge by."""

    train: SharingYear
    tests: Iterable[SharingYear]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A check's trials, made one by one, and how many judgements they will give."""

    check: Check
    choose: Choose
    trials: Iterable[_Trial]
    n_tests: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One judgement: gains, what the sun gave, and what the rule had brought in training."""

    promised: float
    trained_kwh: float
    kept: float
    judged_kwh: float
    rule_value: float


def _plan_checks(
    year: SharingYear,
    others: list[SharingYear],
    drawing: Resampling,
    choose: Choose,
    proposal: Shares,
) -> list[_Plan]:
    """List the checks that the data allows."""

    def propose(_: SharingYear) -> Shares:
        return proposal

    n_steps = year.generation_kwh.size
    drawn = (resample_year(year, source) for source in draw_weeks(n_steps, drawing))
    suns = [year, *others]
    plans = [
        _Plan(Check.WEEKS, choose, _part_weeks(year, drawing), drawing.n_years),
        _Plan(Check.MONTHS, choose, _part_months(year), year.month_starts.size),
        _Plan(Check.PRODUCTION_YEARS, choose, _part_suns(suns), len(suns) * len(others)),
        _Plan(Check.PROPOSAL_IN_DRAWN_YEARS, propose, [_Trial(year, drawn)], drawing.n_years),
        _Plan(Check.PROPOSAL_IN_PRODUCTION_YEARS, propose, [_Trial(year, others)], len(others)),
    ]
    return [plan for plan in plans if plan.n_tests]


def _part_weeks(year: SharingYear, drawing: Resampling) -> Iterator[_Trial]:
    """Choose on the drawn weeks, judge on those that no place drew."""
    steps = np.arange(year.generation_kwh.size)
    for source in draw_weeks(steps.size, drawing):
        unseen = np.setdiff1d(steps, source)
        yield _Trial(resample_year(year, source), [keep_steps(year, unseen)])


def _part_months(year: SharingYear) -> Iterator[_Trial]:
    """Choose on eleven months, judge on the twelfth."""
    return (_Trial(rest, [month]) for rest, month in leave_months_out(year))


def _part_suns(years: list[SharingYear]) -> Iterator[_Trial]:
    """Choose under each year's sun, judge under all others."""
    return (_Trial(sun, [other for other in years if other is not sun]) for sun in years)


def _judge(
    plan: _Plan, goal: Goal, reference: Rule, refusals: list[InfeasibleError]
) -> Iterator[_Outcome]:
    """Choose in each trial and compare with the rule; note the trials that leave no choice."""
    for trial in plan.trials:
        try:
            beta = plan.choose(trial.train)
        except InfeasibleError as error:
            refusals.append(error)
            continue
        rule = trial.train.share_by(reference)
        rule_value = measure_value(trial.train, goal, rule)
        promised = measure_value(trial.train, goal, beta) - rule_value
        trained_kwh = float(trial.train.generation_kwh.sum())
        for test in trial.tests:
            kept = measure_value(test, goal, beta) - measure_value(test, goal, rule)
            judged_kwh = float(test.generation_kwh.sum())
            yield _Outcome(promised, trained_kwh, kept, judged_kwh, rule_value)


def _sum_up(
    check: Check, outcomes: list[_Outcome], n_infeasible: int, generation_kwh: float
) -> Survival:
    """Compare what was promised with what was kept, over all trials and trial by trial."""
    promised, trained, kept, judged, rule_value = np.array(
        [list(astuple(outcome)) for outcome in outcomes]
    ).T
    lit = judged > 0
    kept_per_kwh = kept[lit] / judged[lit]
    promising = lit & (promised > _ROUNDING * np.abs(rule_value))
    shares = (kept[promising] / judged[promising]) / (promised[promising] / trained[promising])
    promises = bool(promised.sum() > _ROUNDING * np.abs(rule_value).sum())
    promised_gain = generation_kwh * _quotient(promised.sum(), trained.sum())
    kept_gain = generation_kwh * _quotient(kept.sum(), judged.sum())
    return Survival(
        check=check,
        n_trials=len(outcomes),
        n_infeasible=n_infeasible,
        promised_gain=promised_gain,
        kept_gain=kept_gain,
        kept_interval=_interval_of(generation_kwh * kept_per_kwh) or Interval(0.0, 0.0),
        share=kept_gain / promised_gain if promises else None,
        share_interval=_interval_of(shares) if promises else None,
    )


def _quotient(gain: float, generation_kwh: float) -> float:
    """Divide by a generation that may be zero, where nothing can be gained."""
    return float(gain / generation_kwh) if generation_kwh else 0.0


def _interval_of(values: Values) -> Interval | None:
    """Take the percentiles of the trials, if there are any."""
    if not values.size:
        return None
    low, high = np.percentile(values, PERCENTILES).tolist()
    return Interval(low, high)
