"""The planner's euros against the exact bills: equal but for rounding and what is not linear."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from planner.billing.retail.contract import CapBase, ConstantPrice
from planner.billing.simulator import simulate_year
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.feasibility import MILLIONTHS
from planner.goal import Goal, Objective
from tests.support.priced_years import (
    BONUS,
    INDEXED,
    LITTLE_FOR_MUCH,
    PricedYear,
    make_priced_year,
)
from tests.support.retail_bills import HOME, LAW_2026, LOW_TAXES, figures

EUR_OF_ROUNDING = 0.17
"""Of a saving on a bill: thirteen lines that energy moves, half a cent each, on two bills, taxed
at 27 %; what is rounded to Wh is less than the last digit."""


def save_by_prices(priced: PricedYear, beta: np.ndarray) -> np.ndarray:
    """Save at the marginal prices, shape (n_members, n_bills) [EUR]."""
    year = priced.year
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
    return settled.savings_eur


def grid_of_shares(n_members: int, n_steps: int) -> np.ndarray:
    """List every coefficient vector in equal steps that sums to one."""
    counts = product(range(n_steps + 1), repeat=n_members)
    return np.array([each for each in counts if sum(each) == n_steps]) / n_steps


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sun_kwh", [0.8, 3.0, 12.0])
def test_marginal_prices_give_the_difference_of_the_exact_bills(seed, sun_kwh):
    priced = make_priced_year((HOME, INDEXED, BONUS, LITTLE_FOR_MUCH), seed=seed, sun_kwh=sun_kwh)
    betas = np.random.default_rng(seed).dirichlet(np.full(4, 0.7), 10)

    exact = priced.save_exactly(betas)
    linear = np.stack([save_by_prices(priced, beta) for beta in betas])

    assert np.abs(exact - linear).max() <= EUR_OF_ROUNDING
    assert np.abs(exact - linear).mean() < 0.02


@pytest.mark.parametrize(
    "contracts",
    [(HOME, INDEXED, BONUS), (LITTLE_FOR_MUCH, HOME, INDEXED), (BONUS, LITTLE_FOR_MUCH)],
)
@pytest.mark.parametrize("sun_kwh", [1.5, 6.0])
def test_no_coefficients_of_a_grid_beat_the_planned_ones_on_the_exact_bills(contracts, sun_kwh):
    priced = make_priced_year(contracts, sun_kwh=sun_kwh)
    n_members = len(contracts)
    tolerance = 2 * EUR_OF_ROUNDING * n_members * 2

    choice = choose_coefficients(priced.year, Goal(Objective.SAVINGS))
    planned = choice.millionths / MILLIONTHS
    tried = priced.save_exactly(grid_of_shares(n_members, 20)).sum(axis=(1, 2))
    reached = float(priced.save_exactly(planned[np.newaxis]).sum())

    assert reached >= tried.max() - tolerance
    assert reached <= choice.upper_bound + tolerance / 2
    # A plan by one price for everybody would be worse than that on some of these.
    assert tried.max() - tried.min() > 2 * tolerance


def test_alike_contracts_share_a_rate_whatever_their_power():
    priced = make_priced_year((HOME, INDEXED, HOME))
    stronger = replace(priced.supplies[2], contracted_power_kw=(figures("9.2 9.2"),))
    supplies = (*priced.supplies[:2], stronger)
    again = replace(priced, supplies=supplies)

    prices = priced.year.prices
    assert len(prices.energy) == 2
    assert prices.rate_of[0] == prices.rate_of[2] != prices.rate_of[1]
    assert again.save_exactly(np.full((1, 3), 1 / 3)).shape == (1, 3, 2)


def test_the_least_electricity_tax_is_outside_by_no_more_than_itself_on_all_energy():
    law = replace(LOW_TAXES, electricity_tax_least_eur_per_mwh=Decimal(1))
    priced = make_priced_year((HOME, LITTLE_FOR_MUCH), law=law, sun_kwh=9.0)
    beta = np.array([0.5, 0.5])

    off = priced.save_exactly(beta[np.newaxis])[0] - save_by_prices(priced, beta)

    month_kwh = np.add.reduceat(priced.year.consumption_kwh, priced.year.month_starts, axis=1)
    bound = 0.001 * month_kwh * 1.10 + EUR_OF_ROUNDING
    assert (np.abs(off) <= bound).all()
    assert off.min() < -0.02  # The tax does rise to its minimum here.


def test_surplus_that_costs_but_is_not_charged_is_outside_by_its_worth():
    spilling = replace(HOME, surplus=ConstantPrice(figures("-0.02")), surplus_may_cost=False)
    priced = make_priced_year((spilling, HOME), sun_kwh=6.0)
    beta = np.array([0.9, 0.1])

    off = (priced.save_exactly(beta[np.newaxis])[0] - save_by_prices(priced, beta))[0]

    allocated = 0.9 * priced.year.generation_kwh
    spilled = np.maximum(allocated - priced.year.consumption_kwh[0], 0.0)
    worth = 0.02 * np.add.reduceat(spilled, priced.year.month_starts)
    taxed = worth * (1 + 0.0511269632) * 1.21
    np.testing.assert_allclose(off, taxed, atol=EUR_OF_ROUNDING)


def test_taxes_that_change_within_a_bill_are_outside_by_their_difference_on_capped_bills():
    change = date(2026, 1, 11)
    law = (LAW_2026, LOW_TAXES, LOW_TAXES)
    free = replace(law[1], electricity_tax_least_eur_per_mwh=Decimal(0))
    law = (replace(law[0], electricity_tax_least_eur_per_mwh=Decimal(0)), free, free)
    priced = make_priced_year((LITTLE_FOR_MUCH, HOME), sun_kwh=12.0, law=law, changes=(change,))
    betas = grid_of_shares(2, 20)

    exact = priced.save_exactly(betas)
    linear = np.stack([save_by_prices(priced, beta) for beta in betas])

    difference = 1.0511269632 * 1.21 - 1.005 * 1.10
    month_kwh = np.add.reduceat(priced.year.consumption_kwh, priced.year.month_starts, axis=1)
    bound = difference * 0.2 * month_kwh + EUR_OF_ROUNDING
    assert (np.abs(exact - linear) <= bound).all()
    assert np.abs(exact - linear)[..., 1].max() <= EUR_OF_ROUNDING  # February has one tax.


def test_the_cap_without_tolls_is_the_ceiling():
    with_tolls = make_priced_year((replace(INDEXED, cap_base=CapBase.ENERGY_TERM),)).year.prices
    without = make_priced_year((INDEXED,)).year.prices

    tolls = np.array([0.097553, 0.029267, 0.003292])
    periods = make_priced_year((INDEXED,)).grid.tariff_periods - 1
    taxes = 1.0511269632 * 1.21

    np.testing.assert_allclose(with_tolls.ceiling, with_tolls.energy)
    np.testing.assert_allclose(without.energy - without.ceiling, [tolls[periods] * taxes])
