"""The calendar of TARGET: published closing days, Easter, and terms counted on it."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from loaders.sepa.business_days import (
    ForeignYearError,
    add_business_days,
    find_collection_day,
    find_easter,
    is_business_day,
)
from models.values.errors import InvalidArgumentError

DAYS = st.dates(date(2002, 1, 1), date(2300, 12, 31))


def test_easter_as_another_library_has_it() -> None:
    assert [find_easter(year) for year in range(1583, 4100)] == [
        easter(year) for year in range(1583, 4100)
    ]


def test_closing_days_of_2026() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    closed = [day for day in year if day.weekday() < 5 and not is_business_day(day)]
    assert closed == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 12, 25),
    ]
    assert not is_business_day(date(2026, 12, 26))  # a Saturday anyway
    assert not is_business_day(date(2025, 12, 26))
    # holidays in Spain on which euros move
    assert is_business_day(date(2026, 1, 6))
    assert is_business_day(date(2026, 10, 12))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 4, 2), 0, date(2026, 4, 2)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 4, 4), 0, date(2026, 4, 7)),
        (date(2026, 4, 4), 1, date(2026, 4, 8)),
        (date(2026, 12, 24), 2, date(2026, 12, 29)),
    ],
)
def test_business_days_are_counted_over_closed_ones(day: date, count: int, expected: date) -> None:
    assert add_business_days(day, count) == expected


@given(day=DAYS, count=st.integers(0, 30))
def test_as_many_business_days_lie_between(day: date, count: int) -> None:
    reached = add_business_days(day, count)
    between = [day + timedelta(days=number) for number in range((reached - day).days)]
    first = next(each for each in [*between, reached] if is_business_day(each))
    assert sum(is_business_day(each) for each in between if each >= first) == count
    assert is_business_day(reached)


def test_a_collection_waits_for_the_bank_the_payer_and_the_term() -> None:
    def find(**changes: object) -> date:
        terms: dict[str, object] = {
            "sent_on": date(2026, 11, 20),
            "lead_business_days": 1,
            "notified_on": date(2026, 11, 20),
            "notice_days": 2,
        }
        return find_collection_day(**{**terms, **changes})  # type: ignore[arg-type]

    assert find() == date(2026, 11, 23)
    assert find(lead_business_days=3) == date(2026, 11, 25)
    assert find(notice_days=15) == date(2026, 12, 7)  # the 15th day is a Saturday
    assert find(not_before=date(2026, 12, 25)) == date(2026, 12, 28)
    assert find(not_before=date(2026, 1, 1)) == date(2026, 11, 23)


def test_days_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(ForeignYearError) as refusal:
        is_business_day(date(2001, 12, 31))
    assert refusal.value.day == date(2001, 12, 31)
    with pytest.raises(ForeignYearError):
        add_business_days(date(9999, 12, 31), 1)
    with pytest.raises(ForeignYearError):
        find_collection_day(
            sent_on=date(2026, 1, 1),
            lead_business_days=1,
            notified_on=date(9999, 12, 31),
            notice_days=1,
        )


def test_terms_do_not_go_backwards() -> None:
    with pytest.raises(InvalidArgumentError, match="-1 business days"):
        add_business_days(date(2026, 1, 1), -1)
    with pytest.raises(InvalidArgumentError, match="-1 days of notice"):
        find_collection_day(
            sent_on=date(2026, 1, 1),
            lead_business_days=1,
            notified_on=date(2026, 1, 1),
            notice_days=-1,
        )
