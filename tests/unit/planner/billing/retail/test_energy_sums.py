from datetime import date

import numpy as np
import pytest

from planner.billing.retail.energy_sums import (
    ImpossibleReadingsError,
    stack_rows,
    sum_metered_energy,
    sum_shared_energy,
)
from tests.support.retail_bills import THREE, make_grid

BILLS = [date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 4)]
GRID = make_grid(BILLS, [date(2026, 1, 2)], tariff=THREE)
N_STEPS = 72


def make_readings(n_members: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    beta = rng.dirichlet(np.ones(n_members))
    return beta, rng.uniform(-1, 20, N_STEPS), rng.gamma(1.0, 1.0, (n_members, N_STEPS))


def test_sums_are_those_of_the_definition_also_past_one_block_of_members() -> None:
    beta, sun, consumption = make_readings()
    price = np.linspace(-0.1, 0.3, N_STEPS)
    sums = sum_shared_energy(GRID, beta, sun, consumption, {"market": price})
    allocated = beta[:, np.newaxis] * np.maximum(sun, 0)
    used = np.minimum(allocated, consumption)
    for segment in range(3):
        in_segment = GRID.segment_of_step == segment
        for period in range(6):
            chosen = in_segment & (GRID.tariff_periods == period + 1)
            expected = consumption[:, chosen].sum(axis=1)
            np.testing.assert_allclose(sums.consumption_kwh[:, segment, period], expected)
            expected = (consumption - used)[:, chosen].sum(axis=1)
            drawn = sums.with_sharing().grid_kwh[:, segment, period]
            np.testing.assert_allclose(drawn, expected, atol=1e-12)
        left_over = (allocated - used)[:, in_segment]
        sharing = sums.with_sharing()
        np.testing.assert_allclose(
            sharing.surplus_kwh[:, segment], left_over.sum(axis=1), atol=1e-12
        )
        np.testing.assert_allclose(
            sharing.surplus_eur[:, segment, 0], left_over @ price[in_segment], atol=1e-12
        )


def test_coefficients_of_every_interval_and_energy_that_is_split_give_the_same() -> None:
    beta, sun, consumption = make_readings(3)
    by_step = np.repeat(beta[:, np.newaxis], N_STEPS, axis=1)
    allocated = beta[:, np.newaxis] * np.maximum(sun, 0)
    used = np.minimum(allocated, consumption)
    constant = sum_shared_energy(GRID, beta, sun, consumption, {})
    hourly = sum_shared_energy(GRID, by_step, sun, consumption, {})
    metered = sum_metered_energy(GRID, consumption, used, allocated, {})
    for name in ("consumption_kwh", "self_consumed_kwh", "allocated_kwh"):
        np.testing.assert_array_equal(getattr(hourly, name), getattr(constant, name))
        np.testing.assert_array_equal(getattr(metered, name), getattr(constant, name))


def test_rows_of_scenarios_are_stacked_in_order() -> None:
    beta, sun, consumption = make_readings(2)
    sums = sum_shared_energy(GRID, beta, sun, consumption, {"market": sun})
    stacked = stack_rows([sums.with_sharing(), sums.without_sharing()])

    assert stacked.curves == ("market",)
    np.testing.assert_array_equal(stacked.grid_kwh[2:], sums.consumption_kwh)
    np.testing.assert_array_equal(stacked.grid_eur[2:], sums.consumption_eur)
    assert not stacked.surplus_kwh[2:].any()
    assert not stacked.surplus_eur[2:].any()


ONES = np.ones((2, N_STEPS))


@pytest.mark.parametrize(
    ("beta", "sun", "consumption", "curves", "reason"),
    [
        (np.ones(3), ONES[0], ONES, {}, "do not fit 72"),
        (np.ones(2), ONES[0][:-1], ONES, {}, "do not fit 72"),
        (np.ones(2), ONES[0], ONES[:, :-1], {}, "do not fit 72"),
        (np.ones(0), ONES[0], ONES[:0], {}, "do not fit 72"),
        (np.ones(2), ONES[0], -ONES, {}, "at least zero"),
        (-np.ones(2), ONES[0], ONES, {}, "at least zero"),
        (np.ones(2), ONES[0], ONES * np.nan, {}, "at least zero"),
        (np.ones(2), ONES[0] * np.inf, ONES, {}, "at least zero"),
        (np.ones(2), ONES[0], ONES, {"market": ONES[0][1:]}, "market needs 72"),
        (np.ones(2), ONES[0], ONES, {"market": ONES[0] * np.nan}, "market needs 72"),
    ],
)
def test_readings_that_no_meter_gives_are_refused(
    beta: np.ndarray, sun: np.ndarray, consumption: np.ndarray, curves: dict, reason: str
) -> None:
    with pytest.raises(ImpossibleReadingsError, match=reason):
        sum_shared_energy(GRID, beta, sun, consumption, curves)


def test_nobody_uses_more_than_was_allocated() -> None:
    with pytest.raises(ImpossibleReadingsError, match="more is self-consumed"):
        sum_metered_energy(GRID, ONES, ONES, ONES / 2, {})
    with pytest.raises(ImpossibleReadingsError, match="do not fit"):
        sum_metered_energy(GRID, ONES, ONES[:1], ONES, {})
