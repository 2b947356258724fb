"""The tax on electricity, day by day at its borders."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.assumptions import Assumption
from models.regulation.dated_figures import UnknownFigureError
from models.regulation.electricity_tax import (
    TaxedUse,
    electricity_tax_on,
    least_electricity_tax_on,
    taxed_use_of,
)
from models.values.certainty import Certainty
from models.values.tariff import Tariff

FULL, CUT = Decimal("0.0511269632"), Decimal("0.005")
NOVEMBER = frozenset({Assumption.TAX_CUT_IN_NOVEMBER_2026})
DECEMBER = frozenset({Assumption.TAX_CUT_IN_DECEMBER_2026})


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2015, 1, 1), FULL),
        (date(2021, 9, 15), FULL),
        (date(2021, 9, 16), CUT),
        (date(2023, 12, 31), CUT),
        (date(2024, 1, 1), Decimal("0.025")),
        (date(2024, 3, 31), Decimal("0.025")),
        (date(2024, 4, 1), Decimal("0.038")),
        (date(2024, 6, 30), Decimal("0.038")),
        (date(2024, 7, 1), FULL),
        (date(2026, 3, 21), FULL),
        (date(2026, 3, 22), CUT),
        (date(2026, 5, 31), CUT),
        (date(2026, 6, 1), FULL),
        (date(2026, 10, 31), FULL),
        (date(2026, 11, 1), FULL),
        (date(2026, 12, 31), FULL),
        (date(2027, 1, 1), FULL),
    ],
)
def test_rate(day: date, rate: Decimal) -> None:
    assert electricity_tax_on(day).value == rate


@pytest.mark.parametrize(
    ("day", "in_november", "in_december"),
    [
        (date(2026, 10, 31), FULL, FULL),
        (date(2026, 11, 1), CUT, FULL),
        (date(2026, 11, 30), CUT, FULL),
        (date(2026, 12, 1), FULL, CUT),
        (date(2026, 12, 31), FULL, CUT),
        (date(2027, 1, 1), FULL, FULL),
    ],
)
def test_each_month_may_have_its_cut(day: date, in_november: Decimal, in_december: Decimal) -> None:
    assert electricity_tax_on(day, NOVEMBER).value == in_november
    assert electricity_tax_on(day, DECEMBER).value == in_december


def test_what_is_open_and_what_is_derived_says_so() -> None:
    days = (date(2026, 10, 31), date(2026, 11, 21), date(2026, 12, 1), date(2027, 1, 1))
    assert [electricity_tax_on(day).certainty for day in days] == [
        Certainty.VERIFIED,
        Certainty.OPEN,
        Certainty.OPEN,
        Certainty.DERIVED,
    ]
    assert electricity_tax_on(days[1]).alternatives == ((Assumption.TAX_CUT_IN_NOVEMBER_2026, CUT),)


def test_a_rate_changes_within_a_month() -> None:
    days = (date(2026, 3, 21), date(2026, 3, 22))
    assert [electricity_tax_on(day).value for day in days] == [FULL, CUT]


@pytest.mark.parametrize(
    ("use", "eur_by_mwh"), [(TaxedUse.INDUSTRIAL, "0.5"), (TaxedUse.OTHER, "1")]
)
def test_least_tax(use: TaxedUse, eur_by_mwh: str) -> None:
    figure = least_electricity_tax_on(date(2026, 4, 1), use)
    assert (figure.value, figure.unit) == (Decimal(eur_by_mwh), "EUR/MWh")


def test_high_voltage_counts_as_industrial() -> None:
    assert [taxed_use_of(tariff).value for tariff in Tariff] == ["other", "other", "industrial"]


def test_before_2015_nothing_is_known() -> None:
    with pytest.raises(UnknownFigureError, match="begins on 2015-01-01"):
        electricity_tax_on(date(2014, 12, 31))
