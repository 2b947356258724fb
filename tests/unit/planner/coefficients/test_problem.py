import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.problem import find_floors
from planner.coefficients.rules import round_by_largest_remainder
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_problem, years


@given(years(), st.floats(0, 1))
def test_a_floor_is_the_first_grid_point_that_keeps_the_share(
    year: SharingYear, share: float
) -> None:
    problem = make_problem(year)
    reference = round_by_largest_remainder(problem.target, problem.precedence)
    floors = find_floors(problem.curves, reference, share)

    assert (floors <= reference).all()
    for curve, floor, at in zip(problem.curves, floors, reference, strict=True):
        needed = share * curve.value_at(at / 1e6)
        assert curve.value_at(floor / 1e6) >= needed
        if floor > 0:
            assert curve.value_at((floor - 1) / 1e6) < needed


def test_a_floor_of_nothing_asks_for_nothing() -> None:
    problem = make_problem(
        SharingYear(
            generation_kwh=np.array([2.0]),
            consumption_kwh=np.array([[1.0], [3.0]]),
            contracted_power_kw=np.ones(2),
            precedence=np.arange(2),
            month_starts=np.array([0]),
        )
    )
    reference = np.array([500_000, 500_000])

    assert find_floors(problem.curves, reference, 0.0).tolist() == [0, 0]
    assert find_floors(problem.curves, reference, 0.5).tolist() == [250_000, 250_000]
    assert find_floors(problem.curves, reference, 1.0).tolist() == [500_000, 500_000]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_slopes_count_as_equal_in_proportion_to_their_size(scale: float) -> None:
    problem = make_problem(
        SharingYear(
            generation_kwh=np.array([2.0, 3.0]) * scale,
            consumption_kwh=np.array([[1.0, 1.0]]) * scale,
            contracted_power_kw=np.ones(1),
            precedence=np.arange(1),
            month_starts=np.array([0]),
        )
    )

    assert problem.slope_tolerance == pytest.approx(5e-11 * scale)
