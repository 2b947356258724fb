"""Filling rules against what a person would do with a pencil."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values.calendar import Step, is_rest_day, local_times
from planner.metering.gap_filling import (
    fill_from_similar_days,
    fill_linearly,
    fill_nights,
)

MADRID = "Europe/Madrid"


def _line_slowly(values, known, longest):
    filled = {}
    for place in range(len(values)):
        before = next((i for i in range(place, -1, -1) if known[i]), None)
        after = next((i for i in range(place, len(values)) if known[i]), None)
        if known[place] or before is None or after is None or after - before - 1 > longest:
            continue
        share = (place - before) / (after - before)
        filled[place] = round(values[before] + share * (values[after] - values[before]))
    return filled


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 5),
)
def test_lines_against_a_slow_one(pairs, longest):
    values, known = map(list, zip(*pairs, strict=True))
    fill = fill_linearly(np.array(values, np.int32), np.array(known), longest)
    expected = _line_slowly(values, known, longest)
    assert np.flatnonzero(fill.is_filled).tolist() == list(expected)
    for place, value in expected.items():
        assert abs(int(fill.energy_wh[place]) - value) <= 1  # another order of the same floats


def test_a_line_is_whole_watt_hours():
    known = np.array([True, False, False, False, True, False])
    fill = fill_linearly(np.array([0, 9, 9, 9, 10, 9], np.int32), known, 3)
    assert fill.energy_wh.tolist() == [0, 2, 5, 8, 0, 0]
    assert fill.is_filled.tolist() == [False, True, True, True, False, False]


def test_nothing_known_is_no_line():
    assert not fill_linearly(np.zeros(5, np.int32), np.zeros(5, bool), 9).is_filled.any()


def test_nights_are_zero():
    fill = fill_nights(np.array([False, True, False]), np.array([True, True, False]))
    assert fill.is_filled.tolist() == [True, False, False]
    assert not fill.energy_wh.any()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(Step), st.booleans())
def test_similar_days_against_a_search_through_all_values(seed, step, tells_rest_days):
    random = np.random.default_rng(seed)
    local = local_times(2023, MADRID, step)
    energy_wh = random.integers(0, 500, local.size).astype(np.int32)
    is_known = random.random(local.size) < 0.3
    is_measured = is_known & (random.random(local.size) < 0.9)
    fill = fill_from_similar_days(
        energy_wh, is_known, is_measured, local, step, tells_rest_days=tells_rest_days
    )
    days = local.astype("datetime64[D]")
    clock = local - days
    is_rest = is_rest_day(days)
    # the change of the clock in March and October is near the first two
    for place in (2018 * step.per_hour, 7200 * step.per_hour, *random.integers(0, local.size, 40)):
        near = (np.abs(days - days[place]) <= np.timedelta64(28, "D")) & (clock == clock[place])
        if tells_rest_days:
            near &= is_rest == is_rest[place]
        alike = energy_wh[near & is_measured]
        expected = not is_known[place] and alike.size >= 3
        assert fill.is_filled[place] == expected
        assert fill.energy_wh[place] == (np.rint(alike.sum() / alike.size) if expected else 0)


def test_the_hour_that_comes_twice_counts_twice():
    local = local_times(2023, MADRID, Step.HOUR)
    is_known = np.zeros(local.size, bool)
    twice = np.flatnonzero(local == np.datetime64("2023-10-29T02:00:00"))
    earlier = np.flatnonzero(local == np.datetime64("2023-10-28T02:00:00"))
    is_known[[*twice, *earlier]] = True
    energy_wh = np.zeros(local.size, np.int32)
    energy_wh[twice], energy_wh[earlier] = [10, 20], [60]
    fill = fill_from_similar_days(
        energy_wh, is_known, is_known, local, Step.HOUR, tells_rest_days=True
    )
    (sunday,) = np.flatnonzero(local == np.datetime64("2023-11-05T02:00:00"))
    assert fill.energy_wh[sunday] == 30
