from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.allocation import bound_hourly, split_energy
from planner.classes.choose import UnsuitedGoalError, choose_by_class
from planner.classes.step_classes import StepClasses
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.problem import InfeasibleBoundsError
from planner.goal import (
    CarbonFactor,
    Goal,
    MissingPricesError,
    Objective,
    Weights,
    find_convex_steps,
)
from planner.sharing_year import SharingYear
from tests.support.class_years import (
    hours_of_day,
    hours_of_month,
    make_classes,
    make_sunny_year,
    solve_class_lp,
)
from tests.support.sharing_years import make_year, years

ENERGY, SAVINGS = Goal(), Goal(Objective.SAVINGS)
MIX = Goal(Objective.MIX, Weights(kwh=0.05, eur=1.0))


def bounds(n_members: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(n_members, dtype=np.int64), np.full(n_members, 1_000_000)


def one_class(year: SharingYear) -> StepClasses:
    return make_classes(np.zeros(year.generation_kwh.size, dtype=int))


@pytest.mark.parametrize("goal", [ENERGY, SAVINGS, MIX])
@pytest.mark.parametrize("seed", range(3))
def test_one_class_is_the_constant_optimum(seed: int, goal: Goal) -> None:
    year = make_sunny_year(seed=seed)
    choice = choose_by_class(year, one_class(year), goal, *bounds(3))
    constant = choose_coefficients(year, goal)

    assert choice.millionths[:, 0].tolist() == constant.millionths.tolist()
    assert choice.value == pytest.approx(constant.value, rel=1e-12)
    assert choice.upper_bound == pytest.approx(constant.upper_bound, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_class_that_is_its_month_knows_the_cap(seed: int) -> None:
    year = make_sunny_year(seed=seed)
    classes = make_classes(np.repeat(np.arange(3), 24))
    choice = choose_by_class(year, classes, SAVINGS, *bounds(3))

    assert choice.upper_bound == pytest.approx(solve_class_lp(year, classes, SAVINGS), rel=1e-9)
    assert choice.gap <= 2e-6
    assert choice.method.startswith("exact")


@pytest.mark.parametrize("cut", [hours_of_day, hours_of_month])
def test_capped_savings_name_the_program(cut: type) -> None:
    year = make_sunny_year()
    classes = cut(year)
    choice = choose_by_class(year, classes, SAVINGS, *bounds(3))

    assert choice.solver == "HiGHS"
    assert choice.method.startswith("linear program over chosen breakpoints of every class, ")
    assert choice.upper_bound == pytest.approx(solve_class_lp(year, classes, SAVINGS), rel=1e-6)
    assert choice.gap <= 2e-5


@pytest.mark.parametrize("goal", [ENERGY, SAVINGS])
@pytest.mark.parametrize("seed", range(3))
def test_finer_classes_never_bring_less(seed: int, goal: Goal) -> None:
    year = make_sunny_year(seed=seed)
    steps = np.arange(72)
    chain = [
        one_class(year),
        hours_of_day(year, 4),
        hours_of_day(year, 12),
        hours_of_month(year, 12),
        make_classes(steps),
    ]
    found = [choose_by_class(year, classes, goal, *bounds(3)) for classes in chain]

    for coarse, fine in pairwise(found):
        assert fine.upper_bound >= coarse.value
        assert fine.value >= coarse.value * (1 - 3e-5)


@settings(max_examples=40)
@given(years())
def test_hour_by_hour_the_value_is_the_hourly_bound_but_for_rounding(year: SharingYear) -> None:
    n = year.n_members
    choice = choose_by_class(year, make_classes(np.arange(24)), ENERGY, *bounds(n))
    most = bound_hourly(year.generation_kwh, year.consumption_kwh)

    assert choice.upper_bound == pytest.approx(most, abs=1e-9)
    assert most - choice.value <= n * 1e-6 * year.generation_kwh.sum() + 1e-9


@settings(max_examples=40)
@given(years(), st.permutations(range(5)), st.integers(1, 24))
def test_the_order_of_members_permutes_the_coefficients(
    year: SharingYear, order: list[int], n_hours: int
) -> None:
    order = [row for row in order if row < year.n_members]
    permuted = replace(
        year, consumption_kwh=year.consumption_kwh[order], precedence=year.precedence[order]
    )
    classes = hours_of_day(year, n_hours)
    straight = choose_by_class(year, classes, ENERGY, *bounds(year.n_members))
    crossed = choose_by_class(permuted, classes, ENERGY, *bounds(year.n_members))

    assert crossed.millionths.tolist() == straight.millionths[order].tolist()


def test_the_coefficients_of_every_interval_split_the_energy() -> None:
    year = make_year(n_members=3)
    classes = hours_of_day(year)
    choice = choose_by_class(year, classes, ENERGY, *bounds(3))
    split = split_energy(choice.by_step(classes), year.generation_kwh, year.consumption_kwh)

    assert split.self_consumed_kwh.sum() == pytest.approx(choice.value, rel=1e-12)
    np.testing.assert_allclose(split.allocated_kwh.sum(axis=0), year.generation_kwh)


def test_co2_counts_energy_by_its_factor() -> None:
    year = make_year(n_members=3)
    classes = hours_of_day(year)
    carbon = Goal(Objective.CO2, carbon=CarbonFactor(0.25, "test"))
    energy = choose_by_class(year, classes, ENERGY, *bounds(3))
    avoided = choose_by_class(year, classes, carbon, *bounds(3))

    assert avoided.value == pytest.approx(0.25 * energy.value, rel=1e-12)
    assert avoided.millionths.tolist() == energy.millionths.tolist()


def test_bounds_hold_in_every_class() -> None:
    year = make_sunny_year()
    lower, upper = np.array([100_000, 0, 0]), np.array([1_000_000, 450_000, 700_000])
    choice = choose_by_class(year, hours_of_month(year), SAVINGS, lower, upper)

    assert (choice.millionths >= lower[:, np.newaxis]).all()
    assert (choice.millionths <= upper[:, np.newaxis]).all()
    assert (choice.millionths.sum(axis=0) == 1_000_000).all()


@pytest.mark.parametrize("n_hours", [1, 6, 72])
def test_dear_surplus_is_told_with_an_honest_gap(n_hours: int) -> None:
    year = make_sunny_year(seed=4)
    assert year.prices is not None
    convex = replace(year, prices=(year.prices[0], 1.5 * year.prices[1]))
    choice = choose_by_class(convex, hours_of_day(convex, n_hours), SAVINGS, *bounds(3))

    assert choice.convex_steps.tolist() == find_convex_steps(convex, SAVINGS).tolist() != []
    assert choice.value <= choice.upper_bound
    assert choice.gap == pytest.approx(1 - choice.value / choice.upper_bound, abs=1e-12)


def test_a_class_without_intervals_shares_like_the_year() -> None:
    year = make_sunny_year()
    steps = np.where(np.arange(72) % 6 < 3, 0, 2)
    for goal in (ENERGY, SAVINGS):
        choice = choose_by_class(year, StepClasses(steps, 3), goal, *bounds(3))
        shares = year.consumption_kwh.sum(axis=1) / year.consumption_kwh.sum()
        np.testing.assert_allclose(choice.millionths[:, 1] / 1e6, shares, atol=1e-6)


def test_one_member_has_everything() -> None:
    year = make_sunny_year(n_members=1)
    choice = choose_by_class(year, hours_of_day(year), SAVINGS, *bounds(1))

    assert (choice.millionths == 1_000_000).all()
    assert choice.gap == 0.0


def test_what_cannot_be_asked_is_refused() -> None:
    year = make_year(n_members=3, with_prices=False)
    classes = hours_of_day(year)
    with pytest.raises(MissingPricesError):
        choose_by_class(year, classes, SAVINGS, *bounds(3))
    with pytest.raises(InfeasibleBoundsError, match="less than 1"):
        choose_by_class(year, classes, ENERGY, np.zeros(3, int), np.full(3, 300_000))
    with pytest.raises(UnsuitedGoalError, match="least-self-sufficiency is not offered") as caught:
        choose_by_class(year, classes, Goal(Objective.LEAST_SELF_SUFFICIENCY), *bounds(3))
    assert caught.value.goal.objective is Objective.LEAST_SELF_SUFFICIENCY
