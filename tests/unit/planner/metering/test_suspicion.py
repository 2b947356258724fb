from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.metering.suspicion import (
    find_flat_lines,
    find_idle_days,
    find_night_generation,
    find_spikes,
)

VALUES = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=60)


def _arrays(values):
    energy_wh, is_known = zip(*values, strict=True)
    return np.array(energy_wh, np.int32), np.array(is_known)


@given(VALUES, st.integers(1, 5))
def test_flat_lines_against_runs_counted_one_by_one(values, shortest):
    expected = []
    for (value, known), run in groupby(values):
        length = len(list(run))
        expected += [known and value > 0 and length >= shortest] * length
    # a run of unknown values is one whatever they hold; it is never flat
    np.testing.assert_array_equal(find_flat_lines(*_arrays(values), shortest), expected)


@given(VALUES, st.lists(st.integers(0, 1), min_size=60, max_size=60))
def test_idle_days_against_days_looked_at_one_by_one(values, jumps):
    day_numbers = np.cumsum(jumps[: len(values)])
    expected = [
        all(
            known and value == 0
            for (value, known), other in zip(values, day_numbers, strict=True)
            if other == day
        )
        for day in day_numbers
    ]
    days = np.datetime64("2023-01-01") + day_numbers
    np.testing.assert_array_equal(find_idle_days(*_arrays(values), days), expected)


def test_no_days_are_no_idle_days():
    nothing = np.zeros(0, np.int32)
    assert find_idle_days(nothing, nothing > 0, np.zeros(0, "datetime64[D]")).size == 0


def test_what_is_not_known_is_no_spike_and_no_night_generation():
    energy_wh, is_known = np.array([11, 11, 10], np.int32), np.array([True, False, True])
    assert find_spikes(energy_wh, is_known, 10.0).tolist() == [True, False, False]
    night = np.array([True, True, True])
    assert find_night_generation(energy_wh, is_known, night, 1000.0).tolist() == [
        True,
        False,
        False,
    ]
    assert not find_night_generation(energy_wh, is_known, ~night, 1000.0).any()
