"""The local calendar against pandas, which keeps time zones on its own."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values.calendar import (
    CLOCK_HOURS,
    HourIndex,
    Instants,
    Step,
    Zone,
    clock_hours,
    day_starts,
    file_hours,
    hours_of_file,
    is_rest_day,
    local_day,
    local_midnight,
    local_times,
    month_borders,
    month_starts,
    year_steps,
)

MADRID = "Europe/Madrid"
CANARY = "Atlantic/Canary"
PANDAS_FREQUENCY = {Step.HOUR: "h", Step.QUARTER_HOUR: "15min"}

# Clocks that went back in September and since 1996 in October, leap years, and years far ahead.
years = st.sampled_from([1990, 1995, 1996, 2000, 2023, 2024, 2026, 2060])
timezones = st.sampled_from([MADRID, CANARY])
steps = st.sampled_from(Step)


@cache
def expected_index(year: int, timezone: str, step: Step) -> pd.DatetimeIndex:
    """List a local year's intervals as pandas sees them."""
    return pd.date_range(
        f"{year}-01-01",
        f"{year + 1}-01-01",
        freq=PANDAS_FREQUENCY[step],
        tz=timezone,
        inclusive="left",
    )


def in_utc(index: pd.DatetimeIndex) -> Instants:
    return index.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[s]")


def on_the_wall(index: pd.DatetimeIndex) -> Instants:
    return index.tz_localize(None).to_numpy("datetime64[s]")


@given(year=years, timezone=timezones, step=steps)
@settings(max_examples=20)
def test_a_year_holds_the_intervals_that_pandas_lists(year: int, timezone: str, step: Step) -> None:
    expected = expected_index(year, timezone, step)
    np.testing.assert_array_equal(year_steps(year, timezone, step), in_utc(expected))


@given(year=years, timezone=timezones, step=steps)
@settings(max_examples=20)
def test_the_wall_clock_shows_what_pandas_shows(year: int, timezone: str, step: Step) -> None:
    expected = on_the_wall(expected_index(year, timezone, step))
    np.testing.assert_array_equal(local_times(year, timezone, step), expected)


@given(year=years, timezone=timezones, step=steps)
@settings(max_examples=20)
def test_months_and_days_begin_where_pandas_begins_them(
    year: int, timezone: str, step: Step
) -> None:
    local = expected_index(year, timezone, step)
    months = np.flatnonzero(np.diff(local.month, prepend=0))
    days = np.flatnonzero(np.diff(local.day_of_year, prepend=0))
    np.testing.assert_array_equal(month_starts(year, timezone, step), months)
    np.testing.assert_array_equal(day_starts(year, timezone, step), days)
    borders = month_borders(year, timezone)
    np.testing.assert_array_equal(borders[:-1], in_utc(local[months]))
    assert borders[-1] == year_steps(year + 1, timezone, step)[0]


@pytest.mark.parametrize(
    ("timezone", "day", "n_hours"),
    [
        (MADRID, "2023-03-26", 23),
        (MADRID, "2023-10-29", 25),
        (MADRID, "2025-03-30", 23),
        (MADRID, "2025-10-26", 25),
        (MADRID, "2026-03-29", 23),
        (CANARY, "2023-03-26", 23),
        (CANARY, "2023-10-29", 25),
        (MADRID, "2023-03-25", 24),
        (CANARY, "2023-10-30", 24),
    ],
)
@pytest.mark.parametrize("step", Step)
def test_days_of_clock_changes_are_shorter_or_longer(
    timezone: str, day: str, n_hours: int, step: Step
) -> None:
    year = int(day[:4])
    bounds = np.append(day_starts(year, timezone, step), year_steps(year, timezone, step).size)
    position = (np.datetime64(day) - np.datetime64(f"{year}-01-01")).astype(int)
    assert np.diff(bounds)[position] == n_hours * step.per_hour


@pytest.mark.parametrize(
    ("timezone", "march", "october"),
    [
        (MADRID, "2023-03-26T01:00:00", "2023-10-29T01:00:00"),
        (CANARY, "2023-03-26T01:00:00", "2023-10-29T01:00:00"),
    ],
)
def test_clocks_change_at_one_utc(timezone: str, march: str, october: str) -> None:
    starts = year_steps(2023, timezone, Step.HOUR)
    offset = (local_times(2023, timezone, Step.HOUR) - starts).astype(np.int64)
    changes = starts[1:][np.diff(offset) != 0].astype(str).tolist()
    assert changes == [march, october]
    assert np.diff(offset)[np.diff(offset) != 0].tolist() == [3600, -3600]


@pytest.mark.parametrize(("timezone", "missing", "repeated"), [(MADRID, 2, 2), (CANARY, 1, 1)])
def test_an_hour_is_missing_in_march_and_comes_twice_in_october(
    timezone: str, missing: int, repeated: int
) -> None:
    local = local_times(2023, timezone, Step.HOUR).astype("datetime64[h]").astype(str).tolist()
    assert f"2023-03-26T{missing:02}" not in local
    assert local.count(f"2023-10-29T{repeated:02}") == 2
    assert len(set(local)) == 8759


@pytest.mark.parametrize(
    ("year", "n_hours"), [(2023, 8760), (2024, 8784), (2000, 8784), (2100, 8760)]
)
@pytest.mark.parametrize("timezone", [MADRID, CANARY])
def test_a_year_has_8760_or_8784_hours(year: int, n_hours: int, timezone: str) -> None:
    assert year_steps(year, timezone, Step.HOUR).size == n_hours
    assert year_steps(year, timezone, Step.QUARTER_HOUR).size == 4 * n_hours


@pytest.mark.parametrize(
    ("day", "timezone", "instant"),
    [
        (date(2023, 1, 1), MADRID, "2022-12-31T23:00:00"),
        (date(2023, 7, 1), MADRID, "2023-06-30T22:00:00"),
        (date(2023, 1, 1), CANARY, "2023-01-01T00:00:00"),
        (date(2023, 7, 1), CANARY, "2023-06-30T23:00:00"),
        (date(2023, 3, 26), MADRID, "2023-03-25T23:00:00"),
        (date(2023, 3, 27), MADRID, "2023-03-26T22:00:00"),
    ],
)
def test_a_local_day_begins_at_its_own_midnight(day: date, timezone: str, instant: str) -> None:
    assert local_midnight(day, timezone) == np.datetime64(instant)


@given(second=st.integers(631_152_000, 2_840_140_800), timezone=timezones)
def test_a_local_day_runs_from_its_midnight_to_the_next(second: int, timezone: str) -> None:
    day = local_day(datetime.fromtimestamp(second, UTC), timezone)
    moment = np.datetime64(second, "s")
    assert local_midnight(day, timezone) <= moment
    assert moment < local_midnight(day + timedelta(days=1), timezone)


@pytest.mark.parametrize("cached", [year_steps, local_times])
def test_shared_answers_cannot_be_written(cached: object) -> None:
    assert callable(cached)
    with pytest.raises(ValueError, match="read-only"):
        cached(2023, MADRID, Step.HOUR)[0] = np.datetime64("2000-01-01")


def test_shared_borders_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        month_borders(2023, MADRID)[0] = np.datetime64("2000-01-01")


@pytest.mark.parametrize(
    ("zone", "timezone"),
    [
        (Zone.PENINSULA, MADRID),
        (Zone.BALEARES, MADRID),
        (Zone.CANARIAS, CANARY),
        (Zone.CEUTA, MADRID),
        (Zone.MELILLA, MADRID),
    ],
)
def test_a_zone_has_its_clock(zone: Zone, timezone: str) -> None:
    assert zone.timezone == timezone


def test_steps_have_their_published_names() -> None:
    assert [(step.value, step.seconds, step.per_hour) for step in Step] == [
        ("PT1H", 3600, 1),
        ("PT15M", 900, 4),
    ]


# The clock goes from 1:59 to 3:00 on 26 March 2023 (the 85th day), and from 2:59 back to 2:00 on
# 29 October (the 302nd day).
@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [
        (0, 3, [0, 1, 2]),
        (84 * 24, 4, [84 * 24, 84 * 24 + 1, 84 * 24 + 3, 84 * 24 + 4]),
        (301 * 24 - 1, 5, [301 * 24 + hour for hour in (0, 1, 2, 2, 3)]),
        (8758, 2, [8758, 8759]),
    ],
)
def test_clock_hours_around_changes_of_the_clock(
    first: int, count: int, expected: list[int]
) -> None:
    hours = clock_hours(2023, MADRID, Step.HOUR)
    assert hours[first : first + count].tolist() == expected
    quarters = clock_hours(2023, MADRID, Step.QUARTER_HOUR)
    assert quarters.tolist() == np.repeat(hours, 4).tolist()


def test_clock_hours_of_a_leap_year_repeat_28_february() -> None:
    hours = clock_hours(2024, CANARY, Step.HOUR)
    assert hours.size == 8784
    assert hours[58 * 24 : 59 * 24].tolist() == list(range(58 * 24, 59 * 24))
    assert hours[59 * 24 : 60 * 24].tolist() == list(range(58 * 24, 59 * 24))
    assert hours[60 * 24 : 60 * 24 + 2].tolist() == [59 * 24, 59 * 24 + 1]
    assert hours[-1] == CLOCK_HOURS - 1


@given(year=years, timezone=timezones, step=steps)
@settings(max_examples=20)
def test_clock_hours_count_what_pandas_shows(year: int, timezone: str, step: Step) -> None:
    local = expected_index(year, timezone, step).tz_localize(None)
    day = local.day_of_year - 1 - (local.is_leap_year & (local.day_of_year >= 60))
    np.testing.assert_array_equal(clock_hours(year, timezone, step), day * 24 + local.hour)


MARCH, OCTOBER = 84 * 24 + 2, 301 * 24 + 2  # file hours of the changes of 2023
FEBRUARY_28 = 58 * 24


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("timezone", [MADRID, CANARY])
def test_hours_in_real_time_count_up(timezone: str, step: Step) -> None:
    hours = file_hours(2023, timezone, step, HourIndex.REAL_TIME)
    assert hours.tolist() == np.repeat(np.arange(CLOCK_HOURS), step.per_hour).tolist()
    leap = file_hours(2024, timezone, step, HourIndex.REAL_TIME)
    until = FEBRUARY_28 + 24
    expected = [*range(until), *range(FEBRUARY_28, CLOCK_HOURS)]
    assert leap.tolist() == np.repeat(expected, step.per_hour).tolist()


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_two_readings_differ_by_one_hour_in_summer(year: int) -> None:
    by_clock = file_hours(year, MADRID, Step.HOUR, HourIndex.CLOCK)
    np.testing.assert_array_equal(by_clock, clock_hours(year, MADRID, Step.HOUR))
    ahead = by_clock - file_hours(year, MADRID, Step.HOUR, HourIndex.REAL_TIME)
    local = expected_index(year, MADRID, Step.HOUR)
    is_summer = np.array([instant.dst() != timedelta(0) for instant in local])
    np.testing.assert_array_equal(ahead, is_summer.astype(int))


def test_hours_of_a_file_by_the_clock() -> None:
    positions = hours_of_file(2023, MADRID, HourIndex.CLOCK)
    # 02:00 does not come in March: as at 01:00; of the two 02:00 in October the first
    assert positions[MARCH - 1 : MARCH + 2].tolist() == [MARCH - 1, MARCH - 1, MARCH]
    assert positions[OCTOBER - 1 : OCTOBER + 2].tolist() == [OCTOBER - 2, OCTOBER - 1, OCTOBER + 1]
    assert positions[-1] == 8759


@pytest.mark.parametrize("index", HourIndex)
def test_a_file_of_a_leap_year_takes_28_february(index: HourIndex) -> None:
    positions = hours_of_file(2024, CANARY, index)
    assert positions.size == CLOCK_HOURS
    first = FEBRUARY_28 + 24
    assert positions[:first].tolist() == list(range(first))
    assert positions[first : first + 24].tolist() == list(range(first + 24, first + 48))
    assert positions[-1] == 8783


@given(year=years, timezone=timezones, step=steps, index=st.sampled_from(HourIndex))
@settings(max_examples=20)
def test_what_a_file_says_comes_back(
    year: int, timezone: str, step: Step, index: HourIndex
) -> None:
    by_hour = np.arange(year_steps(year, timezone, Step.HOUR).size)
    back = by_hour[hours_of_file(year, timezone, index)][file_hours(year, timezone, step, index)]
    exact = np.repeat(by_hour, step.per_hour)
    # only 29 February and the second of two equal hours in October take another hour's value
    moved = np.flatnonzero(back != exact) // step.per_hour
    leap = 24 if by_hour.size > CLOCK_HOURS else 0
    twice = 0
    if index is HourIndex.CLOCK:
        local = expected_index(year, timezone, Step.HOUR).tz_localize(None)
        twice = int(local.duplicated().sum())
    assert np.unique(moved).size == leap + twice


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ("2023-04-07", False),  # Good Friday
        ("2023-10-12", True),
        ("2023-10-13", False),
        ("2023-10-14", True),
        ("2023-10-15", True),
        ("2023-05-02", False),  # a holiday in Madrid only
        ("1969-12-25", True),
        ("1969-12-27", True),
        ("1969-12-29", False),
    ],
)
def test_rest_days_are_weekends_and_national_days_of_a_fixed_date(day: str, rests: bool) -> None:
    assert is_rest_day(np.array([day], dtype="datetime64[D]")).tolist() == [rests]


@given(year=st.integers(1990, 2060))
@settings(max_examples=20)
def test_weekends_are_those_of_pandas(year: int) -> None:
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    holidays = {(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)}
    expected = [day.weekday() >= 5 or (day.month, day.day) in holidays for day in days]
    assert is_rest_day(days.to_numpy("datetime64[D]")).tolist() == expected
