from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from planner.billing.simulator import simulate_year
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.hourly_program import solve_hourly_program
from planner.goal import Goal, Objective, YearCurves, find_convex_steps
from planner.member_prices import (
    ImpossiblePricesError,
    MemberPrices,
    join_intervals,
    list_rates,
    take_intervals,
    write_out,
)
from planner.saving_curves import build_member_saving_curves, build_saving_curves
from planner.sharing_year import ImpossibleYearError
from tests.support.priced_years import make_member_prices
from tests.support.sharing_years import make_year, random_shares

SAVINGS = Goal(Objective.SAVINGS)
ONE = np.ones((1, 3))


def save_slowly(year, prices, beta):
    """Save interval by interval, as the law says it."""
    saved = np.zeros((year.n_members, year.month_starts.size))
    borders = [*year.month_starts.tolist(), year.generation_kwh.size]
    for member, share in enumerate(beta.tolist()):
        row = prices.rate_of[member]
        for month, (start, end) in enumerate(pairwise(borders)):
            earned = limit = 0.0
            for step in range(start, end):
                wanted = float(year.consumption_kwh[member, step])
                got = share * float(year.generation_kwh[step])
                used = min(wanted, got)
                saved[member, month] += used * prices.energy[row, step]
                earned += (got - used) * prices.surplus[row, step]
                limit += (wanted - used) * prices.ceiling[row, step]
            saved[member, month] += min(earned, limit)
    return saved


def make_priced(seed=1, n_members=3):
    year = make_year(n_members, seed=seed)
    return replace(year, prices=make_member_prices(year, seed))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("concentration", [0.2, 5.0])
def test_settlement_and_curves_agree_with_the_slow_way(seed, concentration):
    year = make_priced(seed)
    beta = np.random.default_rng(seed).dirichlet(np.full(3, concentration))
    slow = save_slowly(year, year.prices, beta)

    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
    curves = YearCurves(year).savings

    np.testing.assert_allclose(settled.savings_eur, slow, atol=1e-9)
    np.testing.assert_allclose(
        [curve.value_at(share) for curve, share in zip(curves, beta, strict=True)],
        slow.sum(axis=1),
        atol=1e-9,
    )


def test_a_ceiling_below_the_price_binds_earlier_but_lets_self_consumption_count_on():
    consumption, generation = np.array([[2.0, 10.0]]), np.array([10.0, 0.0])
    prices = np.full(2, 0.2), np.full(2, 0.15)

    (curve,) = build_saving_curves(
        consumption, generation, *prices, np.array([0]), ceiling_eur_per_kwh=np.full(2, 0.1)
    )

    # 2 kWh used save 0.40 EUR and leave a limit of 1.00 EUR, which 6.67 kWh of surplus reach.
    saved = [round(curve.value_at(share), 9) for share in (0.1, 0.2, 0.6, 13 / 15, 1.0)]
    assert saved == [0.2, 0.4, 1.0, 1.4, 1.4]


def test_coefficients_by_time_settle_at_members_prices_too():
    year = make_priced()
    beta = random_shares(3, 2)
    data = (year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices)

    constant = simulate_year(beta, *data)
    by_step = simulate_year(np.repeat(beta[:, np.newaxis], 72, axis=1), *data)

    np.testing.assert_allclose(by_step.savings_eur, constant.savings_eur, atol=1e-12)


def test_one_rate_whose_ceiling_is_its_price_is_the_market():
    year = make_year(3)
    energy, surplus = year.prices
    rated = MemberPrices(
        energy[np.newaxis], surplus[np.newaxis], energy[np.newaxis], np.zeros(3, np.intp)
    )

    of_market = choose_coefficients(year, SAVINGS)
    of_rates = choose_coefficients(replace(year, prices=rated), SAVINGS)

    assert of_rates.millionths.tolist() == of_market.millionths.tolist()
    assert of_rates.value == pytest.approx(of_market.value, abs=1e-12)


def test_the_optimum_is_the_best_of_a_grid():
    year = make_priced(seed=3)

    choice = choose_coefficients(year, SAVINGS)

    best = max(
        save_slowly(year, year.prices, np.array([a, b, 20 - a - b]) / 20).sum()
        for a in range(21)
        for b in range(21 - a)
    )
    assert best <= choice.value <= choice.upper_bound
    assert choice.gap < 1e-6


def test_only_some_of_the_members_have_their_prices():
    year = make_priced(n_members=4)

    picked = year.pick(np.array([3, 0]))

    assert picked.prices.rate_of.tolist() == [1, 0]


def test_intervals_are_taken_and_laid_end_to_end():
    year = make_priced()
    steps = np.array([5, 2])

    taken = take_intervals(year.prices, steps)
    joined = join_intervals([taken, taken])

    assert taken.energy.tolist() == year.prices.energy[:, steps].tolist()
    assert joined.surplus.tolist() == np.hstack([taken.surplus, taken.surplus]).tolist()
    assert joined.ceiling.shape == (2, 4)


def test_prices_of_other_rates_cannot_be_laid_end_to_end():
    prices = make_priced().prices
    others = replace(prices, rate_of=prices.rate_of[::-1] * 0)

    for parts in ([prices, others], [prices, (np.ones(3), np.ones(3))]):
        with pytest.raises(ImpossiblePricesError, match="same rates"):
            join_intervals(parts)


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ((ONE, np.ones((2, 3)), ONE, np.zeros(1, np.intp)), "differ in shape"),
        ((ONE[0], ONE[0], ONE[0], np.zeros(1, np.intp)), "differ in shape"),
        ((ONE, ONE * np.nan, ONE, np.zeros(1, np.intp)), "finite"),
        ((ONE, ONE, ONE, np.array([1])), "one of 1 rates"),
        ((ONE, ONE, ONE, np.array([-1])), "one of 1 rates"),
    ],
)
def test_prices_that_contradict_themselves_are_refused(prices, told):
    with pytest.raises(ImpossiblePricesError, match=told):
        MemberPrices(*prices)


def test_a_year_refuses_prices_of_other_members_or_intervals():
    year = make_priced()
    fewer = replace(year.prices, rate_of=np.zeros(2, np.intp))

    with pytest.raises(ImpossibleYearError, match="rates"):
        replace(year, prices=fewer)
    with pytest.raises(ImpossibleYearError, match="prices"):
        replace(year, prices=year.prices.take(np.arange(5)))


def test_prices_are_written_out_member_by_member():
    prices = make_priced(n_members=4).prices

    written = write_out(prices)

    assert written.energy.tolist() == prices.energy[[0, 1, 0, 1]].tolist()
    assert written.surplus[3].tolist() == prices.surplus[1].tolist()
    assert written.beyond_limit[2].max() == 0.0
    assert written.beyond_limit[1].min() > 0.0


@pytest.mark.parametrize("seed", range(3))
def test_the_obvious_hourly_program_finds_the_same_optimum(seed):
    year = make_priced(seed)

    program = solve_hourly_program(year, SAVINGS)

    assert choose_coefficients(year, SAVINGS).value == pytest.approx(program.value, rel=1e-6)
    saved = save_slowly(year, year.prices, program.beta).sum()
    assert program.value == pytest.approx(saved, rel=1e-9)


def test_intervals_where_one_member_may_lose_concavity_are_found():
    year = make_priced()
    prices = year.prices
    dear = replace(prices, surplus=prices.surplus.copy(), ceiling=prices.ceiling.copy())
    sunny = np.flatnonzero(year.generation_kwh > 0)
    dear.surplus[1, sunny[0]] = 1.0
    dear.ceiling[0, sunny[1]] = 1.0

    assert find_convex_steps(year, SAVINGS).size == 0
    found = find_convex_steps(replace(year, prices=dear), SAVINGS)
    assert found.tolist() == sunny[:2].tolist()


def test_members_who_pay_alike_are_built_together_and_put_back_in_order():
    year = make_priced(n_members=4)
    curves = build_member_saving_curves(
        year.consumption_kwh, year.generation_kwh, year.prices, year.month_starts
    )

    for rate in list_rates(year.prices, 4):
        for member in rate.members.tolist():
            (alone,) = build_saving_curves(
                year.consumption_kwh[[member]],
                year.generation_kwh,
                rate.energy,
                rate.surplus,
                year.month_starts,
                rate.ceiling,
            )
            np.testing.assert_allclose(curves[member].values, alone.values, atol=1e-12)
