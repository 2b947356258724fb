from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.values.errors import InfeasibleError
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.rules import Rule
from planner.goal import Goal, Objective, measure_value
from planner.sharing_year import SharingYear
from planner.unseen.scenarios import Resampling, draw_weeks, keep_steps, resample_year
from planner.unseen.summed_goal import UnsummedGoalError
from planner.unseen.survival import Check, Survival, measure_survival
from tests.support.sharing_years import make_year, self_consumed

DRAWING = Resampling(n_years=12, steps_per_week=24, reach_weeks=2, seed=3)


def best(year: SharingYear, goal: Goal | None = None) -> np.ndarray:
    return choose_coefficients(year, goal or Goal()).millionths / 1e6


def measure(year: SharingYear, **options: object) -> dict[Check, Survival]:
    options = {"goal": Goal(), "proposal": best(year), "resampling": DRAWING} | options
    return {each.check: each for each in measure_survival(year, **options)}  # type: ignore[arg-type]


def gain(year: SharingYear, beta: np.ndarray, rule: np.ndarray) -> float:
    return self_consumed(year, beta) - self_consumed(year, rule)


def test_months_left_out_by_hand() -> None:
    year = make_year(n_steps=240)
    promised, kept, shares = [], [], []
    for month in range(3):
        judged = np.arange(80 * month, 80 * month + 80)
        train = keep_steps(year, np.setdiff1d(np.arange(240), judged))
        test = keep_steps(year, judged)
        beta, rule = best(train), train.share_by(Rule.CONSUMPTION)
        promised.append((gain(train, beta, rule), train.generation_kwh.sum()))
        kept.append((gain(test, beta, rule), test.generation_kwh.sum()))
        shares.append(kept[-1][0] / kept[-1][1] / (promised[-1][0] / promised[-1][1]))
    a_year = year.generation_kwh.sum()
    promised_gain, trained = np.sum(promised, axis=0)
    kept_gain, judged_kwh = np.sum(kept, axis=0)
    found = measure(year)[Check.MONTHS]

    assert (found.n_trials, found.n_infeasible) == (3, 0)
    assert judged_kwh == pytest.approx(a_year)
    assert found.promised_gain == pytest.approx(a_year * promised_gain / trained)
    assert found.kept_gain == pytest.approx(kept_gain)
    assert found.share == pytest.approx(kept_gain / (a_year * promised_gain / trained))
    low, high = np.percentile(shares, [5, 95])
    assert found.share_interval is not None
    assert (found.share_interval.low, found.share_interval.high) == pytest.approx((low, high))
    low, high = np.percentile([a_year * value / kwh for value, kwh in kept], [5, 95])
    assert (found.kept_interval.low, found.kept_interval.high) == pytest.approx((low, high))


def test_weeks_not_drawn_by_hand() -> None:
    year = make_year(n_steps=240)
    sums = np.zeros(4)
    for source in draw_weeks(240, DRAWING):
        train = resample_year(year, source)
        test = keep_steps(year, np.setdiff1d(np.arange(240), source))
        beta, rule = best(train), train.share_by(Rule.EQUAL)
        sums += gain(train, beta, rule), train.generation_kwh.sum(), 0, 0
        sums += 0, 0, gain(test, beta, rule), test.generation_kwh.sum()
    found = measure(year, reference=Rule.EQUAL)[Check.WEEKS]

    assert found.n_trials == 12
    assert found.promised_gain == pytest.approx(year.generation_kwh.sum() * sums[0] / sums[1])
    assert found.kept_gain == pytest.approx(year.generation_kwh.sum() * sums[2] / sums[3])


def test_the_proposal_in_drawn_years_by_hand() -> None:
    year = make_year(n_steps=240)
    goal, rule = Goal(Objective.SAVINGS), year.share_by(Rule.CONSUMPTION)
    proposal = best(year, goal)

    def saves(data: SharingYear) -> float:
        return measure_value(data, goal, proposal) - measure_value(data, goal, rule)

    drawn = [resample_year(year, source) for source in draw_weeks(240, DRAWING)]
    generated = sum(each.generation_kwh.sum() for each in drawn)
    found = measure(year, goal=goal, proposal=proposal)[Check.PROPOSAL_IN_DRAWN_YEARS]

    assert found.n_trials == 12
    assert found.promised_gain == pytest.approx(saves(year))
    assert found.kept_gain == pytest.approx(
        year.generation_kwh.sum() * sum(map(saves, drawn)) / generated
    )
    assert found.share == pytest.approx(found.kept_gain / saves(year))


def test_other_years_of_production_by_hand() -> None:
    year = make_year(n_steps=240)
    others = [make_year(n_steps=240, seed=seed).generation_kwh for seed in (5, 6)]
    suns = [year, *(replace(year, generation_kwh=other) for other in others)]
    rule = year.share_by(Rule.CONSUMPTION)
    survivals = measure(year, production=others)
    chosen, proposed = (
        survivals[Check.PRODUCTION_YEARS],
        survivals[Check.PROPOSAL_IN_PRODUCTION_YEARS],
    )

    assert list(survivals) == list(Check)
    assert (chosen.n_trials, proposed.n_trials) == (6, 2)
    assert proposed.promised_gain == pytest.approx(gain(year, best(year), rule))
    kept = sum(gain(sun, best(year), rule) for sun in suns[1:])
    generated = [sun.generation_kwh.sum() for sun in suns]
    assert proposed.kept_gain == pytest.approx(generated[0] * kept / sum(generated[1:]))
    promised = sum(gain(sun, best(sun), rule) for sun in suns) / sum(generated)
    assert chosen.promised_gain == pytest.approx(generated[0] * promised)
    kept = sum(
        gain(test, best(train), rule) for train in suns for test in suns if test is not train
    )
    assert chosen.kept_gain == pytest.approx(generated[0] * kept / (2 * sum(generated)))


def test_the_same_sun_again_keeps_everything() -> None:
    year = make_year(n_steps=240)
    survivals = measure(year, production=[year.generation_kwh])

    for check in (Check.PRODUCTION_YEARS, Check.PROPOSAL_IN_PRODUCTION_YEARS):
        assert survivals[check].share == pytest.approx(1.0)
        interval = survivals[check].share_interval
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((1.0, 1.0))


def test_a_promise_of_nothing_has_no_share() -> None:
    survivals = measure(make_year(n_members=1, n_steps=240))

    assert list(survivals) == [Check.WEEKS, Check.MONTHS, Check.PROPOSAL_IN_DRAWN_YEARS]
    for survival in survivals.values():
        assert (survival.promised_gain, survival.kept_gain) == (0, 0)
        assert (survival.share, survival.share_interval) == (None, None)


def test_without_sun_nothing_is_gained() -> None:
    year = make_year(n_steps=240)
    dark = replace(year, generation_kwh=np.zeros(240))

    for survival in measure(dark, proposal=np.full(4, 0.25)).values():
        assert (survival.promised_gain, survival.kept_gain) == (0, 0)
        assert (survival.kept_interval.low, survival.kept_interval.high) == (0, 0)
        assert survival.share is None


class NothingFitsError(InfeasibleError):
    pass


def refusing(when: Callable[[SharingYear], bool]) -> Callable[[SharingYear], np.ndarray]:
    def choose(year: SharingYear) -> np.ndarray:
        if when(year):
            raise NothingFitsError
        return best(year)

    return choose


def test_data_on_which_the_limits_leave_nothing_are_counted() -> None:
    year = make_year(n_steps=240)
    later_months = year.generation_kwh[80:].tolist()
    found = measure(year, choose=refusing(lambda d: d.generation_kwh.tolist() == later_months))

    # only the fold that leaves out the first month begins with the second
    assert (found[Check.MONTHS].n_trials, found[Check.MONTHS].n_infeasible) == (2, 1)
    assert found[Check.PROPOSAL_IN_DRAWN_YEARS].n_infeasible == 0


def test_limits_that_never_leave_anything_are_an_error() -> None:
    with pytest.raises(NothingFitsError):
        measure(make_year(n_steps=240), choose=refusing(lambda _: True))


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[float, Check]] = []
    measure(make_year(n_steps=240), progress=lambda share, check: told.append((share, check)))
    shares = [share for share, _ in told]

    assert shares == [pytest.approx(number / 27) for number in range(1, 28)]
    assert [check for _, check in told].count(Check.WEEKS) == 12
    assert told[-1][1] is Check.PROPOSAL_IN_DRAWN_YEARS


@pytest.mark.parametrize("objective", [Objective.LEAST_SAVINGS, Objective.LEAST_SELF_SUFFICIENCY])
def test_the_worst_off_member_is_no_measure(objective: Objective) -> None:
    with pytest.raises(UnsummedGoalError, match="judge unseen data by self-consumption") as caught:
        measure(make_year(n_steps=240), goal=Goal(objective))
    assert caught.value.objective is objective
