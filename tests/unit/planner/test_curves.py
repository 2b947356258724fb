import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.billing.simulator import simulate_year
from planner.curves import (
    ValueCurve,
    build_energy_curves,
    cover_concavely,
    is_concave,
)
from planner.saving_curves import build_saving_curves
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, years

BETAS = [0.0, 1e-6, 0.1, 0.25, 1 / 3, 0.7, 1.0]


@given(years(), st.floats(0, 1))
def test_an_energy_curve_is_the_sum_over_the_intervals(year: SharingYear, beta: float) -> None:
    curves = build_energy_curves(year.consumption_kwh, year.generation_kwh)

    for curve, consumption in zip(curves, year.consumption_kwh, strict=True):
        direct = np.minimum(beta * year.generation_kwh, consumption).sum()
        assert curve.value_at(beta) == pytest.approx(direct, abs=1e-9)


@given(years())
def test_an_energy_curve_is_concave_and_ends_flat_where_all_is_saturated(
    year: SharingYear,
) -> None:
    for curve, consumption in zip(
        build_energy_curves(year.consumption_kwh, year.generation_kwh),
        year.consumption_kwh,
        strict=True,
    ):
        assert (np.diff(curve.slopes) <= 0).all()
        assert curve.knots[0] == 0
        assert curve.knots[-1] == 1
        if (consumption < year.generation_kwh).sum() == (year.generation_kwh > 0).sum():
            assert curve.slopes[-1] == 0


def test_reach_is_where_the_slope_falls_to_the_price() -> None:
    (curve,) = build_energy_curves(np.array([[1.0, 3.0]]), np.array([4.0, 4.0]))

    assert [curve.reach(price) for price in (9.0, 8.0, 7.9, 4.0, 3.9, 0.0)] == [
        0.0,
        0.0,
        0.25,
        0.25,
        0.75,
        0.75,
    ]
    assert [curve.reach_of_ties(price) for price in (9.0, 8.0, 4.0, 0.0)] == [0.0, 0.25, 0.75, 1.0]


def test_the_slope_is_that_of_the_piece_to_the_right() -> None:
    (curve,) = build_energy_curves(np.array([[1.0, 3.0]]), np.array([4.0, 4.0]))

    betas = (0.0, 0.2, 0.25, 0.5, 0.75, 1.0)
    assert [curve.slope_at(beta) for beta in betas] == [8.0, 8.0, 4.0, 4.0, 0.0, 0.0]


def test_pieces_between_two_prices_are_those_that_reach_tells_apart() -> None:
    (curve,) = build_energy_curves(np.array([[1.0, 3.0]]), np.array([4.0, 4.0]))

    assert curve.slopes.tolist() == [8.0, 4.0, 0.0]
    assert curve.slopes[curve.pieces_between(8.0, 4.0)].tolist() == [8.0, 4.0]
    assert curve.slopes[curve.pieces_between(7.9, 4.1)].tolist() == []
    assert curve.slopes[curve.pieces_between(4.0, -1.0)].tolist() == [4.0, 0.0]


def test_saturation_points_that_differ_in_their_last_bit_are_in_order() -> None:
    # The later, smaller point shares all bits with the first but those that hold the position.
    consumption = np.array([[np.nextafter(2.0, 3.0), 2.0, 1.0]])
    (curve,) = build_energy_curves(consumption, np.full(3, 4.0))

    assert curve.knots.tolist() == [0.0, 0.25, 0.5, np.nextafter(0.5, 1.0), 1.0]
    assert curve.slopes.tolist() == [12.0, 8.0, 4.0, 0.0]
    assert curve.value_at(1.0) == pytest.approx(5.0, abs=1e-15)


def test_bends_of_two_months_that_fall_together_are_one() -> None:
    # 1 / 10 and 0.3 / 3 are one coefficient, in floats two. In the second month surplus earns
    # more than energy costs: alone its curve bends up there, both together bend down.
    assert 0.3 / 3 < 1 / 10
    (curve,) = build_saving_curves(
        np.array([[1.0, 9.0, 0.3, 9.0]]),
        np.array([10.0, 0.0, 3.0, 0.0]),
        np.array([0.3, 0.3, 0.1, 0.1]),
        np.array([0.1, 0.1, 0.2, 0.2]),
        np.array([0, 2]),
    )

    assert is_concave(curve)
    assert curve.knots.tolist() == pytest.approx([0.0, 0.1, 1.0])
    assert curve.slopes.tolist() == pytest.approx([3.3, 1.6])


@pytest.mark.parametrize("seed", range(6))
def test_a_saving_curve_is_what_the_simulator_settles(seed: int) -> None:
    year = make_year(seed=seed)
    assert year.prices is not None
    curves = build_saving_curves(
        year.consumption_kwh, year.generation_kwh, *year.prices, year.month_starts
    )

    for beta in BETAS:
        settled = simulate_year(
            np.full(4, beta),
            year.generation_kwh,
            year.consumption_kwh,
            year.month_starts,
            year.prices,
        )
        assert settled.savings_eur is not None
        for curve, saved in zip(curves, settled.savings_eur.sum(axis=1), strict=True):
            assert curve.value_at(beta) == pytest.approx(saved, abs=1e-9)


def test_the_cap_flattens_a_month_and_negative_surplus_prices_bend_it_down() -> None:
    # 2 kWh at 0.20 are worth 0.40; 10 kWh of sun of which surplus costs 0.05 a kWh.
    (curve,) = build_saving_curves(
        np.array([[2.0]]), np.array([10.0]), np.array([0.2]), np.array([-0.05]), np.array([0])
    )

    assert curve.value_at(0.2) == pytest.approx(0.4)
    assert curve.value_at(1.0) == pytest.approx(0.4 - 0.05 * 8)
    assert curve.slopes.tolist() == pytest.approx([2.0, -0.5])


def test_a_month_that_reaches_its_cap_and_falls_below_it_again() -> None:
    # Two intervals: surplus of the first fills the cap, surplus of the second costs money.
    consumption, generation = np.array([[1.0, 6.0]]), np.array([10.0, 10.0])
    prices = np.array([0.2, 0.02]), np.array([0.19, -0.8])
    (curve,) = build_saving_curves(consumption, generation, *prices, np.array([0]))

    for beta in np.linspace(0, 1, 41).tolist():
        allocated = beta * generation
        used = np.minimum(allocated, consumption[0])
        uncapped = (used * prices[0] + (allocated - used) * prices[1]).sum()
        cap = (consumption[0] * prices[0]).sum()
        assert curve.value_at(beta) == pytest.approx(min(uncapped, cap), abs=1e-12)


def test_savings_that_are_not_concave_are_covered_by_their_least_majorant() -> None:
    # Surplus earns more than energy costs: from beta 0.1 on the saving rises faster.
    consumption = np.array([[1.0, 50.0]])
    generation = np.array([10.0, 0.0])
    (true,) = build_saving_curves(
        consumption, generation, np.array([0.1, 0.1]), np.array([0.3, 0.3]), np.array([0])
    )
    cover = cover_concavely(true)

    assert not is_concave(true)
    assert is_concave(cover)
    assert [true.value_at(beta) for beta in (0.0, 0.1, 1.0)] == pytest.approx([0, 0.1, 2.8])
    assert [cover.value_at(beta) for beta in (0.0, 0.1, 1.0)] == pytest.approx([0, 0.28, 2.8])


@pytest.mark.parametrize("seed", range(4))
def test_a_concave_curve_is_its_own_majorant(seed: int) -> None:
    year = make_year(seed=seed)
    assert year.prices is not None

    for curve in build_saving_curves(
        year.consumption_kwh, year.generation_kwh, *year.prices, year.month_starts
    ):
        assert is_concave(curve)
        np.testing.assert_allclose(cover_concavely(curve).values, curve.values, atol=1e-12)


def test_slopes_that_rise_by_rounding_noise_are_levelled() -> None:
    noisy = ValueCurve(
        knots=np.array([0.0, 0.5, 1.0]),
        slopes=np.array([1.0, 1.0 + 1e-13]),
        values=np.array([0.0, 0.5, 1.0 + 5e-14]),
    )
    cover = cover_concavely(noisy)

    assert is_concave(noisy)
    assert (np.diff(cover.slopes) <= 0).all()
    assert cover.value_at(1.0) >= noisy.value_at(1.0)


def test_a_dark_month_is_worth_nothing() -> None:
    (curve,) = build_saving_curves(
        np.array([[1.0]]), np.array([0.0]), np.array([0.1]), np.array([0.1]), np.array([0])
    )

    assert curve.values.tolist() == [0.0, 0.0]


def test_next_to_no_generation_bends_no_curve() -> None:
    consumption, generation = np.array([[1.0, 2.0]]), np.array([5e-324, 2.0])
    prices = np.array([0.2, 0.2]), np.array([0.1, 0.1])
    (energy,) = build_energy_curves(consumption, generation)
    (saving,) = build_saving_curves(consumption, generation, *prices, np.array([0]))

    assert energy.value_at(0.5) == 1.0
    assert saving.value_at(0.5) == pytest.approx(0.2)
