from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidArgumentError
from planner.billing.retail.power_advice import (
    ChangeCost,
    NoPowerFitsError,
    PowerYear,
    advise_power,
)
from tests.support.retail_bills import figures

COST = ChangeCost(*figures("9.04 9.04 19.703137 17.374714"))
NORMALISED = figures("2.3 3.45 4.6 5.75 6.9 8.05 9.2 10.35 11.5 14.49")
HOME = PowerYear(
    contracted_kw=figures("5.75 5.75"),
    maxima_w=np.array([[3_100, 2_000], [3_460, 4_500]]),
    days=np.array([184, 181]),
    eur_per_kw_year=figures("27.704413 0.725423"),
)
SHOP = PowerYear(
    contracted_kw=figures("20 20 20 20 20 20"),
    maxima_w=np.array([[16_000, 22_000, 15_000, 12_000, 9_000, 30_000]]),
    days=np.array([365]),
    eur_per_kw_year=figures("20.376927 10.617621 4.481534 3.886333 2.513851 1.442287"),
    excess_eur_per_kw_day=figures("0.171373 0.090584 0.028721 0.021891 0.006142 0.006142"),
)


def test_a_switch_needs_the_power_of_every_maximum() -> None:
    advice = advise_power(HOME, NORMALISED, COST)

    assert advice.powers_kw == figures("4.6 4.6")
    # 4.6 x (27.704413 + 0.725423) = 130.777; 5.75 x 28.429836 = 163.472
    assert advice.yearly_eur == Decimal("130.78")
    assert advice.current_yearly_eur == Decimal("163.47")
    assert advice.change_cost_eur == Decimal("9.04")
    assert advice.payback_years == Decimal("0.28")  # 9.04 / 32.69


def test_periods_of_two_are_chosen_freely() -> None:
    powers = figures("3.4 3.5 3.6 4.5")
    advice = advise_power(HOME, powers, COST)

    assert advice.powers_kw == figures("3.5 4.5")


def choose_slowly(year: PowerYear, powers: tuple[Decimal, ...]) -> Fraction:
    """Try every ascending combination."""
    prices, excess = year.eur_per_kw_year, year.excess_eur_per_kw_day
    assert excess is not None
    n_days = int(year.days.sum())

    def cost(chosen: tuple[Decimal, ...]) -> Fraction:
        total = Fraction(0)
        for place, power in enumerate(chosen):
            total += Fraction(power) * Fraction(prices[place]) * n_days / year.year_days
            for bill, days in enumerate(year.days.tolist()):
                above = Fraction(int(year.maxima_w[bill, place]), 1000) - Fraction(power)
                total += max(above, Fraction(0)) * Fraction(excess[place]) * days
        return total * year.year_days / n_days

    ascending = (p for p in product(powers, repeat=6) if list(p) == sorted(p))
    return min(map(cost, ascending))


@given(
    st.lists(st.lists(st.integers(0, 40_000), min_size=6, max_size=6), min_size=1, max_size=3),
    st.sets(st.sampled_from(figures("5 9.5 15.1 16 20 22 30 40")), min_size=1, max_size=5),
)
def test_six_periods_are_as_cheap_as_any_ascending_combination(
    maxima: list[list[int]], powers: set[Decimal]
) -> None:
    year = replace(SHOP, maxima_w=np.array(maxima), days=np.full(len(maxima), 30))
    offered = tuple(sorted(powers))
    advice = advise_power(year, offered, COST)

    assert list(advice.powers_kw) == sorted(advice.powers_kw)
    exact = choose_slowly(year, offered)
    assert advice.yearly_eur == Decimal(round(exact * 100 + Fraction(1, 10**9))).scaleb(-2)


def test_the_tariff_asks_for_more_than_fifteen_kilowatts_in_the_last_period() -> None:
    year = replace(SHOP, maxima_w=np.full((1, 6), 8_000))
    powers = figures("8 12 15 15.001 16")

    assert advise_power(year, powers, COST).powers_kw[-1] == 8
    advice = advise_power(year, powers, COST, greatest_above_kw=Decimal(15))
    assert advice.powers_kw == figures("8 8 8 8 8 15.001")


def test_power_that_rises_pays_rights_and_power_that_stays_nothing() -> None:
    old, new = figures("4.6 4.6"), figures("5.75 5.75")

    # 9.04 + 1.15 x (19.703137 + 17.374714) = 51.6795
    assert COST.of(old, new) == Decimal("51.68")
    # Rights to 5.5 kW: 9.04 + 1.15 x 19.703137 + 0.25 x 17.374714 = 36.0423
    assert replace(COST, rights_kw=Decimal("5.5")).of(old, new) == Decimal("36.04")
    assert replace(COST, rights_kw=Decimal(9)).of(old, new) == Decimal("31.70")
    assert COST.of(new, old) == Decimal("9.04")
    assert COST.of(old, old) == Decimal("0.00")


def test_what_is_best_already_never_pays_back() -> None:
    advice = advise_power(replace(HOME, contracted_kw=figures("4.6 4.6")), NORMALISED, COST)

    assert advice.change_cost_eur == Decimal("0.00")
    assert advice.payback_years is None


def test_power_may_be_changed_once_a_year() -> None:
    advice = advise_power(HOME, NORMALISED, COST, last_changed_on=date(2025, 3, 1))

    assert advice.allowed_from == date(2026, 3, 1)
    assert not advice.is_allowed_on(date(2026, 2, 28))
    assert advice.is_allowed_on(date(2026, 3, 1))
    assert advise_power(HOME, NORMALISED, COST).is_allowed_on(date(2026, 1, 1))
    at_once = advise_power(
        HOME, NORMALISED, COST, last_changed_on=date(2025, 3, 1), months_between_changes=0
    )
    assert at_once.allowed_from == date(2025, 3, 1)


def test_demand_that_no_power_reaches_is_infeasible() -> None:
    with pytest.raises(NoPowerFitsError, match="no listed power"):
        advise_power(HOME, figures("2.3 3.45"), COST)
    with pytest.raises(NoPowerFitsError, match="no listed power"):
        advise_power(SHOP, figures("10 15"), COST, greatest_above_kw=Decimal(15))


@pytest.mark.parametrize("powers", [(), figures("0 1"), figures("2 1"), figures("1 1")])
def test_powers_ascend_from_above_zero(powers: tuple[Decimal, ...]) -> None:
    with pytest.raises(InvalidArgumentError, match="ascending order"):
        advise_power(HOME, powers, COST)


@pytest.mark.parametrize(
    "wrong",
    [
        {"contracted_kw": figures("1 2 3")},
        {"eur_per_kw_year": figures("1")},
        {"maxima_w": np.zeros((2, 6), np.int64)},
        {"excess_eur_per_kw_day": figures("1")},
        {"days": np.array([365])},
    ],
)
def test_a_year_of_power_is_of_two_or_six_periods(wrong: dict) -> None:
    with pytest.raises(InvalidArgumentError, match="2 or 6 periods"):
        replace(HOME, **wrong)
