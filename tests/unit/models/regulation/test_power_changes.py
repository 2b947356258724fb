"""What a change of power costs, how often it may come, and late activation."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.assumptions import Assumption
from models.regulation.dated_figures import UnknownFigureError, read_figures
from models.regulation.late_activation import LateActivation, late_activation_on
from models.regulation.power_changes import (
    PowerChangeRule,
    PowerRight,
    power_change_rule_on,
    power_right_on,
)
from models.values.certainty import Certainty
from models.values.tariff import Tariff

DAY = date(2026, 11, 21)
FREE = frozenset({Assumption.POWER_REDUCTIONS_ARE_FREE})
BUSINESS = frozenset({Assumption.BUSINESS_CHANGES_POWER_FREELY})


@pytest.mark.parametrize(
    ("right", "low", "high", "unit"),
    [
        (PowerRight.ACCESS, "19.703137", "16.992675", "EUR/kW"),
        (PowerRight.EXTENSION, "17.374714", "15.718632", "EUR/kW"),
        (PowerRight.HOOK_UP, "9.044760", "79.868210", "EUR"),
        (PowerRight.REDUCTION, "9.044760", "79.868210", "EUR"),
        (PowerRight.VERIFICATION, "8.011716", "54.964484", "EUR"),
    ],
)
def test_prices_of_rights(right: PowerRight, low: str, high: str, unit: str) -> None:
    figures = [power_right_on(DAY, right, tariff) for tariff in Tariff]
    assert [figure.value for figure in figures] == [Decimal(low), Decimal(low), Decimal(high)]
    assert {figure.unit for figure in figures} == {unit}


def test_less_power_may_be_free() -> None:
    for tariff in Tariff:
        assert power_right_on(DAY, PowerRight.REDUCTION, tariff, FREE).value == 0
        assert power_right_on(DAY, PowerRight.HOOK_UP, tariff, FREE).value > 0


@pytest.mark.parametrize(
    ("day", "months", "of_a_business"),
    [
        (date(2002, 1, 1), 12, 12),
        (date(2026, 2, 11), 12, 12),
        (date(2026, 2, 12), 12, 12),
        (date(2026, 3, 21), 12, 12),
        (date(2026, 3, 22), 12, 0),
        (date(2026, 12, 31), 12, 0),
        (date(2027, 1, 1), 12, 12),
    ],
)
def test_one_change_a_year(day: date, months: int, of_a_business: int) -> None:
    rule = PowerChangeRule.MONTHS_BETWEEN
    assert power_change_rule_on(day, rule).value == months
    assert power_change_rule_on(day, rule, BUSINESS).value == of_a_business


@pytest.mark.parametrize(
    ("rule", "years"),
    [
        (PowerChangeRule.CONTRACT_YEARS_TO_VERIFICATION, 20),
        (PowerChangeRule.YEARS_OF_EXTENSION, 3),
    ],
)
def test_years_that_count(rule: PowerChangeRule, years: int) -> None:
    figure = power_change_rule_on(DAY, rule)
    assert (figure.value, figure.unit) == (years, "years")


def test_the_rule_in_force_was_read_in_the_law() -> None:
    assert [
        power_change_rule_on(day, PowerChangeRule.MONTHS_BETWEEN).certainty
        for day in (date(2025, 1, 1), DAY)
    ] == [Certainty.RECALLED, Certainty.VERIFIED]


@pytest.mark.parametrize(
    ("figure", "value", "unit"),
    [
        (LateActivation.EQUIVALENT_HOURS, 1200, "h/year"),
        (LateActivation.MONTHS_TO_ACTIVATE, 2, "months"),
        (LateActivation.MOST_POWER, 100, "kW"),
    ],
)
def test_late_activation(figure: LateActivation, value: int, unit: str) -> None:
    found = late_activation_on(DAY, figure)
    assert (found.value, found.unit) == (value, unit)
    assert "16 bis" in found.source


def test_every_figure_of_a_table_has_a_name() -> None:
    rights = {f"{right} {voltage}" for right in PowerRight for voltage in ("low", "high")}
    assert set(read_figures("power_changes")) == rights | set(PowerChangeRule)
    assert set(read_figures("late_activation")) == set(LateActivation)


def test_before_article_16_bis_there_was_no_discount() -> None:
    with pytest.raises(UnknownFigureError, match="late activation"):
        late_activation_on(date(2022, 8, 1), LateActivation.EQUIVALENT_HOURS)
