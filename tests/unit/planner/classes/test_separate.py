from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.allocation import bound_hourly
from planner.classes import separate
from planner.classes.problem import ClassProblem
from planner.classes.separate import build_class_curves, solve_class, solve_each_class
from planner.goal import Goal, Objective, Weights
from planner.sharing_year import SharingYear
from tests.support.class_years import (
    hours_of_day,
    make_class_problem,
    make_classes,
    make_sunny_year,
    solve_class_lp,
)
from tests.support.sharing_years import make_year, years

ENERGY = Goal()
MIX = Goal(Objective.MIX, Weights(kwh=0.1, eur=1.0))


def value_by_class(problem: ClassProblem, millionths: np.ndarray) -> np.ndarray:
    """Sum each class's worth straight from its definition."""
    allocated = (millionths / 1e6)[:, problem.classes.of_step] * problem.year.generation_kwh
    used = np.minimum(allocated, problem.year.consumption_kwh)
    worth = problem.worth.used * used + problem.worth.spilled * (allocated - used)
    return np.bincount(problem.classes.of_step, worth.sum(axis=0), problem.classes.count)


@pytest.mark.parametrize("limits", [(0, 1_000_000), (100_000, 1_000_000), (0, 400_000)])
@pytest.mark.parametrize("goal", [ENERGY, MIX])
@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_tables_give_what_the_general_method_gives(
    seed: int, size: int, goal: Goal, limits: tuple[int, int]
) -> None:
    year = make_year(n_members=4, seed=seed)
    steps = np.arange(year.generation_kwh.size)
    problem = make_class_problem(year, make_classes(steps // size), goal, *limits)
    solution = solve_each_class(problem)

    for number in range(problem.classes.count):
        millionths, bound = solve_class(problem, number, build_class_curves(problem, number))
        assert solution.millionths[:, number].tolist() == millionths.tolist()
        assert solution.bounds[number] == pytest.approx(bound, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("goal", [ENERGY, MIX])
@pytest.mark.parametrize("steps_a_class", [1, 3, 12])
def test_the_bounds_sum_to_the_optimum_of_the_full_program(goal: Goal, steps_a_class: int) -> None:
    year = make_year(n_members=3, n_steps=48, seed=5)
    assert year.prices is not None
    cheap = replace(year, prices=(year.prices[0], 0 * year.prices[1]))
    classes = make_classes(np.arange(48) // steps_a_class)
    problem = make_class_problem(cheap, classes, goal)
    solution = solve_each_class(problem)

    # Surplus earns nothing, so no cap binds.
    optimum = solve_class_lp(cheap, classes, goal)
    assert solution.bounds.sum() == pytest.approx(optimum, rel=1e-9)
    value = value_by_class(problem, solution.millionths).sum()
    assert value == pytest.approx(optimum, rel=1e-5)
    assert value <= solution.bounds.sum() * (1 + 1e-12)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_rounding_is_optimal_against_all_pairs(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    # Great generation and little consumption: the curves bend within few millionths.
    year = SharingYear(
        generation_kwh=rng.uniform(100, 200, 2 * size),
        consumption_kwh=rng.uniform(0, 0.001, (2, 2 * size)),
        contracted_power_kw=np.ones(2),
        precedence=np.arange(2),
        month_starts=np.array([0]),
        prices=(np.full(2 * size, 0.2), np.full(2 * size, -0.01)),
    )
    problem = make_class_problem(year, make_classes(np.arange(2 * size) // size), MIX, 1, 999_999)
    solution = solve_each_class(problem)

    first = np.arange(1, 1_000_000)
    for number, steps in enumerate(problem.steps):
        total = np.zeros(first.size)
        for shares, row in zip((first, 1_000_000 - first), year.consumption_kwh, strict=True):
            for step in steps.tolist():
                allocated = shares / 1e6 * year.generation_kwh[step]
                used = np.minimum(allocated, row[step])
                total += 0.3 * used - 0.01 * (allocated - used)
        value = value_by_class(problem, solution.millionths)[number]
        assert value == pytest.approx(total.max(), rel=1e-12)


@settings(max_examples=60)
@given(years(), st.integers(1, 12))
def test_any_year_by_hours_is_solved_within_bounds_and_proven(
    year: SharingYear, n_hours: int
) -> None:
    problem = make_class_problem(year, hours_of_day(year, n_hours), ENERGY)
    solution = solve_each_class(problem)

    assert (solution.millionths.sum(axis=0) == 1_000_000).all()
    assert solution.millionths.min() >= 0
    value = value_by_class(problem, solution.millionths)
    assert (value <= solution.bounds + 1e-9).all()
    loss = np.bincount(problem.classes.of_step, year.generation_kwh) * 1e-6 * year.n_members
    assert (solution.bounds - value <= loss + 1e-9).all()


@given(years())
def test_hour_by_hour_all_energy_is_used(year: SharingYear) -> None:
    problem = make_class_problem(year, make_classes(np.arange(24)), ENERGY)
    solution = solve_each_class(problem)

    assert solution.bounds.sum() == pytest.approx(
        bound_hourly(year.generation_kwh, year.consumption_kwh), abs=1e-9
    )


def test_an_hour_is_shared_by_its_consumption_and_a_night_by_the_years() -> None:
    year = SharingYear(
        generation_kwh=np.array([2.0, 0.0, 8.0]),
        consumption_kwh=np.array([[3.0, 4.0, 1.0], [1.0, 0.0, 1.0]]),
        contracted_power_kw=np.ones(2),
        precedence=np.arange(2),
        month_starts=np.array([0]),
    )
    solution = solve_each_class(make_class_problem(year, make_classes(np.arange(3)), ENERGY))

    assert solution.millionths.T.tolist() == [
        [750_000, 250_000],
        [800_000, 200_000],
        [500_000, 500_000],
    ]


def test_large_tables_are_cut_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = make_class_problem(make_year(), make_classes(np.arange(72)), ENERGY)
    whole = solve_each_class(problem)
    monkeypatch.setattr(separate, "_TABLE_SIZE", 40)

    assert (solve_each_class(problem).millionths == whole.millionths).all()


def test_only_the_classes_that_are_asked_for_are_solved() -> None:
    problem = make_class_problem(make_year(), make_classes(np.arange(72)), ENERGY)
    some = solve_each_class(problem, [40, 7])

    solved = some.millionths.sum(axis=0) > 0
    assert np.flatnonzero(solved).tolist() == [7, 40]


def test_dear_surplus_is_bounded_and_never_below_the_shares_by_consumption() -> None:
    year = make_sunny_year(n_members=3, seed=2)
    assert year.prices is not None
    convex = replace(year, prices=(year.prices[0], 2 * year.prices[1]))
    problem = make_class_problem(convex, hours_of_day(year, 24), Goal(Objective.SAVINGS))
    solution = solve_each_class(problem)

    assert not problem.worth.is_concave()
    value = value_by_class(problem, solution.millionths)
    assert (value <= solution.bounds + 1e-9).all()
    equal = value_by_class(problem, np.full_like(solution.millionths, 1_000_000 // 3))
    assert value.sum() > equal.sum()


def test_where_surplus_is_dear_one_member_spills_for_all() -> None:
    # A kWh used is worth 0.1, one spilled 0.3: in halves all is used, else half of it is spilled.
    year = SharingYear(
        generation_kwh=np.array([4.0]),
        consumption_kwh=np.array([[2.0], [2.0]]),
        contracted_power_kw=np.ones(2),
        precedence=np.arange(2),
        month_starts=np.array([0]),
        prices=(np.array([0.1]), np.array([0.3])),
    )
    problem = make_class_problem(year, make_classes(np.zeros(1)), Goal(Objective.SAVINGS))
    solution = solve_each_class(problem)

    assert sorted(solution.millionths[:, 0].tolist()) == [0, 1_000_000]
    assert solution.bounds[0] == pytest.approx(0.8)
