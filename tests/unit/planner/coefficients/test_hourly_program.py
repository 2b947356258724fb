from dataclasses import replace

import numpy as np
import pytest

from planner.coefficients.hourly_program import (
    HourlyProgramError,
    HourlySolver,
    is_installed,
    solve_hourly_program,
)
from planner.coefficients.linear_program import UnprovenError
from planner.goal import CarbonFactor, Goal, MissingPricesError, Objective, Weights, measure_value
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year

SAVINGS = Goal(Objective.SAVINGS)


def make_tiny_year(prices: tuple[list[float], list[float]] | None = None) -> SharingYear:
    """Two members and 10 kWh of sun: the first takes 2 kWh of the noon, the second 6."""
    return SharingYear(
        generation_kwh=np.array([0.0, 10.0]),
        consumption_kwh=np.array([[5.0, 2.0], [0.0, 6.0]]),
        contracted_power_kw=np.ones(2),
        precedence=np.arange(2),
        month_starts=np.array([0]),
        prices=None if prices is None else (np.array(prices[0]), np.array(prices[1])),
    )


@pytest.mark.parametrize("solver", HourlySolver)
def test_both_solvers_find_what_can_be_checked_by_head(solver: HourlySolver) -> None:
    solution = solve_hourly_program(make_tiny_year(), solver=solver)

    assert solution.value == pytest.approx(8.0)
    assert solution.beta.sum() == pytest.approx(1)
    assert solution.beta[0] >= 0.2 - 1e-9
    assert solution.beta[1] >= 0.6 - 1e-9


def test_bounds_hold_member_by_member() -> None:
    bounds = np.array([0.0, 0.0]), np.array([1.0, 0.5])
    solution = solve_hourly_program(make_tiny_year(), bounds=bounds)

    assert solution.value == pytest.approx(7.0)
    np.testing.assert_allclose(solution.beta, [0.5, 0.5])


def test_savings_stop_at_the_cap_of_the_month() -> None:
    year = make_tiny_year(([0.1, 0.1], [0.08, 0.08]))
    solution = solve_hourly_program(year, SAVINGS)

    # 2 and 6 kWh used at 0.10. The second's 0.60 are all that it pays: 2 kWh of surplus would
    # earn it nothing, but the first, who pays 0.70 and has saved 0.20, gets 0.08 a kWh.
    assert solution.value == pytest.approx(0.96)
    np.testing.assert_allclose(solution.beta, [0.4, 0.6], atol=1e-9)


def test_nobody_saves_more_than_it_pays() -> None:
    # Twice the sun: 12 kWh of surplus would earn 0.96, but 0.50 fill what the first pays.
    year = make_tiny_year(([0.1, 0.1], [0.08, 0.08]))
    sunny = replace(year, generation_kwh=2 * year.generation_kwh)

    assert solve_hourly_program(sunny, SAVINGS).value == pytest.approx(0.7 + 0.6)


@pytest.mark.parametrize("seed", range(3))
def test_the_value_is_what_the_simulator_settles(seed: int) -> None:
    year = make_year(seed=seed)
    goal = Goal(Objective.MIX, mix=Weights(kwh=0.1, eur=1, kg=1), carbon=CarbonFactor(0.2, "test"))
    solution = solve_hourly_program(year, goal)

    assert solution.value == pytest.approx(measure_value(year, goal, solution.beta), rel=1e-9)


def test_a_time_limit_ends_without_a_claim() -> None:
    year = make_year(n_members=20, n_steps=720)

    with pytest.raises(UnprovenError, match="CBC ended with"):
        solve_hourly_program(year, solver=HourlySolver.CBC, time_limit_s=0.01)


def test_goals_that_are_no_such_program_are_refused() -> None:
    with pytest.raises(HourlyProgramError, match="cannot maximise least-savings"):
        solve_hourly_program(make_tiny_year(), Goal(Objective.LEAST_SAVINGS))
    with pytest.raises(MissingPricesError):
        solve_hourly_program(make_tiny_year(), SAVINGS)
    with pytest.raises(HourlyProgramError, match="not in 1 of 2 intervals"):
        solve_hourly_program(make_tiny_year(([0.1, 0.1], [0.2, 0.2])), SAVINGS)


@pytest.mark.parametrize("solver", HourlySolver)
def test_the_solvers_of_the_tests_are_installed(solver: HourlySolver) -> None:
    assert is_installed(solver)
