from dataclasses import replace

import numpy as np
import pulp
import pytest

from planner.coefficients import linear_program
from planner.coefficients.exact import solve_exactly
from planner.coefficients.linear_program import GAP, UnprovenError, solve_by_linear_program
from planner.coefficients.problem import InfeasibleBoundsError, find_floors
from planner.coefficients.region import GroupSum, Interval, TotalChange
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.rules import round_by_largest_remainder
from planner.goal import Goal
from tests.support.limited_lp import solve_whole_year
from tests.support.sharing_years import make_problem, make_year, self_consumed


@pytest.mark.parametrize("seed", range(6))
def test_both_methods_agree(seed: int) -> None:
    year = make_year(n_members=6, n_steps=240, seed=seed)
    free = make_problem(year)
    reference = round_by_largest_remainder(free.target, free.precedence)
    problem = make_problem(year, find_floors(free.curves, reference, 0.9), 400_000)
    exact, by_program = solve_exactly(problem), solve_by_linear_program(problem)

    assert by_program.solver == "HiGHS"
    assert by_program.upper_bound >= exact.upper_bound * (1 - 1e-12)
    assert by_program.upper_bound == pytest.approx(exact.upper_bound, rel=GAP)
    assert self_consumed(year, by_program.beta) == pytest.approx(exact.upper_bound, rel=GAP)
    assert by_program.beta.sum() == pytest.approx(1, abs=1e-9)
    assert (by_program.beta >= problem.lower / 1e6 - 1e-9).all()
    rounded = round_with_least_loss(problem, by_program.price)
    best = round_with_least_loss(problem, exact.price)
    assert self_consumed(year, rounded / 1e6) == pytest.approx(self_consumed(year, best / 1e6))


def test_the_price_is_what_one_more_unit_of_the_plant_is_worth() -> None:
    year = make_year(n_members=5, n_steps=240)
    problem = make_problem(year)

    assert solve_by_linear_program(problem).price == pytest.approx(
        solve_exactly(problem).price, rel=0.05
    )


def test_infeasible_limits_are_refused_before_the_solver_runs() -> None:
    with pytest.raises(InfeasibleBoundsError):
        solve_by_linear_program(make_problem(make_year(), upper=100_000))


def test_a_gap_that_stays_open_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_program, "_MOST_ROUNDS", 1)
    monkeypatch.setattr(linear_program, "_FIRST_LEVELS", 2)

    with pytest.raises(UnprovenError, match="after 1 rounds") as caught:
        solve_by_linear_program(make_problem(make_year(n_members=6, n_steps=240)))
    assert caught.value.gap is not None
    assert caught.value.gap > GAP


def test_a_solver_that_stops_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = pulp.HiGHS(msg=False, timeLimit=0.0, presolve="off")
    monkeypatch.setattr(pulp, "HiGHS", lambda **_: solver)

    with pytest.raises(UnprovenError, match="HiGHS ended with") as caught:
        solve_by_linear_program(make_problem(make_year(n_members=6, n_steps=240)))
    assert caught.value.gap is None


def test_a_limit_that_fixes_a_member_is_kept() -> None:
    problem = make_problem(make_year(), [250_000, 0, 0, 0], [250_000, 10**6, 10**6, 10**6])
    solution = solve_by_linear_program(problem)

    assert solution.beta[0] == pytest.approx(0.25, abs=1e-12)
    assert np.isclose(solution.beta.sum(), 1)


@pytest.mark.parametrize("seed", range(6))
def test_groups_against_the_full_hourly_program(seed: int) -> None:
    year = make_year(n_members=6, n_steps=96, seed=seed)
    groups = (
        GroupSum("group_least_a", np.array([1, 1, 0, 0, 0, 0], dtype=bool), 450_000, 1_000_000),
        GroupSum("group_greatest_b", np.array([0, 1, 1, 0, 0, 1], dtype=bool), 0, 300_000),
    )
    problem = replace(make_problem(year), groups=groups)
    solution = solve_by_linear_program(problem)
    best = solve_whole_year(year, Goal(), problem.region)

    assert self_consumed(year, solution.beta) == pytest.approx(best, rel=2e-6)
    assert best * (1 - 1e-12) <= solution.upper_bound <= best * (1 + 2e-6)
    assert solution.multipliers.groups["group_least_a"] <= 0
    assert solution.multipliers.groups["group_greatest_b"] >= 0


@pytest.mark.parametrize("seed", range(6))
def test_a_limit_of_the_change_in_total_against_the_full_hourly_program(seed: int) -> None:
    year = make_year(n_members=5, n_steps=96, seed=seed)
    change = TotalChange("change_in_total", np.array([6e5, 1e5, 1e5, 1e5, 1e5]), 150_000)
    problem = replace(make_problem(year), change=change)
    solution = solve_by_linear_program(problem)
    best = solve_whole_year(year, Goal(), problem.region)

    assert np.abs(solution.beta - change.around / 1e6).sum() <= 0.15 + 1e-9
    assert self_consumed(year, solution.beta) == pytest.approx(best, rel=2e-6)
    assert best * (1 - 1e-12) <= solution.upper_bound <= best * (1 + 2e-6)
    assert solution.multipliers.change > 0


def test_every_limit_is_a_row_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[pulp.LpProblem] = []
    solve = pulp.LpProblem.solve

    def keep(program: pulp.LpProblem, solver: object) -> int:
        programs.append(program)
        return int(solve(program, solver))

    monkeypatch.setattr(pulp.LpProblem, "solve", keep)
    year = make_year(n_members=3)
    problem = replace(
        make_problem(year, lower=[10, 0, 0], upper=[10**6, 10**6, 600_000]),
        intervals=(
            Interval("floor", np.array([10, 0, 0]), np.full(3, 10**6)),
            Interval("greatest_coefficient", np.zeros(3, int), np.array([10**6, 10**6, 600_000])),
        ),
        groups=(GroupSum("group_least_a", np.array([True, True, False]), 1, 10**6),),
        change=TotalChange("change_in_total", np.full(3, 333_333.0), 10**6),
    )
    solve_by_linear_program(problem)

    assert {row.name for row in programs[0].constraints()} == {
        *(f"coefficient_{member}" for member in range(3)),
        *(f"change_{member}" for member in range(3)),
        "sum_of_coefficients",
        "floor_least_0",
        "greatest_coefficient_greatest_2",
        "group_least_a",
        "change_in_total",
    }
