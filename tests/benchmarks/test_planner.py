"""How long choosing takes: the sizes that the project promises, and the obvious way beside it."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from models.values.calendar import Step, month_starts
from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.limits import Floor
from planner.goal import Goal, Objective
from planner.sharing_year import SharingYear
from tests.support.hourly_lp import solve_hourly_lp


def make_big_year(n_members: int, seed: int = 1) -> SharingYear:
    """Make a year of hours: sun by day and season, consumption by habit and chance."""
    rng = np.random.default_rng(seed)
    hour = np.arange(8760)
    season = 1 + 0.35 * np.cos(2 * np.pi * (hour / 24 - 172) / 365)
    sun = np.clip(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0, None) * season
    clouds = rng.uniform(0.3, 1, 365).repeat(24)
    phase = rng.uniform(0, 24, (n_members, 1))
    habit = 1.2 + np.cos(2 * np.pi * (hour % 24 - phase) / 24)
    scale = rng.lognormal(-1.2, 0.7, (n_members, 1))
    energy = rng.uniform(0.05, 0.25, 8760)
    return SharingYear(
        generation_kwh=np.round(0.55 * n_members * sun * clouds, 3),
        consumption_kwh=np.round(scale * habit * rng.gamma(2, 0.5, (n_members, 8760)), 3),
        contracted_power_kw=rng.choice([2.3, 3.45, 4.6, 5.75], n_members),
        precedence=np.arange(n_members),
        month_starts=month_starts(2023, "Europe/Madrid", Step.HOUR),
        prices=(energy, energy * 0.4),
    )


@pytest.mark.parametrize("n_members", [24, 100, 500])
def test_exact(benchmark: BenchmarkFixture, n_members: int) -> None:
    year = make_big_year(n_members)

    assert benchmark(choose_coefficients, year).gap < 1e-6


def test_exact_savings(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(100)

    assert benchmark(choose_coefficients, year, Goal(Objective.SAVINGS)).gap < 1e-6


def test_linear_program_with_floors(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(100)
    limits = [Floor(0.95)]
    choice = benchmark.pedantic(
        choose_coefficients,
        (year, Goal(Objective.SELF_CONSUMPTION), limits, Method.LINEAR_PROGRAM),
        rounds=5,
    )

    assert choice.gap < 1e-6


def test_full_hourly_program(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(24)
    value = benchmark.pedantic(solve_hourly_lp, (year,), rounds=1)

    assert value == pytest.approx(choose_coefficients(year).value, rel=1e-6)
