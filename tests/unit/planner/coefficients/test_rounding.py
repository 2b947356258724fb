from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.rounding import round_with_least_loss
from planner.curves import ValueCurve
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_problem, make_year, years


def round_optimum(problem: CoefficientProblem) -> np.ndarray:
    return round_with_least_loss(problem, solve_exactly(problem).price)


def enumerate_window(problem: CoefficientProblem) -> list[tuple[float, float, tuple[int, ...]]]:
    """List every point inside the bounds that sums to one: value, distance to target, point."""
    ranges = [range(low, high + 1) for low, high in zip(problem.lower, problem.upper, strict=True)]
    return [
        (
            problem.value_of(np.array(point) / 1e6),
            float(((np.array(point) / 1e6 - problem.target) ** 2).sum()),
            point,
        )
        for point in product(*ranges)
        if sum(point) == 1_000_000
    ]


def window(problem: CoefficientProblem, half_width: int) -> CoefficientProblem:
    """Narrow the bounds to a few millionths around the continuous optimum."""
    centre = np.rint(solve_exactly(problem).beta * 1e6).astype(np.int64)
    return CoefficientProblem(
        curves=problem.curves,
        lower=np.maximum(centre - half_width, 0),
        upper=np.minimum(centre + half_width, 1_000_000),
        target=problem.target,
        precedence=problem.precedence,
    )


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("n_members", [2, 3, 4])
def test_nothing_on_the_grid_is_better(seed: int, n_members: int) -> None:
    problem = window(make_problem(make_year(n_members=n_members, seed=seed)), 3)
    rounded = round_optimum(problem)
    best = max(value for value, _, _ in enumerate_window(problem))

    assert rounded.sum() == 1_000_000
    assert problem.value_of(rounded / 1e6) == pytest.approx(best, abs=1e-10)


def kinked_problem(seed: int, n_members: int = 3) -> CoefficientProblem:
    """Make curves that bend several times inside single millionths, where rounding is hardest."""
    rng = np.random.default_rng(seed)
    centre = 1 / n_members
    curves = []
    for _ in range(n_members):
        bends = np.sort(centre + rng.integers(-40, 40, 12) / 10e6)
        knots = np.unique(np.concatenate(([0.0], bends, [1.0])))
        slopes = np.sort(rng.choice([1.0, 2.0, 3.0, 4.0, 5.0], knots.size - 1))[::-1] * 1e4
        values = np.append(0.0, np.cumsum(slopes * np.diff(knots)))
        curves.append(ValueCurve(knots=knots, slopes=slopes, values=values))
    middle = round(centre * 1e6)
    return CoefficientProblem(
        curves=tuple(curves),
        lower=np.full(n_members, middle - 6),
        upper=np.full(n_members, middle + 6),
        target=np.full(n_members, centre) + rng.integers(-30, 30, n_members) / 10e6,
        precedence=rng.permutation(n_members),
    )


@pytest.mark.parametrize("seed", range(60))
def test_kinks_inside_a_millionth_and_ties_are_settled_as_by_enumeration(seed: int) -> None:
    problem = kinked_problem(seed)
    rounded = round_optimum(problem)
    points = enumerate_window(problem)
    best = max(value for value, _, _ in points)
    nearest = min(distance for value, distance, _ in points if value >= best - 1e-9)

    assert problem.value_of(rounded / 1e6) == pytest.approx(best, abs=1e-9)
    assert ((rounded / 1e6 - problem.target) ** 2).sum() == pytest.approx(nearest, abs=1e-16)


@settings(max_examples=60)
@given(years(), st.integers(0, 200_000), st.integers(500_000, 1_000_000))
def test_bounds_and_sum_hold_for_any_year(year: SharingYear, lower: int, upper: int) -> None:
    n_members = year.consumption_kwh.shape[0]
    upper = 1_000_000 if n_members == 1 else upper
    problem = make_problem(year, lower, upper)
    rounded = round_optimum(problem)

    assert rounded.sum() == 1_000_000
    assert (rounded >= problem.lower).all()
    assert (rounded <= problem.upper).all()
    loss = solve_exactly(problem).upper_bound - problem.value_of(rounded / 1e6)
    steepest = max(curve.slopes[0] for curve in problem.curves)
    assert -1e-9 <= loss <= n_members * steepest / 1e6 + 1e-9


def test_equal_members_differ_by_the_last_millionth_in_cups_order() -> None:
    year = SharingYear(
        generation_kwh=np.array([3.0, 1.0]),
        consumption_kwh=np.array([[1.0, 2.0]] * 3),
        contracted_power_kw=np.ones(3),
        precedence=np.array([2, 0, 1]),
        month_starts=np.array([0]),
    )

    assert round_optimum(make_problem(year)).tolist() == [333_333, 333_334, 333_333]


@pytest.mark.parametrize("factor", [-1.0, 0.0, 0.5, 2.0, 1e3])
@pytest.mark.parametrize("seed", range(5))
def test_a_price_that_is_off_is_mended(seed: int, factor: float) -> None:
    problem = window(make_problem(make_year(seed=seed)), 1)
    price = solve_exactly(problem).price
    best = problem.value_of(round_with_least_loss(problem, price) / 1e6)
    mended = round_with_least_loss(problem, price * factor)

    assert mended.sum() == 1_000_000
    assert problem.value_of(mended / 1e6) == pytest.approx(best, abs=1e-9)
