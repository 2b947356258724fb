import numpy as np
import pulp
import pytest

from planner.coefficients import linear_program
from planner.coefficients.exact import solve_exactly
from planner.coefficients.linear_program import GAP, UnprovenError, solve_by_linear_program
from planner.coefficients.problem import InfeasibleBoundsError, find_floors
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.rules import round_by_largest_remainder
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
    monkeypatch.setattr(linear_program, "_FIRST_BREAKPOINTS", 2)

    with pytest.raises(UnprovenError, match="after 1 rounds") as caught:
        solve_by_linear_program(make_problem(make_year(n_members=6, n_steps=240)))
    assert caught.value.gap is not None
    assert caught.value.gap > GAP


def test_a_solver_that_stops_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = pulp.HiGHS(msg=False, timeLimit=0.0, presolve="off")
    monkeypatch.setattr(pulp, "HiGHS", lambda msg: solver)  # noqa: ARG005

    with pytest.raises(UnprovenError, match="HiGHS ended with") as caught:
        solve_by_linear_program(make_problem(make_year(n_members=6, n_steps=240)))
    assert caught.value.gap is None


def test_a_limit_that_fixes_a_member_is_kept() -> None:
    problem = make_problem(make_year(), [250_000, 0, 0, 0], [250_000, 10**6, 10**6, 10**6])
    solution = solve_by_linear_program(problem)

    assert solution.beta[0] == pytest.approx(0.25, abs=1e-12)
    assert np.isclose(solution.beta.sum(), 1)
