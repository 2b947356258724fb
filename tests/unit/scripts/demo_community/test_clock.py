"""Days off and hours on the wall of the invented community."""

import numpy as np
import pandas as pd
import pytest

from scripts.demo_community.clock import DayKind, read_clock


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2025-01-07", DayKind.WORKDAY),
        ("2025-01-11", DayKind.SATURDAY),
        ("2025-01-12", DayKind.SUNDAY),
        ("2025-01-06", DayKind.SUNDAY),
        ("2025-11-01", DayKind.SUNDAY),  # a holiday that falls on a Saturday
        ("2025-04-18", DayKind.SUNDAY),  # Good Friday
        ("2025-04-21", DayKind.SUNDAY),  # Easter Monday
        ("2025-03-19", DayKind.SUNDAY),
        ("2025-04-17", DayKind.WORKDAY),
    ],
)
def test_kind_of_day(day: str, kind: DayKind) -> None:
    clock = read_clock(2025)
    assert clock.day_kind[clock.dates == np.datetime64(day)].tolist() == [kind]


@pytest.mark.parametrize(("year", "friday"), [(2023, "2023-04-07"), (2024, "2024-03-29")])
def test_good_friday_moves(year: int, friday: str) -> None:
    clock = read_clock(year)
    assert clock.day_kind[clock.dates == np.datetime64(friday)].tolist() == [DayKind.SUNDAY]


def test_national_holidays_are_those_of_the_tariff() -> None:
    clock = read_clock(2025)
    days = clock.dates[clock.is_national_holiday].astype(str).tolist()
    assert [day.removeprefix("2025-") for day in days] == [
        *("01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"),
    ]


def test_hours_days_and_months_agree_with_pandas() -> None:
    clock = read_clock(2024)
    local = pd.date_range(
        "2024-01-01", "2025-01-01", freq="h", tz="Europe/Madrid", inclusive="left"
    )
    np.testing.assert_array_equal(clock.hour, local.hour)
    np.testing.assert_array_equal(clock.month, local.month)
    np.testing.assert_array_equal(clock.day_of_year, local.day_of_year)


def test_days_between_contain_both_ends() -> None:
    clock = read_clock(2025)
    days = clock.dates[clock.days_between((2, 27), (3, 2))]
    assert days.astype(str).tolist() == ["2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02"]


def test_a_value_a_day_is_met_at_noon_and_slides_between() -> None:
    clock = read_clock(2025)
    values = np.arange(365.0)
    hourly = clock.by_day(values)
    np.testing.assert_array_equal(hourly[clock.hour == 12], values)
    assert hourly[24] == 0.5  # midnight after the first day
    assert hourly[0] == 0
