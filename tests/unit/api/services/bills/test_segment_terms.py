"""Terms by their days: law of the day or of another year, until any of its figures changes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.bills.law_terms import SupplyFacts
from api.services.bills.segment_terms import LawChoice, UnknownLawError, state_terms
from models.regulation.supply_scopes import SupplyUse
from models.values.calendar import Zone
from models.values.tariff import Tariff
from tests.support.retail_bills import LAW_2026
from tests.support.stored_bills import HOME, contracts_of

WISH = contracts_of(HOME).contract[0]
FACTS = SupplyFacts(
    Tariff.LOW_VOLTAGE_UP_TO_15_KW, Zone.PENINSULA, Decimal("4.6"), SupplyUse.DWELLING
)


def starts(start: date, end: date, choice: LawChoice) -> list[date]:
    terms = state_terms(start, end, facts=FACTS, wish=WISH, choice=choice)
    return [segment.start for segment in terms.segments]


def test_the_law_of_2026_is_that_of_the_golden_bills() -> None:
    terms = state_terms(
        date(2026, 1, 1), date(2026, 2, 1), facts=FACTS, wish=WISH, choice=LawChoice()
    )
    law = terms.segments[0].regulated

    for name in (
        "energy_tolls_eur_per_kwh",
        "power_tolls_eur_per_kw_year",
        "year_days",
        "electricity_tax_share",
        "electricity_tax_least_eur_per_mwh",
        "sales_tax",
        "sales_tax_share",
        "power_control",
    ):
        assert getattr(law, name) == getattr(LAW_2026, name)
    assert law.social_bonus_financing.eur == Decimal("0.019121225")  # 6.979247 / 365


def test_days_are_cut_where_a_figure_changes() -> None:
    assert starts(date(2026, 1, 1), date(2027, 1, 1), LawChoice()) == [
        date(2026, 1, 1),
        date(2026, 3, 22),  # both taxes fall (RDL 7/2026)
        date(2026, 6, 1),  # and rise
        date(2026, 6, 26),  # financing of the social bonus (TED/634/2026)
        date(2026, 7, 1),
        date(2026, 11, 1),  # open months (RDL 25/2026)
        date(2026, 12, 1),
    ]


def test_another_years_law_is_cut_on_its_own_days_and_at_new_year() -> None:
    found = starts(date(2022, 12, 1), date(2023, 4, 1), LawChoice(year=2026))

    assert found == [date(2022, 12, 1), date(2023, 1, 1), date(2023, 3, 22)]


@pytest.mark.parametrize(
    ("day", "year", "law_day", "law_end", "end"),
    [
        (date(2024, 2, 29), 2026, date(2026, 2, 28), date(2026, 3, 1), date(2024, 3, 1)),
        (date(2024, 2, 29), 2028, date(2028, 2, 29), date(2028, 3, 1), date(2024, 3, 1)),
        (date(2024, 2, 28), 2028, date(2028, 2, 28), date(2028, 2, 29), date(2024, 2, 29)),
        (date(2025, 2, 28), 2028, date(2028, 2, 28), date(2028, 2, 29), date(2025, 3, 1)),
    ],
)
def test_leap_days(day: date, year: int, law_day: date, law_end: date, end: date) -> None:
    choice = LawChoice(year=year)
    assert choice.day_of_law(day) == law_day
    assert choice.end_of_terms(day, law_end) == end


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(2000, 2099))
def test_a_day_of_law_is_in_its_year_and_terms_end_after_the_day(day: date, year: int) -> None:
    choice = LawChoice(year=year)
    law_day = choice.day_of_law(day)

    assert law_day.year == year
    assert law_day.month == day.month
    tomorrow = date.fromordinal(min(law_day.toordinal() + 1, date.max.toordinal()))
    assert day < choice.end_of_terms(day, tomorrow) <= date(day.year + 1, 1, 1)
    assert choice.end_of_terms(day, None) == date(day.year + 1, 1, 1)


def test_an_unknown_day_is_named() -> None:
    with pytest.raises(UnknownLawError) as refused:
        starts(date(2026, 12, 15), date(2027, 1, 15), LawChoice())

    assert refused.value.day == date(2027, 1, 1)
