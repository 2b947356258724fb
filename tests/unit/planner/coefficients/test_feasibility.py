"""Whether limits can hold together; the smallest conflict by brute force, the floor by a scan."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from models.values.errors import ErrorCode
from planner.coefficients import feasibility
from planner.coefficients.feasibility import (
    InfeasibleLimitsError,
    enclose_limits,
    find_largest_floor,
    find_smallest_conflict,
    has_coefficients,
)
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    PaybackLimit,
    list_restrictions,
)
from planner.coefficients.region import Interval, Restriction, enclose_region
from planner.coefficients.rules import Rule
from planner.goal import MissingPricesError, YearCurves
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year


def a_year() -> SharingYear:
    """Five members with an agreement and investments."""
    return replace(
        make_year(n_members=5),
        current_beta=np.array([0.5, 0.2, 0.1, 0.1, 0.1]),
        investment_eur=np.array([120.0, 60.0, 90.0, 20.0, 110.0]),
    )


def refuse(limits: Sequence[Limit], year: SharingYear | None = None) -> InfeasibleLimitsError:
    """Ask for limits that cannot hold."""
    with pytest.raises(InfeasibleLimitsError) as caught:
        enclose_limits(YearCurves(year or a_year()), limits)
    return caught.value


def test_limits_that_hold_give_their_region() -> None:
    limits = [CoefficientRange(100_000), Group("a", (0, 1), least=300_000), Blocks(10)]
    region = enclose_limits(YearCurves(a_year()), iter(limits))

    assert region.lower.tolist() == [100_000] * 5
    assert [group.label for group in region.groups] == ["group_least_a"]
    assert region.blocks == 10


def test_least_coefficients_above_one_are_told_with_their_sum() -> None:
    error = refuse([CoefficientRange(least=200_001), Group("a", (0,), greatest=999_999)])

    assert error.code is ErrorCode.INFEASIBLE
    assert error.conflict == ("least_coefficient",)
    assert (error.lower_sum, error.upper_sum) == (1_000_005, 5_000_000)
    assert str(error) == (
        "least_coefficient cannot hold: the least coefficients sum to 1.000005, more than 1; "
        "relax one of them"
    )


def test_greatest_coefficients_below_one_are_told_with_their_sum() -> None:
    error = refuse([CoefficientRange(greatest=199_999)])

    assert error.conflict == ("greatest_coefficient",)
    assert error.upper_sum == 999_995
    assert "the greatest coefficients sum to 0.999995, less than 1" in str(error)


def test_members_that_need_more_than_they_may_have_are_named() -> None:
    limits = [FixedCoefficient(5, (1, 3)), CoefficientRange(7, members=(1, 2, 3)), Floor(0.5)]
    error = refuse([*limits, CoefficientRange(greatest=900_000)])

    assert error.conflict == ("fixed_coefficient", "least_coefficient")
    assert error.needs == {1: (7, 5), 3: (7, 5)}
    assert error.explain("ABCDE".__getitem__).startswith(
        "fixed_coefficient and least_coefficient cannot hold together: 2 of the members need more "
        "than they may have: B needs 0.000007 and may have 0.000005, D needs"
    )


def test_of_many_members_only_the_first_are_named() -> None:
    year = make_year(n_members=7)
    some = (0, 1, 2, 3, 4, 5)
    error = refuse([CoefficientRange(2, members=some), CoefficientRange(0, 1, some)], year)

    assert len(error.needs) == 6
    assert "6 of the members need more" in str(error)
    assert "number 5 needs 0.000002 and may have 0.000001, ...; relax" in str(error)
    assert "number 6" not in str(error)


def test_limits_that_only_conflict_together_are_told_together() -> None:
    limits = [
        Group("a", (0, 1), greatest=300_000),
        Group("b", (2, 3), greatest=300_000),
        CoefficientRange(greatest=390_000),
        Group("c", (4,), least=1),
        ChangeLimit(total=2_000_000),
    ]
    error = refuse(limits)

    assert error.conflict == ("group_greatest_a", "group_greatest_b", "greatest_coefficient")
    assert "no coefficients that sum to 1 keep them; relax one of them" in str(error)
    assert error.largest_floor is None


@pytest.mark.parametrize(
    ("limits", "conflict"),
    [
        ([Group("all", (0, 1, 2, 3, 4), greatest=999_999)], ("group_greatest_all",)),
        ([CoefficientRange(1), Blocks(4)], ("least_coefficient", "whole_blocks")),
        ([FixedCoefficient(123, (0,)), Blocks(1000)], ("fixed_coefficient", "whole_blocks")),
        ([FixedCoefficient(0, None)], ("fixed_coefficient",)),
        ([ChangeLimit(each=1000), FixedCoefficient(0, (0,))], ("change_of_member", "fixed_coe")),
        ([ChangeLimit(total=1000), FixedCoefficient(0, (4,))], ("change_in_total", "fixed_coe")),
        ([ContributionLimit(1e6)], ("contribution",)),
        ([PaybackLimit(0.1)], ("payback",)),
        ([Floor(1.0, Rule.CURRENT), FixedCoefficient(0, (0,))], ("floor", "fixed_coefficient")),
        (
            [Floor(1.0, Rule.CURRENT, in_euros=True), FixedCoefficient(0, (0,))],
            ("floor_in_euros", "fixed_coefficient"),
        ),
    ],
)
def test_each_limit_is_told_by_its_label(limits: list[Limit], conflict: tuple[str, ...]) -> None:
    error = refuse(limits)

    assert len(error.conflict) == len(conflict)
    assert all(each.startswith(told) for told, each in zip(conflict, error.conflict, strict=True))


def test_one_limit_given_twice_is_named_once() -> None:
    limits = [CoefficientRange(600_000, members=(0,)), CoefficientRange(600_000, members=(1,))]

    assert refuse(limits).conflict == ("least_coefficient",)


def test_the_only_member_holds_everything_or_nothing_fits() -> None:
    year = make_year(n_members=1)

    assert enclose_limits(YearCurves(year), [Blocks(3), Floor(1.0)]).lower[0] > 0
    assert refuse([CoefficientRange(greatest=999_999)], year).upper_sum == 999_999


def test_a_floor_in_euros_without_prices_is_refused_before_anything_else() -> None:
    curves = YearCurves(make_year(with_prices=False))

    with pytest.raises(MissingPricesError):
        enclose_limits(curves, [Floor(0.5, in_euros=True), CoefficientRange(900_000)])


@pytest.mark.parametrize("in_euros", [False, True])
@pytest.mark.parametrize(
    "beside",
    [
        [CoefficientRange(greatest=300_000)],
        [FixedCoefficient(450_000, (3,))],
        [Group("a", (0, 1), greatest=500_000)],
        [Group("a", (0, 1), greatest=600_000), Group("b", (0, 2), greatest=450_000), Blocks(50)],
        [ChangeLimit(total=200_000), FixedCoefficient(20_000, (4,))],
        [Floor(0.6, Rule.EQUAL), FixedCoefficient(300_000, (4,))],
    ],
)
def test_the_largest_floor_is_that_of_a_scan(beside: list[Limit], *, in_euros: bool) -> None:
    curves = YearCurves(a_year())
    limits = [Floor(0.999, Rule.CURRENT, in_euros), *beside]
    largest = refuse(limits).largest_floor

    assert largest is not None
    for share, feasible in ((largest, True), (largest + 1e-4, False), (0.0, True)):
        cut = [
            replace(limit, share=min(limit.share, share)) if isinstance(limit, Floor) else limit
            for limit in limits
        ]
        assert has_coefficients(enclose_region(5, list_restrictions(curves, cut))) is feasible
    assert f"the largest feasible floor is {largest:.4f}" in str(refuse(limits))


def test_a_floor_that_is_not_the_trouble_has_no_largest_share() -> None:
    limits = [Floor(0.5), CoefficientRange(greatest=1000)]

    assert refuse(limits).largest_floor is None
    assert find_largest_floor(YearCurves(a_year()), [CoefficientRange(greatest=1000)]) is None


def is_smallest(
    chosen: Sequence[Restriction], restrictions: Sequence[Restriction], n_members: int
) -> bool:
    """Tell by brute force whether a set conflicts, and no smaller set does."""

    def conflicts(some: Sequence[Restriction]) -> bool:
        return not has_coefficients(enclose_region(n_members, some))

    fewer = combinations(restrictions, len(chosen) - 1)
    return conflicts(chosen) and not any(conflicts(some) for some in fewer)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_smaller_set_of_limits_conflicts(data: st.DataObject) -> None:
    # Fifths, so that limits often clash, and often only three or four of them together.
    fifth = MILLIONTHS // 5
    members = st.sets(st.integers(0, 3), min_size=1, max_size=3).map(lambda s: tuple(sorted(s)))
    kinds = st.one_of(
        st.builds(Group, st.uuids().map(str), members, least=st.sampled_from([fifth, 2 * fifth])),
        st.builds(Group, st.uuids().map(str), members, greatest=st.sampled_from([0, fifth])),
        st.builds(CoefficientRange, st.sampled_from([1, fifth]), members=members),
        st.builds(CoefficientRange, greatest=st.sampled_from([fifth, 2 * fifth]), members=members),
        st.builds(Blocks, st.sampled_from([2, 5])),
        st.builds(ChangeLimit, total=st.sampled_from([0, fifth])),
    )
    curves = YearCurves(
        replace(make_year(n_members=4), current_beta=np.array([0.4, 0.2, 0.2, 0.2]))
    )
    restrictions = list_restrictions(curves, data.draw(st.lists(kinds, min_size=2, max_size=6)))
    if has_coefficients(enclose_region(4, restrictions)):
        return
    found = find_smallest_conflict(
        restrictions, lambda some: has_coefficients(enclose_region(4, some))
    )

    assert is_smallest(found, restrictions, 4)


@given(
    st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=5), min_size=1, max_size=8),
    st.sampled_from([0, 10, 200]),
)
def test_any_family_of_conflicts_is_searched_to_the_smallest(
    families: list[set[int]], most_trials: int
) -> None:
    marks = [Interval(str(each), np.zeros(0, int), np.zeros(0, int)) for each in range(8)]

    def is_feasible(some: Sequence[Restriction]) -> bool:
        kept = {int(mark.label) for mark in some}
        return not any(family <= kept for family in families)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feasibility, "_MOST_TRIALS", most_trials)
        found = find_smallest_conflict(marks, is_feasible)

    assert not is_feasible(found)
    assert all(is_feasible([other for other in found if other is not one]) for one in found)
    if most_trials == 200:
        assert len(found) == min(len(family) for family in families)


def test_many_groups_that_ask_too_much_together_are_told_soon() -> None:
    year = make_year(n_members=20)
    limits = [Group(f"house {each}", (each,), least=60_000) for each in range(20)]
    error = refuse(limits, year)

    assert len(error.conflict) == 17
    assert error.conflict[0].startswith("group_least_house ")


@pytest.mark.parametrize("conflict", [{3}, {0, 119}, {17, 18, 90}, set(range(120))])
def test_of_very_many_limits_a_conflict_without_a_smaller_part_is_found(
    conflict: set[int],
) -> None:
    everything = np.zeros(1, dtype=np.int64), np.full(1, MILLIONTHS)
    many = [Interval(str(number), *everything) for number in range(120)]
    asked = 0

    def is_feasible(chosen: Sequence[Restriction]) -> bool:
        nonlocal asked
        asked += 1
        return not conflict <= {int(each.label) for each in chosen}

    found = find_smallest_conflict(many, is_feasible)
    assert {int(each.label) for each in found} == conflict
    assert asked <= 300
