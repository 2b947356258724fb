import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import InfeasibleBoundsError
from planner.sharing_year import SharingYear
from tests.support.hourly_lp import solve_hourly_lp
from tests.support.sharing_years import make_problem, make_year, self_consumed, years


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("lower", "upper"), [(0, 1_000_000), (150_000, 400_000), (0, 300_000)])
def test_the_full_hourly_program_agrees(seed: int, lower: int, upper: int) -> None:
    year = make_year(seed=seed)
    solution = solve_exactly(make_problem(year, lower, upper))
    oracle = solve_hourly_lp(year, lower / 1e6, upper / 1e6)

    assert self_consumed(year, solution.beta) == pytest.approx(oracle, rel=1e-6)
    assert solution.upper_bound == pytest.approx(oracle, rel=1e-6)


@settings(max_examples=40)
@given(years())
def test_any_year_is_solved_and_proven(year: SharingYear) -> None:
    solution = solve_exactly(make_problem(year))

    assert solution.beta.sum() == pytest.approx(1, abs=1e-12)
    assert solution.beta.min() >= 0
    value = self_consumed(year, solution.beta)
    assert value == pytest.approx(solution.upper_bound, abs=1e-8)
    assert value == pytest.approx(solve_hourly_lp(year), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("lower", "upper"), [(0, 1_000_000), (20_000, 60_000)])
def test_the_price_is_that_of_all_pieces_in_one_order(seed: int, lower: int, upper: int) -> None:
    problem = make_problem(make_year(n_members=30, n_steps=720, seed=seed), lower, upper)
    pieces = sorted(
        (
            (slope, min(end, upper / 1e6) - max(start, lower / 1e6))
            for curve in problem.curves
            for slope, start, end in zip(
                curve.slopes.tolist(),
                curve.knots[:-1].tolist(),
                curve.knots[1:].tolist(),
                strict=True,
            )
            if min(end, upper / 1e6) > max(start, lower / 1e6)
        ),
        reverse=True,
    )
    filled = 30 * lower / 1e6 + np.cumsum([width for _, width in pieces])

    last = int(np.searchsorted(filled, 1 - 1e-12))
    assert solve_exactly(problem).price == pieces[last][0]


@given(years(), st.permutations(range(5)))
def test_the_order_of_members_permutes_the_optimum(year: SharingYear, order: list[int]) -> None:
    order = [row for row in order if row < year.consumption_kwh.shape[0]]
    permuted = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh[order],
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence[order],
        month_starts=year.month_starts,
    )
    straight = solve_exactly(make_problem(year)).beta

    np.testing.assert_allclose(
        solve_exactly(make_problem(permuted)).beta, straight[order], atol=1e-9
    )


def test_of_several_optima_the_nearest_to_the_target_is_chosen() -> None:
    # Nobody is ever saturated: every choice is optimal, and the target is one of them.
    problem = make_problem(
        SharingYear(
            generation_kwh=np.array([1.0]),
            consumption_kwh=np.array([[20.0], [30.0], [50.0]]),
            contracted_power_kw=np.ones(3),
            precedence=np.arange(3),
            month_starts=np.array([0]),
        )
    )

    np.testing.assert_allclose(solve_exactly(problem).beta, [0.2, 0.3, 0.5], atol=1e-12)


def test_a_night_without_sun_shares_by_the_target() -> None:
    year = make_year()
    dark = SharingYear(
        generation_kwh=np.zeros_like(year.generation_kwh),
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
    )
    problem = make_problem(dark)
    solution = solve_exactly(problem)

    np.testing.assert_allclose(solution.beta, problem.target, atol=1e-12)
    assert solution.upper_bound == 0.0


@pytest.mark.parametrize("edge", [250_000, "lower", "upper"])
def test_bounds_that_leave_no_choice_are_met(edge: int | str) -> None:
    year = make_year()
    shares = np.array([100_000, 200_000, 300_000, 400_000])
    lower, upper = (0 if edge == "upper" else shares), (shares if edge != "lower" else 1_000_000)
    if isinstance(edge, int):
        lower, upper, shares = edge, edge, np.full(4, edge)
    solution = solve_exactly(make_problem(year, lower, upper))

    np.testing.assert_allclose(solution.beta, shares / 1e6, atol=1e-12)
    assert solution.upper_bound == pytest.approx(self_consumed(year, shares / 1e6), rel=1e-12)


@pytest.mark.parametrize(
    ("lower", "upper", "says"),
    [
        (300_000, 1_000_000, "sum to 1.200000, more than 1"),
        (0, 200_000, "sum to 0.800000, less than 1; raise the maximum to at least 0.250000"),
        ([0, 500_000, 0, 0], 400_000, "number 2 at least 0.500000, at most 0.400000"),
    ],
)
def test_limits_that_cannot_be_met_are_named(lower: int | list[int], upper: int, says: str) -> None:
    problem = make_problem(make_year(), np.asarray(lower), upper)

    with pytest.raises(InfeasibleBoundsError, match=says) as caught:
        solve_exactly(problem)
    assert caught.value.upper_sum == problem.upper.sum()
    assert caught.value.lower_sum == problem.lower.sum()
    assert caught.value.needs == ({1: 500_000} if isinstance(lower, list) else {})
