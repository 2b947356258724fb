from dataclasses import replace

import numpy as np
import pytest

from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.integer_program import EmptyRegionError
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    Floor,
    Group,
    Limit,
    LimitError,
)
from planner.coefficients.max_min import choose_for_worst_off
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.goal import (
    MAX_MIN,
    Goal,
    MissingPricesError,
    Objective,
    Weights,
    YearCurves,
    measure_value,
)
from planner.sharing_year import SharingYear
from tests.support.limit_strategies import GOALS
from tests.support.limited_lp import solve_whole_year
from tests.support.sharing_years import make_year, random_shares, self_consumed


def saved(year: SharingYear, beta: np.ndarray) -> float:
    """Sum the capped savings month by month, straight from their definition."""
    assert year.prices is not None
    energy, surplus = year.prices
    allocated = beta[:, np.newaxis] * year.generation_kwh
    used = np.minimum(allocated, year.consumption_kwh)
    gained = np.add.reduceat(
        used * energy + (allocated - used) * surplus, year.month_starts, axis=1
    )
    cap = np.add.reduceat(year.consumption_kwh * energy, year.month_starts, axis=1)
    return float(np.minimum(gained, cap).sum())


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("seed", range(4))
def test_the_value_is_that_of_the_data_and_close_to_the_bound(method: Method, seed: int) -> None:
    year = make_year(n_members=5, n_steps=240, seed=seed)
    choice = choose_coefficients(year, method=method)

    assert choice.millionths.sum() == 1_000_000
    assert choice.value == pytest.approx(self_consumed(year, choice.millionths / 1e6), rel=1e-12)
    assert 0 <= choice.gap <= 1e-5
    assert choice.convex_steps.size == 0


@pytest.mark.parametrize("seed", range(4))
def test_no_other_coefficients_save_more(seed: int) -> None:
    year = make_year(n_members=5, n_steps=240, seed=seed)
    choice = choose_coefficients(year, Goal(Objective.SAVINGS))

    assert choice.value == pytest.approx(saved(year, choice.millionths / 1e6), rel=1e-12)
    assert choice.gap <= 1e-5
    assert choice.convex_steps.size == 0
    for other in range(200):
        assert saved(year, random_shares(5, other)) <= choice.upper_bound


def test_savings_and_self_consumption_want_different_coefficients() -> None:
    year = make_year(n_members=5, n_steps=240)
    energy = choose_coefficients(year).millionths / 1e6
    money = choose_coefficients(year, Goal(Objective.SAVINGS)).millionths / 1e6

    assert self_consumed(year, energy) > self_consumed(year, money)
    assert saved(year, money) > saved(year, energy)


def test_where_surplus_earns_more_than_energy_costs_the_bound_still_holds() -> None:
    year = make_year(n_members=4, n_steps=240)
    assert year.prices is not None
    surplus = year.prices[1].copy()
    surplus[::5] = year.prices[0][::5] + 0.05
    odd = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        prices=(year.prices[0], surplus),
    )
    choice = choose_coefficients(odd, Goal(Objective.SAVINGS))
    lit = np.flatnonzero(year.generation_kwh > 0)

    assert choice.convex_steps.tolist() == [step for step in lit if step % 5 == 0]
    assert choice.value <= choice.upper_bound
    assert choice.value == pytest.approx(saved(odd, choice.millionths / 1e6), rel=1e-12)
    for other in range(200):
        assert saved(odd, random_shares(4, other)) <= choice.upper_bound


@pytest.mark.parametrize("rule", [Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION])
@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
def test_a_floor_keeps_every_member_its_energy(rule: Rule, objective: Objective) -> None:
    year = make_year(n_members=5, n_steps=240)
    choice = choose_coefficients(year, Goal(objective), [Floor(0.9, rule)])
    reference = round_by_largest_remainder(year.share_by(rule), year.precedence) / 1e6

    def energy(beta: np.ndarray) -> np.ndarray:
        allocated = beta[:, np.newaxis] * year.generation_kwh
        return np.minimum(allocated, year.consumption_kwh).sum(axis=1)

    assert (energy(choice.millionths / 1e6) >= 0.9 * energy(reference) - 1e-9).all()
    assert choice.value < choose_coefficients(year, Goal(objective)).value


def test_a_floor_of_one_is_feasible_and_gives_the_reference_where_nobody_is_saturated() -> None:
    year = make_year(n_members=5, n_steps=240)
    choice = choose_coefficients(year, limits=[Floor(1.0, Rule.EQUAL)])

    assert choice.millionths.sum() == 1_000_000
    assert choice.value >= self_consumed(year, np.full(5, 0.2)) - 1e-6


def test_bounds_hold_with_a_floor() -> None:
    limits = [Floor(0.5), CoefficientRange(100_000, 300_000)]
    choice = choose_coefficients(make_year(n_members=5, n_steps=240), limits=limits)

    assert choice.millionths.min() >= 100_000
    assert choice.millionths.max() <= 300_000


def test_savings_without_prices_are_refused() -> None:
    with pytest.raises(MissingPricesError, match="add a prices file"):
        choose_coefficients(make_year(with_prices=False), Goal(Objective.SAVINGS))


def test_the_current_agreement_is_a_rule_where_it_is_known() -> None:
    year = make_year()
    known = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        current_beta=np.array([0.1, 0.2, 0.3, 0.4]),
    )

    assert list(year.rules()) == [Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION]
    assert known.share_by(Rule.CURRENT).tolist() == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", range(3))
def test_both_methods_give_the_same_under_floors_and_groups(goal: Goal, seed: int) -> None:
    year = make_year(n_members=6, n_steps=96, seed=seed)
    limits = [
        Floor(0.6),
        Group("a", (0, 1), least=450_000, greatest=470_000),
        Group("b", (2, 3), greatest=200_000),
    ]
    exact, program = (choose_coefficients(year, goal, limits, method) for method in Method)
    best = solve_whole_year(year, goal, exact.region)

    assert exact.method == "exact: continuous knapsack over the sorted breakpoints, by groups"
    assert program.method.startswith("linear program")
    assert exact.upper_bound == pytest.approx(best, rel=1e-9)
    assert program.value == pytest.approx(exact.value, rel=2e-6)
    assert program.upper_bound >= best * (1 - 1e-9)
    assert exact.value == pytest.approx(measure_value(year, goal, exact.millionths / 1e6))


@pytest.mark.parametrize("goal", GOALS)
def test_groups_that_overlap_and_a_change_against_the_whole_program(goal: Goal) -> None:
    year = replace(
        make_year(n_members=5, n_steps=96), current_beta=np.array([0.5, 0.2, 0.1, 0.1, 0.1])
    )
    limits = [
        Group("a", (0, 1), least=550_000),
        Group("b", (1, 2), greatest=250_000),
        ChangeLimit(total=300_000),
    ]
    choice = choose_coefficients(year, goal, limits)
    best = solve_whole_year(year, goal, choice.region)

    assert choice.region.holds(choice.millionths)
    assert choice.value == pytest.approx(best, rel=2e-5)
    assert best * (1 - 1e-9) <= choice.upper_bound <= best * (1 + 2e-6)


@pytest.mark.parametrize("weight", [1e-9, 1.0, 1e9])
def test_what_a_mix_counts_in_does_not_matter_to_the_solver(weight: float) -> None:
    year = make_year(n_members=5, n_steps=96)
    limits = [Group("a", (0, 1), least=550_000), Group("b", (1, 2), greatest=250_000)]
    plain = choose_coefficients(year, Goal(), limits)
    mixed = choose_coefficients(year, Goal(Objective.MIX, Weights(kwh=weight)), limits)

    assert mixed.value == pytest.approx(weight * plain.value, rel=2e-6)
    assert mixed.gap <= 1e-5
    assert mixed.price == pytest.approx(weight * float(plain.price or 0.0), rel=1e-6)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("limits", [[], [Blocks(7)], [ChangeLimit(total=10_000)]])
def test_a_year_without_sun_is_shared_at_no_value(method: Method, limits: list[Limit]) -> None:
    year = make_year()
    current = np.array([0.1, 0.2, 0.3, 0.4])
    dark = replace(year, generation_kwh=np.zeros(72), current_beta=current)
    choice = choose_coefficients(dark, Goal(Objective.SAVINGS), limits, method)

    assert (choice.value, choice.upper_bound, choice.gap) == (0.0, 0.0, 0.0)
    assert choice.region.holds(choice.millionths)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("goal", [*GOALS, *(Goal(each) for each in sorted(MAX_MIN))])
def test_an_only_member_holds_everything(method: Method, goal: Goal) -> None:
    limits = [Group("a", (0,), least=5), Floor(1.0), CoefficientRange(10)]
    choice = choose_coefficients(make_year(n_members=1), goal, limits, method)

    assert choice.millionths.tolist() == [1_000_000]
    assert choice.gap == pytest.approx(0.0, abs=1e-12)


def test_blocks_that_keep_groups_may_have_no_millionths_that_do() -> None:
    # Blocks of 7812.5 millionths: each member holds one and some, each two hold a whole number,
    # exactly, and three halves cannot be rounded to sums that are all whole.
    exactly = 15_625
    pairs = [("a", (0, 1)), ("b", (1, 2)), ("c", (0, 2))]
    groups = [Group(name, pair, exactly, exactly) for name, pair in pairs]
    year = make_year(n_members=4)

    with pytest.raises(EmptyRegionError, match="no coefficients that sum to 1 keep the limits"):
        choose_coefficients(year, limits=[Blocks(128), *groups])


def test_raising_the_worst_off_keeps_limits_that_tie_members_together() -> None:
    year = make_year(n_members=4)
    goal = Goal(Objective.LEAST_SELF_SUFFICIENCY)
    free = choose_coefficients(year, goal)
    tied = choose_coefficients(year, goal, [Group("a", (0, 1), greatest=300_000), Floor(0.3)])
    alone = choose_for_worst_off(YearCurves(year), goal.objective)

    assert free.millionths.tolist() == alone.millionths.tolist()
    assert free.levels is not None
    assert (free.price, free.multipliers) == (None, None)
    assert free.levels.tolist() == alone.levels.tolist()
    assert free.value == free.levels.min()
    assert tied.region.holds(tied.millionths)
    assert tied.millionths[:2].sum() == 300_000
    assert tied.value < free.value


def test_raising_the_worst_off_knows_no_blocks() -> None:
    with pytest.raises(LimitError, match="limit whole_blocks: the objective least-savings"):
        choose_coefficients(make_year(), Goal(Objective.LEAST_SAVINGS), [Blocks(10)])
