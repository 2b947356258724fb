import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.certificate import UnknownGapError, measure_gap, prove_upper_bound
from planner.coefficients.exact import solve_exactly
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_problem, make_year, random_shares, years


@given(years(), st.floats(0, 100), st.integers(0, 1000))
def test_any_price_bounds_any_choice(year: SharingYear, price: float, seed: int) -> None:
    problem = make_problem(year)
    shares = random_shares(year.consumption_kwh.shape[0], seed)

    assert problem.value_of(shares) <= prove_upper_bound(problem, price) + 1e-9


def test_the_bound_is_tight_at_the_dual_price_and_looser_beside_it() -> None:
    year = make_year(n_members=5, n_steps=240)
    problem = make_problem(year, 50_000, 400_000)
    solution = solve_exactly(problem)
    tight = prove_upper_bound(problem, solution.price)

    assert tight == pytest.approx(problem.value_of(solution.beta), rel=1e-12)
    assert prove_upper_bound(problem, solution.price * 0.5) > tight
    assert prove_upper_bound(problem, solution.price * 1.5) > tight


def test_the_bound_is_that_of_a_search_over_the_whole_range() -> None:
    year = make_year(n_members=2, n_steps=24)
    problem = make_problem(year, 100_000, 700_000)
    grid = np.linspace(0.1, 0.7, 60_001)
    price = 3.0
    searched = price + sum(
        float((np.interp(grid, curve.knots, curve.values) - price * grid).max())
        for curve in problem.curves
    )

    assert prove_upper_bound(problem, price) == pytest.approx(searched, abs=1e-4)
    assert prove_upper_bound(problem, price) >= searched - 1e-12


@pytest.mark.parametrize(
    ("bound", "value", "gap"),
    [(100.0, 99.0, 0.01), (0.0, 0.0, 0.0), (100.0, 100.0 + 1e-12, 0.0), (-50.0, -51.0, 0.02)],
)
def test_a_gap_is_a_share_of_the_bound(bound: float, value: float, gap: float) -> None:
    assert measure_gap(bound, value) == pytest.approx(gap)


@pytest.mark.parametrize(("bound", "value"), [(float("nan"), 1.0), (1.0, float("nan"))])
def test_what_is_no_number_has_no_gap(bound: float, value: float) -> None:
    with pytest.raises(UnknownGapError, match="cannot be compared"):
        measure_gap(bound, value)
