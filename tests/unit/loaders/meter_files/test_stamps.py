"""What files write as time, against zoneinfo instant by instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from loaders.meter_files.clock_days import are_days, describe_days
from loaders.meter_files.records import RowCode
from loaders.meter_files.stamp_texts import (
    parse_days,
    parse_moments,
    parse_numbers,
    parse_times,
)
from loaders.meter_files.stamps import (
    StampFault,
    Starts,
    find_steps,
    starts_of_end_stamps,
    starts_of_positions,
)
from models.values.calendar import Step, day_starts, local_times, year_steps
from tests.support.meter_texts import CANARY, MADRID

every_clock = pytest.mark.parametrize("timezone", [MADRID, CANARY])
every_step = pytest.mark.parametrize("step", [Step.HOUR, Step.QUARTER_HOUR])


def days_of(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def stamps_of(starts: Starts) -> list[str]:
    """Write sound starts in UTC, others as the name of their fault."""
    return [
        str(np.datetime64(seconds, "s"))[5:16] if fault == 0 else StampFault(fault).name
        for seconds, fault in zip(starts.seconds.tolist(), starts.faults.tolist(), strict=True)
    ]


@every_clock
@every_step
def test_positions_count_every_interval_of_a_year(timezone: str, step: Step) -> None:
    steps = year_steps(2023, timezone, step)
    firsts = day_starts(2023, timezone, step)
    days = local_times(2023, timezone, step).astype("datetime64[D]")
    numbers = np.arange(steps.size) - np.repeat(firsts, np.diff(firsts, append=steps.size)) + 1
    assert sorted(set(np.diff(firsts))) == [n * step.per_hour for n in (23, 24, 25)]
    starts = starts_of_positions(days, numbers, step, timezone)
    assert (starts.faults == 0).all()
    assert (starts.seconds == steps.astype(np.int64)).all()


def test_positions_beyond_the_day_are_told_apart_from_what_is_no_number() -> None:
    days = days_of("2023-03-26", "2023-03-26", "2023-03-25", "2023-10-29", "2023-01-01", "NaT")
    numbers = np.array([23, 24, 25, 26, 0, 1])
    starts = starts_of_positions(days, numbers, Step.HOUR, MADRID)
    assert stamps_of(starts) == ["03-26T21:00", "BEYOND", "BEYOND", "BEYOND", "TIME", "DATE"]
    assert [StampFault(fault).code for fault in starts.faults[1:]] == [
        *(RowCode.CLOCK,) * 3,
        *(RowCode.TIME,) * 2,
    ]


@every_clock
@every_step
@pytest.mark.parametrize("year", [2001, 2023, 2024, 2096])
def test_flagged_ends_name_every_interval_of_a_year(timezone: str, step: Step, year: int) -> None:
    steps = year_steps(year, timezone, step)
    length = timedelta(seconds=step.seconds)
    zone = ZoneInfo(timezone)
    ends = [(each.replace(tzinfo=UTC) + length).astimezone(zone) for each in steps.tolist()]
    shown = np.array([end.replace(tzinfo=None) for end in ends], dtype="datetime64[s]")
    seasons = np.array([1 if end.dst() else 0 for end in ends])
    starts = starts_of_end_stamps(shown, seasons, step, timezone)
    assert (starts.faults == 0).all()
    assert (starts.seconds == steps.astype(np.int64)).all()


@every_clock
@every_step
def test_the_start_moved_by_a_step_and_its_season_name_every_interval_too(
    timezone: str, step: Step
) -> None:
    steps = year_steps(2023, timezone, step)
    zone = ZoneInfo(timezone)
    begun = [each.replace(tzinfo=UTC).astimezone(zone) for each in steps.tolist()]
    seasons = np.array([1 if start.dst() else 0 for start in begun])
    shown = np.array([start.replace(tzinfo=None) for start in begun], dtype="datetime64[s]")
    ends = shown + np.timedelta64(step.seconds, "s")
    starts = starts_of_end_stamps(ends, seasons, step, timezone)
    assert (starts.faults == 0).all()
    assert (starts.seconds == steps.astype(np.int64)).all()


@pytest.mark.parametrize(
    ("end", "season", "expected"),
    [
        ("2023-10-29T02:00", 1, "10-28T23:00"),
        ("2023-10-29T02:00", 0, "10-29T00:00"),
        ("2023-10-29T03:00", 1, "10-29T00:00"),
        ("2023-10-29T03:00", 0, "10-29T01:00"),
        ("2023-10-29T01:00", 0, "SEASON"),
        ("2023-10-29T04:00", 1, "SEASON"),
        ("2023-03-26T02:00", 0, "03-26T00:00"),
        ("2023-03-26T03:00", 1, "03-26T00:00"),
        ("2023-03-26T03:00", 0, "SEASON"),
        ("2023-03-26T02:00", 1, "SEASON"),
        ("2023-07-01T00:00", 1, "06-30T21:00"),
        ("2023-07-01T00:00", 0, "SEASON"),
        ("2023-01-01T01:00", 1, "SEASON"),
        ("2023-01-01T01:00", 2, "SEASON"),
        ("2023-01-01T01:00", -1, "SEASON"),
        ("2023-01-01T01:20", 0, "TIME"),
        ("2000-01-01T00:00", 0, "DATE"),
        ("1023-01-01T01:00", 0, "DATE"),
        ("9999-01-01T01:00", 0, "DATE"),
        ("NaT", 0, "DATE"),
    ],
)
def test_flags_must_be_what_the_clock_showed(end: str, season: int, expected: str) -> None:
    ends = np.array([end], dtype="datetime64[s]")
    starts = starts_of_end_stamps(ends, np.array([season]), Step.HOUR, MADRID)
    assert stamps_of(starts) == [expected]


def test_steps_are_those_of_each_meter() -> None:
    meters = np.array([0, 1, 1, 2, 2, 0])
    times = np.array([3600, 3600, 4500, -1, 86400, -1])
    assert find_steps(meters, times).tolist() == [3600, 900, 900, 3600, 3600, 3600]
    assert find_steps(meters[:0], times[:0]).size == 0


def test_days_outside_the_century_are_none_of_a_meter() -> None:
    days = days_of("1999-12-31", "2000-01-01", "2099-12-31", "2100-01-01", "NaT")
    assert are_days(days).tolist() == [False, True, True, False, False]


def test_a_day_without_rows_is_not_described() -> None:
    assert describe_days(days_of(), MADRID).midnights.size == 0
    first = datetime(2023, 6, 30, 22, tzinfo=UTC).timestamp()
    assert describe_days(days_of("2023-07-01"), MADRID).midnights.tolist() == [first]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023/10/29", "2023-10-29"),
        ("2023-10-29", "2023-10-29"),
        ("29/10/2023", "2023-10-29"),
        ("29-10-2023", "2023-10-29"),
        ("1/2/2023", "2023-02-01"),
        ("29/02/2024", "2024-02-29"),
        ("29/02/2023", None),
        ("31/04/2023", None),
        ("00/01/2023", None),
        ("01/00/2023", None),
        ("01/13/2023", None),
        ("2023/10/291", None),
        ("29/10/23", None),
        ("20231029", None),
        ("", None),
        ("2023/10/29\n", None),
    ],
)
def test_dates_are_read_in_three_orders_or_not_at_all(text: str, day: str | None) -> None:
    (found,) = parse_days(pa.array([text])).tolist()
    assert (found and str(found)) == day


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00", 0),
        ("00:15", 900),
        ("1:00", 3600),
        ("24:00", 86400),
        ("01:00:00", 3600),
        ("24:01", -1),
        ("01:60", -1),
        ("01:00:30", -1),
        ("25:00", -1),
        ("1", -1),
        ("-1:00", -1),
        ("", -1),
    ],
)
def test_times_of_the_day_are_read_or_not_at_all(text: str, seconds: int) -> None:
    assert parse_times(pa.array([text])).tolist() == [seconds]


def test_numbers_have_at_most_three_digits() -> None:
    texts = ["1", "025", "100", "1000", "-1", "1.0", "", "٣"]
    assert parse_numbers(pa.array(texts)).tolist() == [1, 25, 100, -1, -1, -1, -1, -1]


def test_moments_need_a_date_and_a_time() -> None:
    texts = ["29/10/2023 24:00", "2023-10-29T01:00", "2023/10/29", "x 01:00", "2023/10/29 25:00"]
    assert parse_moments(pa.array(texts)).astype(str).tolist() == [
        "2023-10-30T00:00:00",
        "2023-10-29T01:00:00",
        *("NaT",) * 3,
    ]


def test_every_fault_says_what_is_wrong() -> None:
    reasons = {fault.reason for fault in StampFault}
    assert len(reasons) == len(StampFault)
