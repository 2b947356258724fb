"""The retailer's published example: 100 kWh, five members at 20 %."""

import numpy as np
import pytest

from planner.allocation import split_energy
from planner.coefficients.choose import choose_coefficients
from planner.sharing_year import SharingYear

CONSUMPTION_WH = [20_000, 40_000, 25_000, 15_000, 10_000]


@pytest.fixture
def example() -> SharingYear:
    return SharingYear(
        generation_kwh=np.array([100.0]),
        consumption_kwh=np.array(CONSUMPTION_WH)[:, np.newaxis] / 1000,
        contracted_power_kw=np.ones(5),
        precedence=np.arange(5),
        month_starts=np.array([0]),
    )


def in_wh(energy_kwh: np.ndarray) -> list[int]:
    return np.rint(energy_kwh[:, 0] * 1000).astype(int).tolist()


def test_equal_shares_split_as_published(example: SharingYear) -> None:
    split = split_energy(np.full(5, 0.2), example.generation_kwh, example.consumption_kwh)

    assert in_wh(split.allocated_kwh) == [20_000] * 5
    assert in_wh(split.self_consumed_kwh) == [20_000, 20_000, 20_000, 15_000, 10_000]
    assert in_wh(split.grid_import_kwh) == [0, 20_000, 5_000, 0, 0]
    assert in_wh(split.surplus_kwh) == [0, 0, 0, 5_000, 10_000]


def test_the_optimum_leaves_no_surplus(example: SharingYear) -> None:
    choice = choose_coefficients(example)

    assert choice.value == pytest.approx(100.0, abs=1e-9)
    assert choice.gap == 0.0


def test_of_several_optima_the_nearest_to_consumption_is_chosen(example: SharingYear) -> None:
    # 110 kWh are wanted and 100 come: sharing by consumption saturates nobody.
    choice = choose_coefficients(example)

    assert choice.millionths.tolist() == [181_818, 363_636, 227_273, 136_364, 90_909]
