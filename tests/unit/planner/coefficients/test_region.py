"""What restrictions leave together, and how they are cut to blocks: never outwards."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from planner.coefficients.region import (
    GroupSum,
    Interval,
    Region,
    TotalChange,
    WholeBlocks,
    enclose_region,
)

SHARES = st.integers(0, MILLIONTHS)


def test_nothing_asked_leaves_everything() -> None:
    region = enclose_region(3, [])

    assert region.grid == MILLIONTHS
    assert region.lower.tolist() == [0, 0, 0]
    assert region.upper.tolist() == [MILLIONTHS] * 3
    assert (region.groups, region.change, region.blocks, region.intervals) == ((), None, None, ())
    assert not region.couples_members
    assert region.cut_to_blocks() is region


def test_intervals_leave_what_is_in_all_of_them() -> None:
    first = Interval("a", np.array([5, 0]), np.array([9, 7]))
    second = Interval("b", np.array([6, 1]), np.array([8, 9]))
    region = enclose_region(2, [first, second])

    assert region.lower.tolist() == [6, 1]
    assert region.upper.tolist() == [8, 7]
    assert region.intervals == (first, second)


def test_the_tightest_change_counts() -> None:
    around = np.zeros(2)
    tight = TotalChange("change_in_total", around, 5.0)
    region = enclose_region(2, [TotalChange("change_in_total", around, 9.0), tight])

    assert region.change is tight
    assert region.couples_members


def test_a_group_ties_members_together() -> None:
    group = GroupSum("group_least_a", np.array([True, False]), 5, MILLIONTHS)

    assert enclose_region(2, [group]).couples_members


@pytest.mark.parametrize(("counts", "left"), [((8,), 8), ((8, 12), 4), ((7, 8), 1), ((6, 6), 6)])
def test_blocks_of_several_kinds_are_whole_in_all_of_them(
    counts: tuple[int, ...], left: int
) -> None:
    region = enclose_region(1, [WholeBlocks("whole_blocks", count) for count in counts])
    whole = [
        share
        for share in range(169)  # 168 parts are whole in every count above
        if all(share * count % 168 == 0 for count in counts)
    ]

    assert region.blocks == left
    assert [share * 168 // left for share in range(left + 1)] == whole


@given(SHARES, SHARES, st.integers(1, 300))
def test_limits_are_cut_to_blocks_inwards_and_no_further(one: int, other: int, count: int) -> None:
    low, high = sorted((one, other))
    interval = Interval("a", np.array([low]), np.array([high]))
    least = GroupSum("group_least_b", np.array([True]), low, MILLIONTHS)
    greatest = GroupSum("group_greatest_c", np.array([True]), 0, high)
    region = enclose_region(1, [interval, least, greatest, WholeBlocks("whole_blocks", count)])
    cut = region.cut_to_blocks()
    inside = [k for k in range(count + 1) if low * count <= k * MILLIONTHS <= high * count]

    assert cut.grid == count
    assert cut.blocks is None
    for lower, upper in (
        (int(cut.lower[0]), int(cut.upper[0])),
        (int(cut.intervals[0].lower[0]), int(cut.intervals[0].upper[0])),
        (cut.groups[0].lower, cut.groups[1].upper),
    ):
        assert list(range(lower, upper + 1)) == inside
    assert (cut.groups[0].upper, cut.groups[1].lower) == (count, 0)


def test_a_change_is_counted_in_blocks() -> None:
    change = TotalChange("change_in_total", np.array([250_000.0, 750_000.0]), 500_000.0)
    cut = enclose_region(2, [change, WholeBlocks("whole_blocks", 10)]).cut_to_blocks()

    assert cut.change is not None
    assert cut.change.around.tolist() == [2.5, 7.5]
    assert cut.change.most == 5.0
    kept = [
        (first, 10 - first)
        for first in range(11)
        if abs(first - 2.5) + abs(10 - first - 7.5) <= cut.change.most
    ]
    assert kept == [(first, 10 - first) for first in range(6)]


@pytest.mark.parametrize(
    ("parts", "held"),
    [
        ([3, 4, 3], True),
        ([3, 4, 2], False),  # the sum
        ([2, 5, 3], False),  # a greatest coefficient
        ([1, 4, 5], False),  # a least coefficient
        ([6, 1, 3], False),  # the change
        ([2, 2, 6], False),  # a group
    ],
)
def test_coefficients_are_held_against_every_limit(parts: list[int], held: bool) -> None:
    region = Region(
        grid=10,
        lower=np.array([2, 0, 0]),
        upper=np.array([10, 4, 10]),
        groups=(
            GroupSum("group_least_a", np.array([True, True, False]), 5, 10),
            GroupSum("group_greatest_b", np.array([True, False, True]), 0, 9),
        ),
        change=TotalChange("change_in_total", np.array([2.5, 4.5, 3.0]), 6.0),
    )

    assert region.holds(np.array(parts)) is held


@pytest.mark.parametrize("count", [3, 7, 160])
def test_whole_blocks_within_the_cut_limits_keep_them_in_millionths_too(count: int) -> None:
    lower, upper = np.array([100_001, 0]), np.array([900_000, 555_555])
    region = Region(MILLIONTHS, lower, upper, blocks=count)
    cut = region.cut_to_blocks()
    for blocks in product(*(range(int(cut.lower[i]), int(cut.upper[i]) + 1) for i in range(2))):
        down = np.array(blocks) * MILLIONTHS // count
        up = -(-np.array(blocks) * MILLIONTHS // count)
        assert (down >= lower).all()
        assert (up <= upper).all()
