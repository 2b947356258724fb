"""Energy: whole watt-hours in storage, kilowatt-hours in calculation."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.energy import round_to_wh, to_kwh
from models.values.errors import InvalidDataError

LARGEST_KWH = 2_147_483.647


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [(0.0, 0), (0.4594, 459), (0.4595, 460), (0.0005, 0), (0.0015, 2), (LARGEST_KWH, 2**31 - 1)],
)
def test_energy_is_rounded_to_the_nearest_wh(kwh: float, wh: int) -> None:
    rounded = round_to_wh(np.array([kwh]))
    assert rounded.dtype == np.int32
    assert rounded.tolist() == [wh]


@given(energy_kwh=st.floats(0, 10_000))
def test_rounding_agrees_with_decimals(energy_kwh: float) -> None:
    exact = Decimal(energy_kwh * 1000).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert round_to_wh(np.array([energy_kwh])).tolist() == [int(exact)]


@pytest.mark.parametrize("kwh", [-0.001, -1.0, LARGEST_KWH + 0.001, np.nan, np.inf, -np.inf])
def test_energy_that_no_meter_counts_is_refused(kwh: float) -> None:
    message = "^energy must lie between 0 and 2147483647 Wh an interval$"
    with pytest.raises(InvalidDataError, match=message):
        round_to_wh(np.array([0.5, kwh]))


@given(energy_wh=st.lists(st.integers(0, 2**31 - 1)))
def test_stored_energy_survives_calculation(energy_wh: list[int]) -> None:
    stored = np.array(energy_wh, dtype=np.int32)
    np.testing.assert_array_equal(round_to_wh(to_kwh(stored)), stored)


def test_the_shape_is_kept() -> None:
    energy_kwh = to_kwh(np.array([[1, 2, 3], [4, 5, 6]]))
    assert energy_kwh.dtype == np.float64
    np.testing.assert_array_equal(energy_kwh, [[0.001, 0.002, 0.003], [0.004, 0.005, 0.006]])
    assert round_to_wh(energy_kwh).shape == (2, 3)
