"""Savings in whole billionths of a euro, against Python's own unbounded integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.exact_savings import settle_exactly, value_exactly

LARGEST_WH = 2**31 - 1
PRICES = st.integers(-(10**15), 10**15) | st.integers(-(10**9), 10**9)
MICRO_WH = st.integers(0, LARGEST_WH * 10**6)


def value_slowly(micro_wh, nano_eur_per_kwh):
    """Multiply without a bound on digits, and round once, halves up."""
    return (micro_wh * nano_eur_per_kwh + 5 * 10**8) // 10**9


@given(st.lists(st.tuples(MICRO_WH, PRICES), min_size=1, max_size=5))
def test_every_product_is_exact_to_the_billionth(pairs):
    energy, prices = np.array(pairs, np.int64).T
    assert value_exactly(energy, prices).tolist() == [value_slowly(*pair) for pair in pairs]


HOURS = st.lists(
    st.tuples(*[st.integers(0, 9 * 10**9)] * 2, *[st.integers(-(10**9), 10**9)] * 2),
    min_size=1,
    max_size=6,
)


@given(HOURS)
def test_a_month_saves_the_lesser_of_what_it_earns_and_what_it_would_cost(hours):
    consumed, allocated, energy, surplus = np.array(hours, np.int64).T
    used = np.minimum(consumed, allocated)
    month = settle_exactly(
        consumption_micro_wh=consumed[np.newaxis],
        self_consumed_micro_wh=used[np.newaxis],
        surplus_micro_wh=(allocated - used)[np.newaxis],
        energy_nano_eur=energy,
        surplus_nano_eur=surplus,
    )
    without = grid = earned = 0
    for taken, given_, dear, cheap in hours:
        own = min(taken, given_)
        without += value_slowly(taken, dear)
        grid += value_slowly(taken - own, dear)
        earned += value_slowly(given_ - own, cheap)
    assert month.without_nano_eur.tolist() == [without]
    assert month.grid_nano_eur.tolist() == [grid]
    assert month.compensation_nano_eur.tolist() == [min(earned, grid)]
    assert month.saved_nano_eur.sum() == without - grid + min(earned, grid)


@pytest.mark.parametrize(("surplus_price", "saved"), [(100, [200, 300]), (300, [400, 400])])
def test_where_the_cap_binds_every_hour_saves_what_it_would_have_cost(surplus_price, saved):
    kwh = 10**9 * np.array([[2, 2]])
    used = 10**9 * np.array([[0, 1]])
    month = settle_exactly(
        consumption_micro_wh=kwh,
        self_consumed_micro_wh=used,
        surplus_micro_wh=10**9 * np.array([[2, 1]]),
        energy_nano_eur=np.array([200, 200]),
        surplus_nano_eur=np.array([surplus_price, surplus_price]),
    )
    assert month.saved_nano_eur.tolist() == [saved]
