"""Prices of excess power, how it is billed, and the old bands of maximeters."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.dated_figures import UnknownFigureError
from models.regulation.excess_power import (
    ExcessRule,
    NoExcessPriceError,
    excess_prices_on,
    excess_rule_on,
)
from models.regulation.maximeter_bands import maximeter_bands_on
from models.values.certainty import Certainty
from models.values.tariff import Tariff

DAY = date(2026, 7, 1)
PRICES = [
    ("2.0TD", ExcessRule.MAXIMETER, ".279426 .005316"),
    ("3.0TD", ExcessRule.MAXIMETER, ".171373 .090584 .028721 .021891 .006142 .006142"),
    ("6.1TD", ExcessRule.MAXIMETER, ".275735 .146094 .054668 .038455 .000817 .000722"),
    ("3.0TD", ExcessRule.QUARTER_HOURS, "3.325715 1.757877 .557353 .424794 .119179 .119179"),
    ("6.1TD", ExcessRule.QUARTER_HOURS, "3.431797 1.818277 .680379 .478581 .010172 .008984"),
]


@pytest.mark.parametrize(("tariff", "rule", "prices"), PRICES)
def test_prices_of_2026(tariff: str, rule: ExcessRule, prices: str) -> None:
    figures = excess_prices_on(DAY, Tariff(tariff), rule)
    assert figures.values == tuple(map(Decimal, prices.split()))
    maximeter = rule is ExcessRule.MAXIMETER
    assert figures.unit == ("EUR/kW/day" if maximeter else "EUR/kW")
    assert figures.certainty is (Certainty.VERIFIED if maximeter else Certainty.RECALLED)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_prices_of_other_years_are_not_known(day: date) -> None:
    with pytest.raises(UnknownFigureError, match="excess power"):
        excess_prices_on(day, Tariff("3.0TD"), ExcessRule.MAXIMETER)


@pytest.mark.parametrize(
    ("tariff", "rule"),
    [("2.0TD", ExcessRule.QUARTER_HOURS), *((each, ExcessRule.SWITCH) for each in Tariff)],
)
def test_what_is_not_billed_has_no_price(tariff: str, rule: ExcessRule) -> None:
    with pytest.raises(NoExcessPriceError, match="excess_rule_on") as error:
        excess_prices_on(DAY, Tariff(tariff), rule)
    assert (error.value.tariff, error.value.rule) == (tariff, rule)


@pytest.mark.parametrize(
    ("contracted_kw", "rule"),
    [
        ("3.45", ExcessRule.SWITCH),
        ("15", ExcessRule.SWITCH),
        ("15.001", ExcessRule.MAXIMETER),
        ("50", ExcessRule.MAXIMETER),
        ("50.001", ExcessRule.QUARTER_HOURS),
        ("600", ExcessRule.QUARTER_HOURS),
    ],
)
def test_power_tells_how_excess_is_billed(contracted_kw: str, rule: ExcessRule) -> None:
    assert excess_rule_on(DAY, Decimal(contracted_kw)) is rule


def test_a_supply_that_cannot_be_cut_off_has_a_maximeter() -> None:
    assert excess_rule_on(DAY, Decimal(10), cut_off=False) is ExcessRule.MAXIMETER


@pytest.mark.parametrize("day", [date(2002, 1, 1), date(2021, 5, 31)])
def test_bands_of_maximeters(day: date) -> None:
    bands = maximeter_bands_on(day)
    figures = (bands.least_share, bands.most_share, bands.excess_factor)
    assert [figure.value for figure in figures] == [Decimal("0.85"), Decimal("1.05"), Decimal(2)]
    assert all("RD 1164/2001" in figure.source for figure in figures)


@pytest.mark.parametrize("day", [date(2001, 12, 31), date(2021, 6, 1), DAY])
def test_the_bands_are_not_in_force(day: date) -> None:
    with pytest.raises(UnknownFigureError, match="ends before 2021-06-01"):
        maximeter_bands_on(day)
