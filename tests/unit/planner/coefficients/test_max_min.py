from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coefficients.max_min import (
    MaxMinChoice,
    build_level_curves,
    choose_for_worst_off,
    measure_levels,
)
from planner.coefficients.problem import InfeasibleBoundsError
from planner.coefficients.rules import Rule
from planner.goal import GoalError, MissingPricesError, Objective, YearCurves
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, random_shares, years

SUFFICIENCY, SAVINGS = Objective.LEAST_SELF_SUFFICIENCY, Objective.LEAST_SAVINGS


def choose(year: SharingYear, objective: Objective = SUFFICIENCY) -> MaxMinChoice:
    return choose_for_worst_off(YearCurves(year), objective)


@pytest.mark.parametrize("objective", [SUFFICIENCY, SAVINGS])
@pytest.mark.parametrize("seed", range(8))
def test_no_rule_and_no_draw_serves_the_worst_off_better(seed: int, objective: Objective) -> None:
    year = make_year(seed=seed)
    choice = choose(year, objective)
    others = [random_shares(year.n_members, draw) for draw in range(100)]
    others += list(year.rules().values())

    assert choice.millionths.sum() == 1_000_000
    assert choice.is_optimum
    assert choice.levels.tolist() == pytest.approx(
        measure_levels(year, objective, choice.millionths / 1e6).tolist()
    )
    for beta in others:
        least = measure_levels(year, objective, beta).min()
        assert least <= choice.levels.min() + 1e-4
        assert least <= choice.upper_bound
    assert choice.value <= choice.upper_bound
    assert choice.gap < 1e-4


def test_savings_of_the_worst_off_are_absolute() -> None:
    year = SharingYear(
        np.array([10.0]),
        np.array([[8.0], [2.0]]),
        np.ones(2),
        np.arange(2),
        np.array([0]),
        prices=(np.array([0.2]), np.array([0.0])),
    )
    choice = choose(year, SAVINGS)

    # The small one has all that it can use at 0.2; the large one goes on to its own.
    assert choice.millionths.tolist() == [800_000, 200_000]
    assert choice.levels.tolist() == pytest.approx([1.6, 0.4])
    assert choice.value == choice.upper_bound == pytest.approx(1.6)
    assert choice.gap == 0


def test_half_the_sun_gives_each_half_of_what_it_needs() -> None:
    year = SharingYear(
        np.array([5.0]), np.array([[8.0], [2.0]]), np.ones(2), np.arange(2), np.array([0])
    )
    choice = choose(year)

    assert choice.millionths.tolist() == [800_000, 200_000]
    assert choice.value == pytest.approx(0.5)
    assert choice.prices.tolist() == pytest.approx([5 / 8, 5 / 2])


def test_a_member_without_consumption_is_left_aside() -> None:
    year = make_year(seed=3)
    with_nobody = replace(
        year,
        consumption_kwh=np.vstack([year.consumption_kwh, np.zeros(72)]),
        contracted_power_kw=np.append(year.contracted_power_kw, 3.45),
        precedence=np.arange(5),
    )
    choice, again = choose(year), choose(with_nobody)

    assert again.millionths.tolist() == [*choice.millionths.tolist(), 0]
    assert np.isnan(again.levels[-1])
    assert again.value == pytest.approx(choice.value)
    assert choose(with_nobody, SAVINGS).levels[-1] == 0


@pytest.mark.parametrize("objective", [SUFFICIENCY, SAVINGS])
def test_when_nobody_consumes_all_is_shared_nearest_to_the_rule(objective: Objective) -> None:
    year = replace(make_year(n_members=4), consumption_kwh=np.zeros((4, 72)))
    year = replace(year, prices=(np.full(72, 0.2), np.full(72, 0.1)))
    choice = choose(year, objective)

    assert choice.millionths.tolist() == [250_000] * 4
    assert (choice.value, choice.upper_bound, choice.gap) == (0, 0, 0)


def test_without_sun_all_is_shared_nearest_to_the_rule() -> None:
    year = replace(make_year(), generation_kwh=np.zeros(72))
    expected = year.share_by(Rule.CONSUMPTION) * 1e6

    assert np.abs(choose(year).millionths - expected).max() < 1


def test_limits_hold_and_bind() -> None:
    curves = YearCurves(make_year(seed=2))
    free = choose_for_worst_off(curves, SUFFICIENCY)
    lower = np.array([0, 0, 0, 400_000])
    upper = np.array([200_000, 1_000_000, 1_000_000, 1_000_000])
    bound = choose_for_worst_off(curves, SUFFICIENCY, lower, upper)

    assert (bound.millionths >= lower).all()
    assert (bound.millionths <= upper).all()
    assert bound.value < free.value
    with pytest.raises(InfeasibleBoundsError):
        choose_for_worst_off(curves, SUFFICIENCY, upper=np.full(4, 100_000))


def test_a_group_that_is_full_stays_behind() -> None:
    curves = YearCurves(make_year(seed=2))
    most = 300_000

    def is_feasible(lower: np.ndarray) -> bool:
        return bool(lower[:2].sum() <= most and lower.sum() <= 1_000_000)

    choice = choose_for_worst_off(curves, SUFFICIENCY, is_feasible=is_feasible)
    free = choose_for_worst_off(curves, SUFFICIENCY)

    assert choice.millionths[:2].sum() == most
    assert choice.levels[0] == pytest.approx(choice.levels[1], rel=1e-4)
    assert choice.levels[2] == pytest.approx(choice.levels[3], rel=1e-4)
    assert choice.levels[0] < free.value < choice.levels[2]
    assert choice.value <= choice.upper_bound <= choice.value * (1 + 1e-4)


def test_surplus_that_costs_money_is_given_to_nobody_who_has_to_pay_more() -> None:
    year = make_year(n_members=3)
    paid_for = replace(
        year, generation_kwh=20 * year.generation_kwh, prices=(np.full(72, 0.2), np.full(72, -0.3))
    )
    choice = choose(paid_for, SAVINGS)
    draws = [random_shares(3, draw) for draw in range(300)]

    assert choice.levels.min() == pytest.approx(choice.value)
    assert max(measure_levels(paid_for, SAVINGS, beta).min() for beta in draws) <= choice.value
    assert choice.gap < 1e-4


def test_savings_that_are_not_concave_keep_a_bound() -> None:
    year = make_year(seed=5)
    odd = replace(year, prices=(np.full(72, 0.1), np.full(72, 0.3)))
    choice = choose(odd, SAVINGS)

    assert not choice.is_optimum
    assert choice.convex_steps.tolist() == np.flatnonzero(year.generation_kwh > 0).tolist()
    draws = [random_shares(4, draw) for draw in range(300)]
    assert max(measure_levels(odd, SAVINGS, beta).min() for beta in draws) <= choice.upper_bound


@settings(max_examples=50)
@given(years(), st.integers(0, 100))
def test_no_draw_passes_the_bound(year: SharingYear, seed: int) -> None:
    choice = choose(year)
    levels = measure_levels(year, SUFFICIENCY, random_shares(year.n_members, seed))
    best = np.array(
        [curve.values.max() for curve in build_level_curves(YearCurves(year), SUFFICIENCY)]
    )
    below = levels < best * (1 - 1e-9)

    assert choice.millionths.sum() == 1_000_000
    assert choice.value <= choice.upper_bound
    if below.any():
        assert levels[below].min() <= choice.upper_bound + 1e-12


@settings(max_examples=40)
@given(years(), st.permutations(range(5)))
def test_permuting_members_permutes_the_coefficients(year: SharingYear, five: list[int]) -> None:
    order = np.array([member for member in five if member < year.n_members])
    permuted = replace(
        year, consumption_kwh=year.consumption_kwh[order], precedence=year.precedence[order]
    )

    assert choose(permuted).millionths.tolist() == choose(year).millionths[order].tolist()


def test_a_sum_is_no_level_and_savings_need_prices() -> None:
    without = YearCurves(make_year(with_prices=False))

    with pytest.raises(GoalError):
        choose_for_worst_off(without, Objective.SAVINGS)
    with pytest.raises(MissingPricesError):
        choose_for_worst_off(without, SAVINGS)
    with pytest.raises(MissingPricesError):
        measure_levels(without.year, SAVINGS, np.full(4, 0.25))
