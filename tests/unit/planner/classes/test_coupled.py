from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.classes import coupled
from planner.classes.coupled import CoupledSearch
from planner.classes.coupling import couple_months, cut_out, split_by_months
from planner.classes.problem import ClassProblem
from planner.classes.separate import solve_each_class
from planner.classes.step_classes import StepClasses
from planner.coefficients.linear_program import UnprovenError
from planner.goal import Goal, Objective, Weights, measure_value
from planner.sharing_year import SharingYear
from tests.support.class_years import (
    hours_of_day,
    hours_of_month,
    make_class_problem,
    make_priced_sunny_year,
    make_sunny_year,
    solve_class_lp,
)

SAVINGS = Goal(Objective.SAVINGS)
MIX = Goal(Objective.MIX, Weights(kwh=0.02, eur=3.0))


def search_for(problem: ClassProblem, goal: Goal) -> CoupledSearch:
    relaxed = solve_each_class(problem)
    return CoupledSearch(problem, goal, np.zeros(problem.year.n_members), relaxed.millionths)


def value_of(problem: ClassProblem, goal: Goal, millionths: np.ndarray) -> float:
    beta = (millionths / 1e6)[:, problem.classes.of_step]
    return measure_value(problem.year, goal, beta)


@pytest.mark.parametrize("limits", [(0, 1_000_000), (150_000, 600_000)])
@pytest.mark.parametrize("goal", [SAVINGS, MIX])
@pytest.mark.parametrize("cut", [hours_of_day, hours_of_month])
@pytest.mark.parametrize(
    ("make", "seed"),
    [*product([make_sunny_year], [0, 1, 2, 5]), *product([make_priced_sunny_year], [0, 1, 2])],
)
def test_capped_savings_are_those_of_the_full_program(
    make: Callable[..., SharingYear], seed: int, cut: type, goal: Goal, limits: tuple[int, int]
) -> None:
    year = make(seed=seed)
    problem = make_class_problem(year, cut(year), goal, *limits)
    search = search_for(problem, goal)
    solution = search.solve(np.zeros(3))
    lower, upper = limits
    optimum = solve_class_lp(year, problem.classes, goal, lower=lower / 1e6, upper=upper / 1e6)

    assert search.has_capped_months
    assert solution.upper_bound == pytest.approx(optimum, rel=1e-6)
    assert solution.upper_bound >= optimum * (1 - 1e-9)
    assert value_of(problem, goal, solution.millionths) == pytest.approx(optimum, rel=2e-5)
    assert (solution.millionths.sum(axis=0) == 1_000_000).all()
    assert solution.millionths.min() >= lower
    assert solution.millionths.max() <= upper


def test_the_caps_cost_something() -> None:
    year = make_sunny_year()
    problem = make_class_problem(year, hours_of_day(year), SAVINGS)
    relaxed = solve_each_class(problem)

    assert search_for(problem, SAVINGS).solve(np.zeros(3)).upper_bound < relaxed.bounds.sum() - 1


@pytest.mark.parametrize("seed", range(3))
def test_a_long_year_is_refined_until_it_is_proven(seed: int) -> None:
    year = make_sunny_year(n_steps=720, seed=seed)
    problem = make_class_problem(year, hours_of_day(year, 3), SAVINGS)
    solution = search_for(problem, SAVINGS).solve(np.zeros(3))

    assert solution.rounds > 1
    optimum = solve_class_lp(year, problem.classes, SAVINGS)
    assert solution.upper_bound == pytest.approx(optimum, rel=1e-6)


def test_a_gap_that_stays_wide_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupled, "_MOST_ROUNDS", 1)
    monkeypatch.setattr(coupled, "WIDEST_GAP", 1e-9)
    year = make_sunny_year(n_steps=720)
    search = search_for(make_class_problem(year, hours_of_day(year, 3), SAVINGS), SAVINGS)

    with pytest.raises(UnprovenError, match="after 1 rounds by class") as caught:
        search.solve(np.zeros(3))
    assert caught.value.gap is not None
    assert caught.value.gap > 1e-9


def test_dear_surplus_ends_with_an_honest_bound() -> None:
    year = make_sunny_year(seed=3)
    assert year.prices is not None
    convex = replace(year, prices=(year.prices[0], 2 * year.prices[1]))
    problem = make_class_problem(convex, hours_of_day(year), SAVINGS)
    solution = search_for(problem, SAVINGS).solve(np.zeros(3))

    value = value_of(problem, SAVINGS, solution.millionths)
    best_of_many = max(
        value_of(problem, SAVINGS, 1e6 * np.random.default_rng(seed).dirichlet(np.ones(3), 6).T)
        for seed in range(200)
    )
    assert best_of_many <= solution.upper_bound
    assert value <= solution.upper_bound


def test_majorants_keep_the_gap_of_dear_surplus_small() -> None:
    year = make_sunny_year(seed=2)
    assert year.prices is not None
    convex = replace(year, prices=(year.prices[0], 1.3 * year.prices[1]))
    problem = make_class_problem(convex, hours_of_day(year), SAVINGS)
    solution = search_for(problem, SAVINGS).solve(np.zeros(3))

    # With every bend instead of the corners of the majorants the gap is 0.009.
    value = value_of(problem, SAVINGS, solution.millionths)
    assert value >= solution.upper_bound * (1 - 0.004)


def test_without_money_no_cap_binds() -> None:
    year = make_sunny_year()

    assert np.isinf(couple_months(year, Goal(), np.zeros(3)).caps_eur).all()
    assert not search_for(
        make_class_problem(year, hours_of_day(year), Goal()), Goal()
    ).has_capped_months


def test_parts_of_a_year_share_no_class() -> None:
    # Months 1 and 3 share class 0; class 3 has no interval at all.
    year = make_sunny_year()
    of_step = np.repeat([0, 1, 2, 1, 0], [24, 12, 12, 0, 24])
    problem = make_class_problem(year, StepClasses(of_step, 4), SAVINGS)
    parts = split_by_months(problem)

    assert [steps.tolist() for steps in parts] == [
        [*range(24), *range(48, 72)],
        list(range(24, 48)),
    ]
    first, numbers = cut_out(problem, parts[0])
    assert numbers.tolist() == [0]
    assert first.year.month_starts.tolist() == [0, 24]
    second, numbers = cut_out(problem, parts[1])
    assert numbers.tolist() == [1, 2]
    assert second.classes.of_step.tolist() == [0] * 12 + [1] * 12
    assert second.year.generation_kwh.tolist() == year.generation_kwh[24:48].tolist()


def test_a_year_without_prices_is_cut_out_too() -> None:
    year: SharingYear = replace(make_sunny_year(), prices=None)
    problem = make_class_problem(year, hours_of_month(year), Goal())

    assert cut_out(problem, split_by_months(problem)[0])[0].year.prices is None
