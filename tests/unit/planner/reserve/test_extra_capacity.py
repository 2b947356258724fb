"""A grown plant: nobody has less power than before, and the rest goes where it brings most."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.goal import Goal, Objective
from planner.reserve.extra_capacity import (
    CurrentSumError,
    ShrinkingPlantError,
    share_extra_capacity,
)
from tests.support.sharing_years import make_year, self_consumed

CURRENT = np.array([500_000, 300_000, 200_000, 0])


def test_the_best_of_a_grid_of_shares_is_no_better() -> None:
    year = make_year(4)
    grown = share_extra_capacity(year, Goal(), CURRENT, 4.0, 5.0)
    bigger = replace(year, generation_kwh=year.generation_kwh * 1.25)
    extra = [np.array(parts) / 100 for parts in product(range(21), repeat=4) if sum(parts) == 20]
    best = max(self_consumed(bigger, np.array([0.4, 0.24, 0.16, 0.0]) + part) for part in extra)

    assert grown.kept.tolist() == [400_000, 240_000, 160_000, 0]
    assert (grown.choice.millionths >= grown.kept).all()
    assert grown.choice.millionths.sum() == 1_000_000
    assert best <= grown.choice.upper_bound
    assert best - 1e-3 <= grown.choice.value <= grown.choice.upper_bound
    assert grown.added_kw.sum() == pytest.approx(1.0)
    assert grown.choice.gap < 1e-6


@given(
    st.floats(0.01, 1e6),
    st.floats(1.0000001, 50.0),
    st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any),
)
def test_keeping_everybody_s_power_is_always_possible(
    old_kw: float, growth: float, weights: list[int]
) -> None:
    current = np.array(weights) * 1_000_000 // sum(weights)
    current[0] += 1_000_000 - current.sum()
    grown = share_extra_capacity(
        make_year(4, 12), Goal(), current, old_kw, max(old_kw * growth, np.nextafter(old_kw, 1e9))
    )

    assert (grown.kept <= current).all()
    assert (grown.added_kw >= -1e-9 * old_kw).all()


def test_savings_are_counted_too() -> None:
    by_savings = share_extra_capacity(make_year(4), Goal(Objective.SAVINGS), CURRENT, 4.0, 5.0)
    assert by_savings.choice.value <= by_savings.choice.upper_bound
    assert (by_savings.choice.millionths >= by_savings.kept).all()


@pytest.mark.parametrize(
    ("old_kw", "new_kw"), [(5.0, 5.0), (5.0, 4.0), (0.0, 4.0), (5.0, float("inf"))]
)
def test_a_plant_that_does_not_grow_is_refused(old_kw: float, new_kw: float) -> None:
    with pytest.raises(ShrinkingPlantError, match="the second the greater"):
        share_extra_capacity(make_year(4), Goal(), CURRENT, old_kw, new_kw)


def test_coefficients_in_force_must_sum_to_one() -> None:
    with pytest.raises(CurrentSumError, match=r"sum to 0\.900000"):
        share_extra_capacity(make_year(1), Goal(), np.array([900_000]), 1.0, 2.0)
