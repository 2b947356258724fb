"""The billed days: bills of at most a month, and where the intervals of the days are."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.bills.billed_days import BilledDays, BilledPeriodError
from models.values.calendar import Step, Zone
from models.values.tariff import Tariff

MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("start", "end", "firsts"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), ["2026-03-01", "2026-04-01"]),
        (date(2025, 12, 18), date(2026, 1, 18), ["2025-12-18", "2026-01-18"]),
        (date(2026, 3, 1), date(2026, 4, 2), ["2026-03-01", "2026-04-01", "2026-04-02"]),
        (
            date(2026, 1, 31),
            date(2026, 4, 30),
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
    ],
)
def test_up_to_a_month_is_one_bill(start: date, end: date, firsts: list[str]) -> None:
    days = BilledDays(start, end, MADRID)

    assert [day.isoformat() for day in days.bill_days] == firsts


@given(st.dates(date(2000, 1, 1), date(2098, 1, 1)), st.integers(1, 366))
def test_no_bill_is_longer_than_the_law_allows_a_compensation(start: date, n_days: int) -> None:
    days = BilledDays(start, date.fromordinal(start.toordinal() + n_days), MADRID)

    lengths = np.diff([day.toordinal() for day in days.bill_days])
    assert lengths.sum() == n_days
    assert lengths.min() > 0
    assert lengths.max() <= 31


def test_intervals_of_the_days_are_found_across_years_and_clock_changes() -> None:
    days = BilledDays(date(2025, 12, 30), date(2026, 4, 1), MADRID)

    starts = days.starts(Step.HOUR)
    assert starts[0] == np.datetime64("2025-12-29T23:00")
    assert starts[-1] == np.datetime64("2026-03-31T21:00")
    assert (np.diff(starts) == np.timedelta64(3600, "s")).all()
    assert starts.size == (2 + 31 + 28 + 31) * 24 - 1
    assert [(month.year, month.number) for month in days.months] == [
        (2025, 12), (2026, 1), (2026, 2), (2026, 3),
    ]  # fmt: skip
    span = days.span(Step.HOUR)
    assert (span.start, span.stop - span.start) == (29 * 24, starts.size)
    periods = days.tariff_periods(Zone.PENINSULA, Tariff.LOW_VOLTAGE_UP_TO_15_KW, Step.HOUR)
    assert periods.size == starts.size
    assert periods[:11].tolist() == [3] * 8 + [2, 2, 1]  # 30 December is a Tuesday


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (date(2026, 1, 2), date(2026, 1, 1), "the end is not after the start"),
        (date(1999, 12, 1), date(2000, 2, 1), "of the years 2000 to 2099"),
        (date(2099, 12, 1), date(2100, 2, 1), "of the years 2000 to 2099"),
        (date(2000, 1, 1), date(2005, 1, 2), "at most 60 months"),
        (date(2000, 1, 1), date(2100, 1, 1), "at most 60 months"),
    ],
)
def test_days_that_cannot_be_billed(start: date, end: date, told: str) -> None:
    with pytest.raises(BilledPeriodError, match=told) as refused:
        BilledDays(start, end, MADRID)

    assert (refused.value.start, refused.value.end) == (start, end)


def test_five_years_may_be_billed() -> None:
    days = BilledDays(date(2000, 1, 1), date(2005, 1, 1), MADRID)

    assert len(days.bill_days) == 61
