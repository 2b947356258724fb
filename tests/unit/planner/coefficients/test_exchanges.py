"""Savings that are not concave: surplus earns more than energy costs."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.billing.simulator import simulate_year
from planner.coefficients.choose import Choice, Method, choose_coefficients
from planner.coefficients.exchanges import share_in_parts
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
)
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.rules import Rule
from planner.goal import Goal, Objective
from planner.saving_curves import build_saving_curves
from planner.sharing_year import SharingYear


def make_odd_year(n_members: int, seed: int, surplus: float) -> SharingYear:
    """Make a year of which energy costs 0.10 and surplus earns more."""
    rng = np.random.default_rng(seed)
    n_steps = 96
    sun = np.clip(np.sin(np.linspace(0, 8 * np.pi, n_steps)), 0, None)
    return SharingYear(
        generation_kwh=np.round(5 * sun, 3),
        consumption_kwh=np.round(rng.gamma(1.2, 1.0, (n_members, n_steps)), 3),
        contracted_power_kw=rng.choice([2.3, 4.6, 5.75], n_members),
        precedence=np.arange(n_members),
        month_starts=np.array([0, 48]),
        prices=(np.full(n_steps, 0.1), np.full(n_steps, surplus)),
    )


def saved(year: SharingYear, beta: np.ndarray) -> float:
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
    return float(np.sum(settled.savings_eur))  # type: ignore[arg-type]


def value_parts(year: SharingYear, parts: int) -> np.ndarray:
    """Simulate what every member saves with any number of parts: nobody's bill is another's."""
    shares = np.arange(parts + 1) / parts
    return np.array(
        [
            [saved(year.pick(np.array([member])), np.array([share])) for share in shares]
            for member in range(year.n_members)
        ]
    )


def search_grid(year: SharingYear, parts: int) -> float:
    """Try every way to share in so many parts."""
    values = value_parts(year, parts)
    return max(
        float(sum(each[part] for each, part in zip(values, point, strict=True)))
        for point in list_points(parts, year.n_members)
    )


def list_points(parts: int, n_members: int) -> list[tuple[int, ...]]:
    """List every way to share in so many parts."""
    return [
        (*firsts, parts - sum(firsts))
        for firsts in product(range(parts + 1), repeat=n_members - 1)
        if sum(firsts) <= parts
    ]


def plan_savings(year: SharingYear, *limits: Limit) -> Choice:
    return choose_coefficients(year, Goal(Objective.SAVINGS), limits)


@pytest.mark.parametrize("surplus", [0.11, 0.15, 0.3])
@pytest.mark.parametrize("seed", range(6))
def test_a_search_over_the_grid_finds_nothing_better(seed: int, surplus: float) -> None:
    year = make_odd_year(3, seed, surplus)
    choice = plan_savings(year)
    best = search_grid(year, 60)

    assert choice.millionths.sum() == 1_000_000
    assert choice.value >= best * (1 - 1e-3)
    assert choice.upper_bound >= best
    assert choice.upper_bound >= choice.value


@pytest.mark.parametrize("surplus", [0.11, 0.3])
@pytest.mark.parametrize("seed", range(4))
def test_no_rule_is_better_and_no_exchange_improves(seed: int, surplus: float) -> None:
    year = make_odd_year(5, seed, surplus)
    choice = plan_savings(year)
    value = saved(year, choice.millionths / 1e6)

    assert value == pytest.approx(choice.value)
    for rule in (Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION):
        assert value >= saved(year, year.share_by(rule)) - 1e-4
    for giver, taker in product(range(5), repeat=2):
        for step in (1, 2, 4, 1024):
            moved = choice.millionths.copy()
            moved[giver] -= step
            moved[taker] += step
            if moved.min() >= 0:
                assert saved(year, moved / 1e6) <= value + 1e-10


def test_twins_are_not_left_in_the_middle_of_a_chord() -> None:
    # Only a member with all the sun passes its cheap consumption and earns from surplus.
    sun = np.array([10.0, 0.0] * 12)
    twin = np.array([4.9, 3.0] * 12)
    year = SharingYear(
        generation_kwh=sun,
        consumption_kwh=np.stack([twin, twin]),
        contracted_power_kw=np.array([9.0, 1.0]),
        precedence=np.arange(2),
        month_starts=np.array([0]),
        prices=(np.array([0.001, 0.3] * 12), np.array([0.3, 0.0] * 12)),
    )
    choice = plan_savings(year)

    assert choice.value == pytest.approx(search_grid(year, 1000), rel=1e-6)
    assert choice.method.endswith("then parts and exchanges")


@pytest.mark.parametrize("method", Method)
def test_limits_hold_through_the_exchanges(method: Method) -> None:
    year = make_odd_year(5, 1, 0.3)
    limits = [Floor(0.5, Rule.EQUAL), CoefficientRange(50_000, 400_000)]
    choice = choose_coefficients(year, Goal(Objective.SAVINGS), limits, method)

    assert choice.millionths.min() >= 50_000
    assert choice.millionths.max() <= 400_000
    assert choice.millionths.sum() == 1_000_000


def test_rules_outside_the_limits_are_no_start() -> None:
    choice = plan_savings(make_odd_year(5, 1, 0.3), CoefficientRange(greatest=210_000))

    assert choice.millionths.max() <= 210_000
    assert choice.millionths.sum() == 1_000_000


def test_an_only_member_gets_everything() -> None:
    assert plan_savings(make_odd_year(1, 1, 0.3)).millionths.tolist() == [1_000_000]


def test_a_current_agreement_that_does_not_sum_to_one_is_no_start() -> None:
    year = make_odd_year(2, 1, 0.3)
    partial = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        current_beta=np.array([0.4, 0.4]),
        prices=year.prices,
    )

    assert plan_savings(partial).millionths.sum() == 1_000_000


def test_parts_keep_every_limit_and_leave_nothing_over() -> None:
    year = make_odd_year(3, 2, 0.2)
    assert year.prices is not None
    curves = build_saving_curves(
        year.consumption_kwh, year.generation_kwh, *year.prices, year.month_starts
    )
    lower, upper = np.array([100_001, 0, 33_333]), np.array([400_000, 300_001, 500_000])
    problem = CoefficientProblem(curves, lower, upper, np.full(3, 1 / 3), np.arange(3))
    shared = share_in_parts(problem, curves)

    assert shared.sum() == 1_000_000
    assert (lower <= shared).all()
    assert (shared <= upper).all()


@pytest.mark.parametrize("surplus", [0.11, 0.15, 0.3])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "limits",
    [
        [Group("a", (0, 1), greatest=600_000)],
        [Group("a", (0, 1), greatest=600_000), Group("b", (1, 2), least=500_000)],
        [ChangeLimit(total=600_000)],
    ],
)
def test_exchanges_keep_what_ties_members_together(
    limits: list[Limit], seed: int, surplus: float
) -> None:
    year = replace(make_odd_year(3, seed, surplus), current_beta=np.array([0.5, 0.2, 0.3]))
    choice = plan_savings(year, *limits)
    values = value_parts(year, 20)
    grid = np.array(list_points(20, 3))
    kept = [parts for parts in grid if choice.region.holds(parts * 50_000)]
    best = max(values[[0, 1, 2], parts].sum() for parts in kept)

    assert choice.region.holds(choice.millionths)
    assert choice.value >= best * (1 - 2e-3)
    assert choice.upper_bound >= best
    assert not choice.is_optimum
    assert saved(year, choice.millionths / 1e6) == pytest.approx(choice.value)
    for giver, taker in product(range(3), repeat=2):
        for step in (1, 2, 1024):
            moved = choice.millionths.copy()
            moved[giver] -= step
            moved[taker] += step
            if choice.region.holds(moved):
                assert saved(year, moved / 1e6) <= choice.value + 1e-10


@pytest.mark.parametrize("count", [1, 2, 7, 30])
@pytest.mark.parametrize("seed", range(3))
def test_in_whole_blocks_the_best_of_all_ways_is_found(seed: int, count: int) -> None:
    year = make_odd_year(3, seed, 0.3)
    choice = plan_savings(year, Blocks(count))

    assert choice.value == pytest.approx(search_grid(year, count), rel=1e-5)
    assert choice.upper_bound >= search_grid(year, count) * (1 - 1e-12)


def test_whole_blocks_that_groups_tie_are_exchanged_too() -> None:
    year = make_odd_year(3, 3, 0.3)
    choice = plan_savings(year, Blocks(20), Group("a", (0, 1), greatest=600_000))

    assert choice.region.holds(choice.millionths)
    assert (choice.millionths % 50_000 == 0).all()
    assert choice.value > plan_savings(year, Blocks(20), FixedCoefficient(400_000, (2,))).value


def test_limits_that_leave_nothing_to_share_are_met() -> None:
    choice = plan_savings(make_odd_year(2, 1, 0.3), FixedCoefficient(500_000, None))

    assert choice.millionths.tolist() == [500_000, 500_000]
