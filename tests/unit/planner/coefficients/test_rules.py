import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.rules import (
    round_by_largest_remainder,
    share_equally,
    share_in_proportion,
)


def test_shares_follow_their_quantity() -> None:
    assert share_equally(4).tolist() == [0.25] * 4
    assert share_in_proportion(np.array([2.3, 4.6, 2.3])).tolist() == [0.25, 0.5, 0.25]


def test_nothing_to_be_in_proportion_to_is_shared_equally() -> None:
    assert share_in_proportion(np.zeros(2)).tolist() == [0.5, 0.5]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_rounding_sums_to_one_and_moves_no_share_by_a_millionth(weights: list[float]) -> None:
    shares = share_in_proportion(np.array(weights))
    rounded = round_by_largest_remainder(shares, np.arange(shares.size))

    assert rounded.sum() == 1_000_000
    assert np.abs(rounded - shares * 1e6).max() < 1 + 1e-5


@pytest.mark.parametrize(
    ("shares", "precedence", "rounded"),
    [
        ([0.07, 0.93], [0, 1], [70_000, 930_000]),
        ([1 / 3] * 3, [0, 1, 2], [333_334, 333_333, 333_333]),
        ([1 / 3] * 3, [2, 1, 0], [333_333, 333_333, 333_334]),
        ([0.0000004, 0.0000004, 0.9999992], [0, 1, 2], [1, 0, 999_999]),
    ],
)
def test_the_largest_remainders_go_up(
    shares: list[float], precedence: list[int], rounded: list[int]
) -> None:
    assert round_by_largest_remainder(np.array(shares), np.array(precedence)).tolist() == rounded
