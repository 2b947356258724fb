"""How long choosing takes. A ratio is read within a group, whose members ran side by side."""

from timeit import timeit

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from models.values.calendar import Step
from planner.billing.simulator import simulate_year
from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.hourly_program import HourlySolver
from planner.coefficients.limits import Floor, Group
from planner.coefficients.rules import Rule
from planner.goal import Goal, Objective
from tests.support.big_years import make_big_year, multiply_once
from tests.support.hourly_lp import solve_hourly_lp

SIZES = [(500, Step.HOUR), (200, Step.QUARTER_HOUR)]
GOALS = [Goal(), Goal(Objective.SAVINGS)]
ROUNDS = {"rounds": 5, "warmup_rounds": 1}


def name_group(benchmark: BenchmarkFixture, n_members: int, step: Step) -> None:
    benchmark.group = f"{n_members} members x {8760 * step.per_hour:,}"


@pytest.mark.parametrize(("n_members", "step"), SIZES)
def test_one_pass(benchmark: BenchmarkFixture, n_members: int, step: Step) -> None:
    name_group(benchmark, n_members, step)
    year = make_big_year(n_members, step=step)

    assert benchmark.pedantic(multiply_once, (year,), **ROUNDS) > 0


@pytest.mark.parametrize(("n_members", "step"), SIZES)
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.objective)
def test_exact(benchmark: BenchmarkFixture, n_members: int, step: Step, goal: Goal) -> None:
    name_group(benchmark, n_members, step)
    year = make_big_year(n_members, step=step)
    passes: list[float] = []

    def time_one_pass() -> None:
        """Take the yardstick anew before each round: a shared machine is not always as fast."""
        passes.append(timeit(lambda: multiply_once(year), number=1))

    choice = benchmark.pedantic(
        choose_coefficients, (year, goal), setup=time_one_pass, rounds=5, warmup_rounds=1
    )
    benchmark.extra_info["times_one_pass"] = benchmark.stats.stats.min / min(passes)

    assert choice.gap < 1e-6


@pytest.mark.parametrize(("n_members", "step"), SIZES)
def test_settle_a_year(benchmark: BenchmarkFixture, n_members: int, step: Step) -> None:
    name_group(benchmark, n_members, step)
    year = make_big_year(n_members, step=step)
    beta = year.share_by(Rule.EQUAL)
    settled = benchmark.pedantic(
        simulate_year,
        (beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices),
        **ROUNDS,
    )

    assert settled.self_consumed_kwh.shape == (n_members, 12)


@pytest.mark.parametrize("n_members", [10, 20, 50, 100, 200, 500, 1000, 2000])
def test_growth(benchmark: BenchmarkFixture, n_members: int) -> None:
    benchmark.group = "growth, hours"
    year = make_big_year(n_members)
    choice = benchmark.pedantic(choose_coefficients, (year,), **ROUNDS)

    assert choice.gap < 1e-6


@pytest.mark.parametrize(
    "limits",
    [[Floor(0.95)], [Floor(0.95), Group("homes", tuple(range(50)), 150_000)]],
    ids=["floors", "floors and a group"],
)
def test_linear_program(benchmark: BenchmarkFixture, limits: list[Floor | Group]) -> None:
    benchmark.group = "500 members x 8,760, linear program"
    year = make_big_year(500)
    choice = benchmark.pedantic(
        choose_coefficients, (year, Goal(), limits, Method.LINEAR_PROGRAM), rounds=3
    )

    assert choice.gap < 1e-6


def test_exact_beside_hourly_program(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "24 members x 8,760, against the hourly program"
    year = make_big_year(24)

    assert benchmark.pedantic(choose_coefficients, (year,), **ROUNDS).gap < 1e-6


@pytest.mark.parametrize("solver", HourlySolver)
def test_hourly_program(benchmark: BenchmarkFixture, solver: HourlySolver) -> None:
    benchmark.group = "24 members x 8,760, against the hourly program"
    year = make_big_year(24)
    value = benchmark.pedantic(solve_hourly_lp, (year,), {"solver": solver}, rounds=1)

    assert value == pytest.approx(choose_coefficients(year).value, rel=1e-6)
