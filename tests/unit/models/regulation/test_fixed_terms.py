"""What a bill bears besides tolls and taxes: meter, bonus, margin, losses, days of a year."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.regulation.assumptions import Assumption
from models.regulation.dated_figures import UnknownFigureError
from models.regulation.loss_coefficients import loss_coefficients_on
from models.regulation.meter_rental import MeterKind, meter_rental_on
from models.regulation.power_year import days_of_power_year_on
from models.regulation.regulated_price import regulated_margin_on, regulated_power_limit_on
from models.regulation.social_bonus import (
    Vulnerability,
    bonus_discount_on,
    bonus_financing_on,
)
from models.values.certainty import Certainty
from models.values.period import Period
from models.values.tariff import Tariff

DAY = date(2026, 11, 21)
SHORT_YEARS = frozenset({Assumption.POWER_YEAR_OF_365_DAYS})
LATE = frozenset({Assumption.BONUS_FINANCING_FROM_JULY_2026})


@pytest.mark.parametrize(
    ("kind", "rent"), [(MeterKind.SINGLE_PHASE, "0.81"), (MeterKind.THREE_PHASE, "1.36")]
)
def test_rent_of_a_meter(kind: MeterKind, rent: str) -> None:
    figure = meter_rental_on(DAY, kind)
    assert (figure.value, figure.unit) == (Decimal(rent), "EUR/month")
    assert figure.certainty is Certainty.VERIFIED
    assert meter_rental_on(date(2020, 1, 1), kind) == figure


@pytest.mark.parametrize(
    ("day", "eur_by_day"),
    [
        (date(2024, 1, 1), "0.006282"),
        (date(2024, 12, 31), "0.006282"),
        (date(2025, 1, 1), "0.012742"),
        (date(2025, 12, 31), "0.012742"),
        (date(2026, 1, 1), "0.019121225"),  # 6.979247 / 365
        (date(2026, 6, 25), "0.019121225"),
        (date(2026, 6, 26), "0.024688479"),  # 9.011295 / 365
        (date(2026, 12, 31), "0.024688479"),
    ],
)
def test_financing_of_the_bonus(day: date, eur_by_day: str) -> None:
    figure = bonus_financing_on(day)
    assert (figure.value, figure.unit) == (Decimal(eur_by_day), "EUR/day")


@pytest.mark.parametrize(
    ("day", "by_default", "from_july"),
    [
        (date(2026, 6, 25), "0.019121225", "0.019121225"),
        (date(2026, 6, 26), "0.024688479", "0.019121225"),
        (date(2026, 6, 30), "0.024688479", "0.019121225"),
        (date(2026, 7, 1), "0.024688479", "0.024688479"),
    ],
)
def test_two_days_on_which_the_new_financing_may_begin(
    day: date, by_default: str, from_july: str
) -> None:
    assert bonus_financing_on(day).value == Decimal(by_default)
    assert bonus_financing_on(day, LATE).value == Decimal(from_july)


def test_the_doubtful_days_say_so() -> None:
    figure = bonus_financing_on(date(2026, 6, 28))
    assert figure.certainty is Certainty.RECALLED
    assert figure.alternatives == (
        (Assumption.BONUS_FINANCING_FROM_JULY_2026, Decimal("0.019121225")),
    )
    assert figure.period == Period(date(2026, 6, 26), date(2026, 7, 1))


def test_financing_of_2027_is_not_known() -> None:
    with pytest.raises(UnknownFigureError, match="2027-01-01"):
        bonus_financing_on(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("day", "vulnerable", "severe"),
    [
        (date(2024, 1, 1), "0.65", "0.8"),
        (date(2024, 9, 30), "0.65", "0.8"),
        (date(2024, 10, 1), "0.575", "0.725"),
        (date(2024, 12, 31), "0.575", "0.725"),
        (date(2025, 1, 1), "0.5", "0.65"),
        (date(2025, 6, 30), "0.5", "0.65"),
        (date(2025, 7, 1), "0.425", "0.575"),
        (date(2026, 1, 1), "0.425", "0.575"),
        (date(2026, 12, 31), "0.425", "0.575"),
    ],
)
def test_discount_of_the_bonus(day: date, vulnerable: str, severe: str) -> None:
    assert bonus_discount_on(day, Vulnerability.VULNERABLE).value == Decimal(vulnerable)
    assert bonus_discount_on(day, Vulnerability.SEVERE).value == Decimal(severe)


def test_only_the_discount_of_2026_was_read_in_the_law() -> None:
    sure = [
        bonus_discount_on(date(year, 8, 1), Vulnerability.SEVERE) for year in (2024, 2025, 2026)
    ]
    assert [figure.certainty.value for figure in sure] == ["R", "R", "V"]
    with pytest.raises(UnknownFigureError, match="ends before 2027-01-01"):
        bonus_discount_on(date(2027, 1, 1), Vulnerability.SEVERE)


def test_the_regulated_price() -> None:
    assert (regulated_margin_on(DAY).value, regulated_margin_on(DAY).unit) == (
        Decimal("3.113"),
        "EUR/kW/year",
    )
    limit = regulated_power_limit_on(DAY)
    assert (limit.value, limit.unit) == (Decimal(10), "kW")


@pytest.mark.parametrize(
    ("tariff", "shares"),
    [
        ("2.0TD", ".167 .163 .180"),
        ("3.0TD", ".166 .175 .165 .165 .138 .180"),
        ("6.1TD", ".067 .068 .065 .065 .043 .077"),
    ],
)
def test_losses(tariff: str, shares: str) -> None:
    assert loss_coefficients_on(DAY, Tariff(tariff)).values == tuple(map(Decimal, shares.split()))
    with pytest.raises(UnknownFigureError, match=f"losses of {tariff}"):
        loss_coefficients_on(date(2021, 5, 31), Tariff(tariff))


@given(st.dates(date(2021, 6, 1), date(2060, 12, 31)))
def test_a_year_has_as_many_days_as_the_calendar(day: date) -> None:
    days = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    figure = days_of_power_year_on(day)
    assert figure.value == days
    assert figure.period.contains(day)
    assert figure.period.end == date(day.year + 1, 1, 1)
    assert days_of_power_year_on(day, SHORT_YEARS).value == 365


def test_a_leap_year_begins_with_its_first_day() -> None:
    days = (date(2023, 12, 31), date(2024, 1, 1))
    assert [int(days_of_power_year_on(day).value) for day in days] == [365, 366]


def test_the_first_year_begins_with_the_table() -> None:
    assert days_of_power_year_on(date(2021, 6, 1)).period.start == date(2021, 6, 1)
    with pytest.raises(UnknownFigureError, match="days of a year"):
        days_of_power_year_on(date(2021, 5, 31))
