"""One test a label: the limit binds, is kept, and costs exactly what the whole program says."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.values.coefficient import MILLIONTHS
from planner.coefficients.choose import Choice, choose_coefficients
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    LimitError,
    PaybackLimit,
    list_restrictions,
)
from planner.coefficients.region import Interval, TotalChange
from planner.coefficients.rules import Rule
from planner.goal import Goal, MissingPricesError, Objective, YearCurves
from planner.sharing_year import SharingYear
from tests.support.limited_lp import solve_whole_year
from tests.support.sharing_years import make_year, self_consumed

SAVINGS = Goal(Objective.SAVINGS)


def a_year(seed: int = 3) -> SharingYear:
    """Five members with an agreement, investments and prices that keep savings concave."""
    year = make_year(n_members=5, n_steps=96, seed=seed)
    return replace(
        year,
        current_beta=np.array([0.5, 0.2, 0.1, 0.1, 0.1]),
        investment_eur=np.array([120.0, 60.0, 90.0, 20.0, 110.0]),
    )


def choose(year: SharingYear, limits: Sequence[Limit], goal: Goal = Goal()) -> Choice:  # noqa: B008
    """Choose under limits, hold the value against the whole program, and see the limits bind."""
    choice = choose_coefficients(year, goal, limits)
    best = solve_whole_year(year, goal, choice.region)
    free = choose_coefficients(year, goal)

    assert choice.millionths.sum() == MILLIONTHS
    assert best * (1 - 2e-5) <= choice.value <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= choice.upper_bound <= best * (1 + 2e-6)
    assert choice.value < free.value * (1 - 1e-5)
    return choice


def saved(year: SharingYear, member: int, millionths: int) -> float:
    """Sum a member's capped saving, month by month, from its definition."""
    assert year.prices is not None
    energy, surplus = year.prices
    allocated = millionths / MILLIONTHS * year.generation_kwh
    used = np.minimum(allocated, year.consumption_kwh[member])
    gained = np.add.reduceat(used * energy + (allocated - used) * surplus, year.month_starts)
    cap = np.add.reduceat(year.consumption_kwh[member] * energy, year.month_starts)
    return float(np.minimum(gained, cap).sum())


def used(year: SharingYear, member: int, millionths: int) -> float:
    """Sum a member's self-consumed energy."""
    allocated = millionths / MILLIONTHS * year.generation_kwh
    return float(np.minimum(allocated, year.consumption_kwh[member]).sum())


def test_floor() -> None:
    year = a_year()
    choice = choose(year, [Floor(0.9, Rule.CURRENT)])
    kept = [0.9 * used(year, member, share) for member, share in enumerate((500_000, 200_000))]

    assert used(year, 0, choice.millionths[0]) >= kept[0] - 1e-9
    assert used(year, 0, choice.millionths[0] - 1) < kept[0]
    assert used(year, 1, choice.millionths[1]) >= kept[1] - 1e-9


def test_floor_of_some_members_only() -> None:
    year = a_year()
    choice = choose(year, [Floor(1.0, Rule.CURRENT, members=(0,))])

    assert used(year, 0, choice.millionths[0]) >= used(year, 0, 500_000)
    assert used(year, 1, choice.millionths[1]) < used(year, 1, 200_000)


def test_floor_in_euros() -> None:
    year = a_year()
    choice = choose(year, [Floor(0.95, Rule.CURRENT, in_euros=True)], SAVINGS)

    for member, share in enumerate((500_000, 200_000, 100_000, 100_000, 100_000)):
        kept = 0.95 * saved(year, member, share)
        assert saved(year, member, int(choice.millionths[member])) >= kept - 1e-9
    assert saved(year, 0, int(choice.millionths[0]) - 1) < 0.95 * saved(year, 0, 500_000)


def test_a_floor_in_euros_is_an_interval_where_surplus_costs_money() -> None:
    year = a_year()
    assert year.prices is not None
    year = replace(year, prices=(year.prices[0], np.full(96, -0.15)))
    curves = YearCurves(year)
    (interval,) = Floor(1.0, Rule.CURRENT, in_euros=True).restrict(curves)

    assert isinstance(interval, Interval)
    for member, share in enumerate((500_000, 200_000, 100_000, 100_000, 100_000)):
        low, high = int(interval.lower[member]), int(interval.upper[member])
        kept = saved(year, member, share)
        assert low <= share <= high
        assert saved(year, member, low) >= kept - 1e-9
        assert saved(year, member, high) >= kept - 1e-9
        assert low == 0 or saved(year, member, low - 1) < kept
        assert high == MILLIONTHS or saved(year, member, high + 1) < kept


def test_floor_in_euros_of_a_reference_that_costs_money_gives_up_only_a_part() -> None:
    year = a_year()
    assert year.prices is not None
    year = replace(year, prices=(year.prices[0] * 0, np.full(96, -0.15)))
    (interval,) = Floor(0.9, Rule.CURRENT, in_euros=True).restrict(YearCurves(year))

    assert isinstance(interval, Interval)
    assert interval.lower.tolist() == [0] * 5
    for member, share in enumerate((500_000, 200_000, 100_000, 100_000, 100_000)):
        loss = saved(year, member, share)
        assert saved(year, member, int(interval.upper[member])) >= 1.1 * loss - 1e-6


def test_least_coefficient() -> None:
    choice = choose(a_year(), [CoefficientRange(least=180_000, members=(3, 4))])

    assert choice.millionths[3] == 180_000
    assert choice.millionths[4] > 180_000


def test_greatest_coefficient() -> None:
    choice = choose(a_year(), [CoefficientRange(greatest=220_000)])

    assert choice.millionths.max() == 220_000


def test_fixed_coefficient() -> None:
    choice = choose(a_year(), [FixedCoefficient(123_456, (4,)), FixedCoefficient(0, (1,))])

    assert choice.millionths[[4, 1]].tolist() == [123_456, 0]


def test_group_least() -> None:
    choice = choose(a_year(), [Group("social", (0, 1), least=600_000)])

    assert choice.millionths[:2].sum() == 600_000
    assert choice.multipliers.groups["group_least_social"] < 0
    assert choice.prices[0] < choice.prices[2]


def test_group_greatest() -> None:
    choice = choose(a_year(), [Group("holder", (2, 3, 4), greatest=250_000)])

    assert choice.millionths[2:].sum() == 250_000
    assert choice.multipliers.groups["group_greatest_holder"] > 0
    assert choice.prices[2] > choice.prices[0] == choice.price


def test_groups_that_overlap() -> None:
    limits = [
        Group("a", (0, 1), least=500_000, greatest=520_000),
        Group("b", (1, 2), greatest=200_000),
        Group("c", (0, 3), greatest=480_000),
    ]
    choice = choose(a_year(), limits)

    assert 500_000 <= choice.millionths[:2].sum() <= 520_000
    assert choice.millionths[[1, 2]].sum() <= 200_000
    assert choice.millionths[[0, 3]].sum() <= 480_000


def test_change_of_member() -> None:
    year = a_year()
    choice = choose(year, [ChangeLimit(each=50_000)])
    change = np.abs(choice.millionths - np.array([500_000, 200_000, 100_000, 100_000, 100_000]))

    assert change.max() == 50_000


def test_change_in_total() -> None:
    year = a_year()
    choice = choose(year, [ChangeLimit(total=100_000)])
    change = np.abs(choice.millionths - np.array([500_000, 200_000, 100_000, 100_000, 100_000]))

    assert change.sum() == 100_000
    assert choice.multipliers.change > 0


@pytest.mark.parametrize("count", [7, 16, 40])
def test_whole_blocks(count: int) -> None:
    choice = choose(a_year(), [Blocks(count)])
    blocks = choice.millionths * count / MILLIONTHS

    assert np.abs(blocks - np.round(blocks)).max() <= count / MILLIONTHS
    assert np.round(blocks).sum() == count


@pytest.mark.parametrize("count", [7, 16, 40])
def test_whole_blocks_within_groups_and_a_change(count: int) -> None:
    limits = [
        Blocks(count),
        Group("a", (0, 2), least=450_000),
        Group("b", (2, 3, 4), greatest=400_000),
        ChangeLimit(total=700_000),
    ]
    year = a_year()
    choice = choose_coefficients(year, Goal(), limits)
    best = solve_whole_year(year, Goal(), choice.region)
    blocks = choice.millionths * count / MILLIONTHS

    assert choice.value == pytest.approx(best, rel=2e-5)
    assert choice.upper_bound >= best * (1 - 1e-9)
    assert np.abs(blocks - np.round(blocks)).max() <= count / MILLIONTHS
    assert choice.millionths[[0, 2]].sum() >= 450_000
    assert choice.millionths[2:].sum() <= 400_000


def test_contribution() -> None:
    year = a_year()
    cost = 22.24  # a hair less than what all save together, coefficient by coefficient
    choice = choose(year, [ContributionLimit(cost)])

    at_most = []
    for member, share in enumerate(choice.millionths.tolist()):
        assert saved(year, member, share) >= cost * share / MILLIONTHS - 1e-9
        more = share + 1
        at_most.append(saved(year, member, more) < cost * more / MILLIONTHS - 1e-9)
    assert any(at_most)


def test_payback() -> None:
    year = a_year()
    choice = choose(year, [PaybackLimit(years=24.0)])
    assert year.investment_eur is not None

    short = []
    for member, share in enumerate(choice.millionths.tolist()):
        needed = year.investment_eur[member] / 24
        assert saved(year, member, share) >= needed - 1e-9
        short.append(share > 0 and saved(year, member, share - 1) < needed)
    assert any(short)


@pytest.mark.parametrize("years", [3.0, 5.7, 11.0, 13.0])
def test_a_saving_that_is_just_enough_pays_back(years: float) -> None:
    year = a_year()
    most = np.array([float(curve.values.max()) for curve in YearCurves(year).savings])
    just_enough = replace(year, investment_eur=most * years * (1 + 1e-15))
    (interval,) = PaybackLimit(years).restrict(YearCurves(just_enough))

    assert isinstance(interval, Interval)
    assert (interval.lower <= interval.upper).all()


def test_nobody_who_can_never_pay_back_is_given_room() -> None:
    (interval,) = PaybackLimit(years=0.001, members=(2,)).restrict(YearCurves(a_year()))

    assert isinstance(interval, Interval)
    assert interval.lower.tolist() == [0, 0, MILLIONTHS, 0, 0]
    assert interval.upper.tolist() == [MILLIONTHS, MILLIONTHS, 0, MILLIONTHS, MILLIONTHS]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (Floor(1.1), "limit floor: share 1.1 is not between 0 and 1"),
        (Floor(float("nan")), "share nan is not between"),
        (CoefficientRange(-1), "limit coefficient_range: a coefficient lies between 0 and 1"),
        (CoefficientRange(0, 1_000_001), "a coefficient lies between 0 and 1"),
        (CoefficientRange(5, 4), "the least, 0.000005, passes the greatest"),
        (FixedCoefficient(-5, None), "limit fixed_coefficient"),
        (Group("x", ()), "limit group_x: it is about no members; name some"),
        (Group("x", (0,), least=2, greatest=1), "limit group_x: the least, 0.000002, passes"),
        (Group("x", (0, 5)), "limit group_x: there is no member at position 5 of 5"),
        (Group(" ", (0,)), "limit group: ' ' is no name"),
        (Group("x\n", (0,)), r"limit group: 'x\\n' is no name"),
        (Floor(0.5, members=(-1,)), "limit floor: there is no member at position -1 of 5"),
        (Floor(0.5, in_euros=True, members=()), "limit floor_in_euros: it is about no members"),
        (CoefficientRange(1, members=(7,)), "limit least_coefficient: there is no member at"),
        (FixedCoefficient(1, (2, 9)), "limit fixed_coefficient: there is no member at position 9"),
        (PaybackLimit(5.0, members=(5,)), "limit payback: there is no member at position 5"),
        (ChangeLimit(each=-1), "limit change_of_member"),
        (ChangeLimit(total=-1), "limit change_in_total: -1 millionths is below 0"),
        (Blocks(0), "limit whole_blocks: 0 blocks is not between 1 and 1000000"),
        (Blocks(1_000_001), "limit whole_blocks"),
        (ContributionLimit(float("inf")), "limit contribution: a cost of inf EUR"),
        (ContributionLimit(-1.0), "limit contribution"),
        (PaybackLimit(0.0), "limit payback: 0.0 years is not above 0"),
        (PaybackLimit(float("nan")), "limit payback"),
    ],
)
def test_limits_that_mean_nothing_are_refused(limit: Limit, says: str) -> None:
    with pytest.raises(LimitError, match=says):
        list_restrictions(YearCurves(a_year()), [limit])


def test_two_groups_of_one_name_are_refused_by_that_name() -> None:
    groups = [Group("a b", (0,), least=1), Group("c", (0,)), Group("a b", (1,), greatest=5)]

    with pytest.raises(LimitError, match="limit group_a b: 2 groups have this name") as caught:
        list_restrictions(YearCurves(a_year()), groups)
    assert caught.value.label == "group_a b"


@pytest.mark.parametrize(
    ("current", "around"),
    [
        ([0.4, 0.3, 0.1, 0.07, 0.03], [400_000, 300_000, 100_000, 70_000, 30_000]),
        ([1 / 6, 1 / 6, 1 / 6, 0.25, 0.25], [166_667, 166_667, 166_666, 250_000, 250_000]),
    ],
)
def test_an_agreement_is_taken_as_it_stands_where_it_does_not_sum_to_one(
    current: list[float], around: list[int]
) -> None:
    curves = YearCurves(replace(a_year(), current_beta=np.array(current)))
    interval, change = list_restrictions(curves, [ChangeLimit(each=0, total=0)])

    assert isinstance(interval, Interval)
    assert isinstance(change, TotalChange)
    assert interval.lower.tolist() == interval.upper.tolist() == around
    assert change.around.tolist() == around


@pytest.mark.parametrize(("count", "shares"), [(1, [1]), (2, [1, 1])])
def test_fewer_blocks_than_members_leave_some_without(count: int, shares: list[int]) -> None:
    choice = choose_coefficients(a_year(), limits=[Blocks(count)])
    blocks = np.sort(np.round(choice.millionths * count / MILLIONTHS).astype(int))[::-1]
    best = solve_whole_year(a_year(), Goal(), choice.region)

    assert blocks[blocks > 0].tolist() == shares
    assert choice.value == pytest.approx(best, rel=1e-9)


def test_as_many_blocks_as_millionths_are_no_limit() -> None:
    free = choose_coefficients(a_year())
    choice = choose_coefficients(a_year(), limits=[Blocks(MILLIONTHS)])

    assert choice.value == pytest.approx(free.value, rel=1e-12)


def test_limits_whose_data_is_missing_are_refused() -> None:
    year = make_year(with_prices=False)
    curves = YearCurves(year)

    with pytest.raises(LimitError, match=r"there is no current to refer to; add .* current_beta"):
        list_restrictions(curves, [ChangeLimit(each=10)])
    with pytest.raises(LimitError, match="add the column investment_eur"):
        list_restrictions(curves, [Floor(0.5, Rule.INVESTMENT)])
    with pytest.raises(LimitError, match="no member has an investment_eur"):
        list_restrictions(curves, [PaybackLimit(5.0)])
    with pytest.raises(MissingPricesError):
        list_restrictions(curves, [ContributionLimit(5.0)])


def test_a_limit_at_its_widest_is_none() -> None:
    wide = [CoefficientRange(), Group("all", (0, 1)), ChangeLimit()]

    assert list_restrictions(YearCurves(a_year()), wide) == []


def test_the_worth_of_one_more_percent_is_read_on_the_curve() -> None:
    year = a_year()
    choice = choose_coefficients(year)
    step = 1e-4
    for member in range(5):
        beta = choice.millionths / MILLIONTHS
        more = beta.copy()
        more[member] += step
        gain = (self_consumed(year, more) - self_consumed(year, beta)) / step
        assert gain <= choice.worth[member] + 1e-9
        assert choice.worth[member] <= choice.price + 1e-9


@pytest.mark.parametrize("reference", range(8_015, MILLIONTHS, 50_000))
def test_a_floor_in_euros_keeps_the_reference_itself_where_savings_rise_and_fall(
    reference: int,
) -> None:
    year = replace(
        make_year(n_members=1, n_steps=3),
        generation_kwh=np.array([10.0, 10.0, 10.0, 0.0]),
        consumption_kwh=np.array([[8.0, 4.0, 3.0, 90.0]]),
        prices=(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.5, 1.1, -0.9, -0.1])),
        month_starts=np.array([0]),
        current_beta=np.array([reference / MILLIONTHS]),
    )
    (interval,) = Floor(1.0, Rule.CURRENT, in_euros=True).restrict(YearCurves(year))

    assert isinstance(interval, Interval)
    low, high = int(interval.lower[0]), int(interval.upper[0])
    kept = saved(year, 0, reference)
    assert low <= reference <= high
    assert saved(year, 0, low) >= kept - 1e-9
    assert saved(year, 0, high) >= kept - 1e-9
