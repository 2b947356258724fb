"""The split in whole numbers: nothing appears, nothing is lost, nobody uses more than there is."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planner.exact_allocation import allocate_exactly, use_exactly

LARGEST_WH = 2**31 - 1
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 6))


def of_shape(shape: tuple[int, ...], largest: int):
    elements = st.one_of(st.just(0), st.integers(0, largest), st.integers(0, 5))
    return hnp.arrays(np.int64, shape, elements=elements)


@given(st.data())
def test_shares_of_one_sum_to_the_generation(data):
    cuts = sorted(data.draw(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=5)))
    parts = np.diff([0, *cuts, 1_000_000])
    generation = data.draw(of_shape((4,), LARGEST_WH)).astype(np.int32)
    allocated = allocate_exactly(parts[:, np.newaxis].repeat(4, axis=1), generation)
    assert allocated.sum(axis=0).tolist() == [1_000_000 * int(wh) for wh in generation]


@given(st.data())
def test_use_against_fractions(data):
    n_plants, *others = data.draw(SHAPES)
    shape = (n_plants, *others)
    allocated = data.draw(of_shape(shape, LARGEST_WH * 1_000_000 // n_plants))
    consumption = data.draw(of_shape(tuple(others), LARGEST_WH)).astype(np.int32)
    used = use_exactly(allocated, consumption)
    assert ((used >= 0) & (used <= allocated)).all()
    for place in np.ndindex(*others):
        shares = [int(allocated[(plant, *place)]) for plant in range(n_plants)]
        parts = [int(used[(plant, *place)]) for plant in range(n_plants)]
        whole = min(sum(shares), int(consumption[place]) * 1_000_000)
        assert sum(parts) == whole
        for share, part in zip(shares, parts, strict=True):
            fair = Fraction(whole * share, sum(shares)) if sum(shares) else Fraction(0)
            assert abs(part - fair) < 1


def test_the_later_plant_has_the_odd_millionth():
    allocated = np.array([[[3_000_000]], [[3_000_000]], [[3_000_000]]])
    used = use_exactly(allocated, np.array([[1]]))
    assert used[:, 0, 0].tolist() == [333_333, 333_333, 333_334]
