import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.allocation import bound_hourly, split_energy
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, random_shares, self_consumed, years


@given(years(), st.integers(0, 1000))
def test_energy_is_conserved_and_never_negative(year: SharingYear, seed: int) -> None:
    beta = random_shares(year.consumption_kwh.shape[0], seed)
    split = split_energy(beta, year.generation_kwh, year.consumption_kwh)

    np.testing.assert_allclose(split.allocated_kwh.sum(axis=0), year.generation_kwh, atol=1e-12)
    np.testing.assert_array_equal(
        split.self_consumed_kwh, np.minimum(split.allocated_kwh, year.consumption_kwh)
    )
    np.testing.assert_allclose(
        split.self_consumed_kwh + split.surplus_kwh, split.allocated_kwh, atol=1e-12
    )
    np.testing.assert_allclose(
        split.self_consumed_kwh + split.grid_import_kwh, year.consumption_kwh, atol=1e-12
    )
    assert min(split.surplus_kwh.min(), split.grid_import_kwh.min()) >= 0


@given(years(), st.permutations(range(5)))
def test_the_order_of_members_permutes_the_split(year: SharingYear, order: list[int]) -> None:
    n_members = year.consumption_kwh.shape[0]
    order = [row for row in order if row < n_members]
    beta = random_shares(n_members, 3)

    straight = split_energy(beta, year.generation_kwh, year.consumption_kwh)
    permuted = split_energy(beta[order], year.generation_kwh, year.consumption_kwh[order])

    np.testing.assert_array_equal(permuted.surplus_kwh, straight.surplus_kwh[order])


def test_hourly_coefficients_are_split_by_the_hour() -> None:
    beta = np.array([[1.0, 0.25], [0.0, 0.75]])
    split = split_energy(beta, np.array([2.0, 4.0]), np.array([[5.0, 5.0], [5.0, 2.0]]))

    assert split.self_consumed_kwh.tolist() == [[2.0, 1.0], [0.0, 2.0]]
    assert split.surplus_kwh.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_negative_net_generation_allocates_nothing() -> None:
    split = split_energy(np.array([1.0]), np.array([-0.5]), np.array([[2.0]]))

    assert split.allocated_kwh.tolist() == [[0.0]]
    assert split.grid_import_kwh.tolist() == [[2.0]]


@pytest.mark.parametrize("seed", range(5))
def test_no_coefficients_pass_the_hourly_bound(seed: int) -> None:
    year = make_year(seed=seed)
    bound = bound_hourly(year.generation_kwh, year.consumption_kwh)
    by_hand = sum(
        min(float(sun), float(wanted))
        for sun, wanted in zip(year.generation_kwh, year.consumption_kwh.sum(axis=0), strict=True)
    )

    assert bound == pytest.approx(by_hand, rel=1e-12)
    assert self_consumed(year, random_shares(4, seed)) <= bound
