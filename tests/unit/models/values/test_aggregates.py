"""What may be told of many, against every group of few that sums could tell of."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.values.aggregates import are_parts_enough, count_fewest


def reveals(sums, owners, fewest):
    """Tell whether some combination of sums is of one member or more, but of fewer than so many.

    Combinations that are of nobody but a group are a space of their own: as large as that of all
    combinations is larger than what is left of it where the group counts no more.
    """
    rank = np.linalg.matrix_rank(sums)
    members = sorted(set(owners))
    return any(
        np.linalg.matrix_rank(sums[:, [owner not in group for owner in owners]]) < rank
        for size in range(1, fewest)
        for group in combinations(members, size)
    )


def spread(counted):
    """Lay every sum of every interval out over supply points and intervals, with all together."""
    everybody = counted.any(axis=0, keepdims=True)
    sums = np.concatenate([counted, everybody])
    n_sums, n_points, n_steps = sums.shape
    rows = np.zeros((n_sums, n_steps, n_points, n_steps))
    for step in range(n_steps):
        rows[:, step, :, step] = sums[:, :, step]
    return rows.reshape(n_sums * n_steps, n_points * n_steps)


COUNTED = st.tuples(st.integers(1, 3), st.integers(1, 8), st.integers(1, 2)).flatmap(
    lambda shape: arrays.arrays(np.bool_, shape)
)


@given(counted=COUNTED, data=st.data(), fewest=st.integers(2, 4))
def test_nothing_of_few_can_be_reckoned_from_what_is_told(counted, data, fewest):
    n_points, n_steps = counted.shape[1:]
    owners = data.draw(st.lists(st.integers(0, 7), min_size=n_points, max_size=n_points))
    if are_parts_enough(counted, owners, fewest):
        assert not reveals(
            spread(counted), [owner for owner in owners for _ in range(n_steps)], fewest
        )


MONTH = st.tuples(st.integers(1, 3), st.integers(1, 7), st.just(4)).flatmap(
    lambda shape: arrays.arrays(np.bool_, shape)
)
RESOLUTIONS = ([0], [0, 2], [0, 1, 2, 3])
"""A month of two days of two hours."""


@given(counted=MONTH, fewest=st.integers(2, 3))
def test_nor_from_what_is_told_of_months_days_and_hours_of_plants_and_of_all(counted, fewest):
    everybody = counted.any(axis=0)
    _, n_points, n_steps = counted.shape
    owners = [*range(n_points)]
    told = [np.zeros(n_points * n_steps)]
    for places in RESOLUTIONS:
        groups = [everybody] if count_fewest(everybody, owners, places) >= fewest else []
        if are_parts_enough(counted, owners, fewest):
            groups += [*counted]
        for first, last in zip(places, [*places[1:], n_steps], strict=True):
            for group in groups:
                cells = np.zeros((n_points, n_steps))
                cells[:, first:last] = group[:, first:last]
                told.append(cells.ravel())
    assert not reveals(np.array(told), [owner for owner in owners for _ in range(n_steps)], fewest)


@given(counted=COUNTED, fewest=st.integers(2, 4))
def test_of_one_sum_beside_all_others_no_more_is_withheld_than_must_be(counted, fewest):
    owners = [*range(counted.shape[1])]
    one = counted[:1, :, :1]
    assert are_parts_enough(one, owners, fewest) is not reveals(spread(one), owners, fewest)
    parts = np.concatenate([one, ~one])
    assert are_parts_enough(parts, owners, fewest) is not reveals(spread(parts), owners, fewest)


def test_two_plants_of_five_of_whom_one_is_in_both_are_not_told():
    counted = np.zeros((2, 9, 1), np.bool_)
    counted[0, :5] = counted[1, 4:] = True
    assert reveals(spread(counted), range(9), 5)
    assert not are_parts_enough(counted, range(9), 5)
    apart = np.zeros((2, 10, 1), np.bool_)
    apart[0, :5] = apart[1, 5:] = True
    assert are_parts_enough(apart, range(10), 5)
    # However many meters: the tenth member is the ninth.
    assert not are_parts_enough(apart, [*range(9), 8], 5)


@given(counted=COUNTED, data=st.data())
def test_members_are_counted_interval_by_interval(counted, data):
    (of_all,) = counted[:1]
    n_points, n_steps = of_all.shape
    owners = data.draw(st.lists(st.integers(0, 3), min_size=n_points, max_size=n_points))
    places = [0, n_steps - 1] if n_steps > 1 and data.draw(st.booleans()) else [0]
    counts = []
    for first, last in zip(places, [*places[1:], n_steps], strict=True):
        inside = of_all[:, first:last].any(axis=1)
        counts.append(len({owner for owner, is_in in zip(owners, inside, strict=True) if is_in}))
    told = [count for count in counts if count]
    assert count_fewest(of_all, owners, places) == min(told, default=len(set(owners)))


def test_nobody_is_told_of_nobody():
    assert are_parts_enough(np.zeros((2, 0, 3), np.bool_), [], 5)
    assert count_fewest(np.zeros((0, 3), np.bool_), [], [0]) == 0
