import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.billing.simulator import Settlement, simulate_year
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, random_shares, years

FIELDS = [
    "consumption_kwh",
    "allocated_kwh",
    "self_consumed_kwh",
    "surplus_kwh",
    "grid_import_kwh",
    "cost_without_eur",
    "grid_cost_eur",
    "surplus_compensation_eur",
    "cost_with_eur",
    "savings_eur",
]


def settle_slowly(year: SharingYear, beta: np.ndarray) -> dict[str, np.ndarray]:
    """Settle interval by interval, as a bill is read."""
    assert year.prices is not None
    n_members, n_steps = year.consumption_kwh.shape
    result = {field: np.zeros((n_members, year.month_starts.size)) for field in FIELDS}
    for i in range(n_members):
        for step in range(n_steps):
            month = int(np.searchsorted(year.month_starts, step, side="right")) - 1
            wanted, energy = float(year.consumption_kwh[i, step]), float(year.prices[0][step])
            share = beta[i] if beta.ndim == 1 else beta[i, step]
            got = float(share) * float(year.generation_kwh[step])
            used = min(got, wanted)
            earned = (got - used) * float(year.prices[1][step])
            for field, value in zip(
                FIELDS[:8],
                [wanted, got, used, got - used, wanted - used, wanted * energy,
                 (wanted - used) * energy, earned],
                strict=True,
            ):  # fmt: skip
                result[field][i, month] += value
    capped = np.minimum(result["surplus_compensation_eur"], result["grid_cost_eur"])
    result["surplus_compensation_eur"] = capped
    result["cost_with_eur"] = result["grid_cost_eur"] - capped
    result["savings_eur"] = result["cost_without_eur"] - result["cost_with_eur"]
    return result


@pytest.mark.parametrize("seed", range(5))
def test_one_pass_settles_like_the_slow_way(seed: int) -> None:
    year = make_year(n_members=3, seed=seed)
    beta = random_shares(3, seed)
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )

    for field, expected in settle_slowly(year, beta).items():
        np.testing.assert_allclose(getattr(settled, field), expected, atol=1e-9, err_msg=field)


@pytest.mark.parametrize("seed", range(5))
def test_coefficients_of_every_interval_settle_like_the_slow_way(seed: int) -> None:
    year = make_year(n_members=3, seed=seed)
    beta = np.random.default_rng(seed).dirichlet(np.ones(3), 72).T
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )

    for field, expected in settle_slowly(year, beta).items():
        np.testing.assert_allclose(getattr(settled, field), expected, atol=1e-9, err_msg=field)


def test_coefficients_that_stay_the_same_are_constant_ones() -> None:
    year = make_year(n_members=3)
    beta = random_shares(3, 7)
    data = year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    constant = simulate_year(beta, *data)
    by_step = simulate_year(np.repeat(beta[:, np.newaxis], 72, axis=1), *data)

    for field in FIELDS:
        np.testing.assert_allclose(getattr(by_step, field), getattr(constant, field), atol=1e-12)


def settle(year: SharingYear, energy: float, surplus: float) -> Settlement:
    n_steps = year.generation_kwh.size
    return simulate_year(
        np.array([1.0]),
        year.generation_kwh,
        year.consumption_kwh,
        year.month_starts,
        (np.full(n_steps, energy), np.full(n_steps, surplus)),
    )


def test_compensation_is_capped_by_the_month_not_by_the_hour_or_the_year() -> None:
    # Month one: 9 kWh of surplus at 0.10 meet a grid bill of 1 kWh at 0.20. Month two: no sun.
    year = SharingYear(
        generation_kwh=np.array([10.0, 0.0, 0.0, 0.0]),
        consumption_kwh=np.array([[1.0, 1.0, 2.0, 3.0]]),
        contracted_power_kw=np.ones(1),
        precedence=np.zeros(1, dtype=int),
        month_starts=np.array([0, 2]),
    )
    settled = settle(year, 0.2, 0.1)

    assert settled.surplus_compensation_eur is not None
    assert settled.savings_eur is not None
    np.testing.assert_allclose(settled.surplus_compensation_eur, [[0.2, 0.0]])
    np.testing.assert_allclose(settled.savings_eur, [[0.4, 0.0]])


def test_a_negative_surplus_price_costs() -> None:
    year = SharingYear(
        generation_kwh=np.array([10.0]),
        consumption_kwh=np.array([[4.0]]),
        contracted_power_kw=np.ones(1),
        precedence=np.zeros(1, dtype=int),
        month_starts=np.array([0]),
    )
    settled = settle(year, 0.2, -0.01)

    assert settled.savings_eur is not None
    assert settled.savings_eur[0, 0] == pytest.approx(4 * 0.2 - 6 * 0.01)


def test_without_prices_there_is_no_money() -> None:
    year = make_year(with_prices=False)
    settled = simulate_year(
        np.full(4, 0.25), year.generation_kwh, year.consumption_kwh, year.month_starts
    )

    assert settled.savings_eur is None
    assert settled.cost_with_eur is None
    assert settled.cost_without_eur is None


@given(years(), st.integers(0, 100))
def test_monthly_energy_is_conserved(year: SharingYear, seed: int) -> None:
    beta = random_shares(year.consumption_kwh.shape[0], seed)
    settled = simulate_year(beta, year.generation_kwh, year.consumption_kwh, year.month_starts)

    assert settled.self_consumed_kwh.shape == (beta.size, 2)
    np.testing.assert_allclose(
        settled.self_consumed_kwh + settled.surplus_kwh, settled.allocated_kwh, atol=1e-9
    )
    np.testing.assert_allclose(
        settled.self_consumed_kwh + settled.grid_import_kwh, settled.consumption_kwh, atol=1e-9
    )
    np.testing.assert_allclose(
        settled.allocated_kwh.sum(axis=0),
        np.add.reduceat(year.generation_kwh, year.month_starts),
        atol=1e-9,
    )
    assert min(settled.surplus_kwh.min(), settled.grid_import_kwh.min()) >= 0


def test_negative_net_generation_allocates_nothing() -> None:
    settled = simulate_year(
        np.array([1.0]), np.array([-0.5, 1.0]), np.array([[2.0, 2.0]]), np.array([0])
    )

    assert settled.allocated_kwh.tolist() == [[1.0]]
    assert settled.self_consumed_kwh.tolist() == [[1.0]]
    assert settled.grid_import_kwh.tolist() == [[3.0]]
