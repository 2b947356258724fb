"""Stamps without a season: the order of rows tells which hour of October is meant."""

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from loaders.meter_files.clock_stamps import starts_of_clock_stamps, starts_of_hour_numbers
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.datadis_json import read_datadis_json
from loaders.meter_files.records import MeterFile
from loaders.meter_files.stamps import StampFault, Starts
from tests.support.meter_texts import CANARY, MADRID, cups_of

LONG, SHORT, PLAIN = "2023-10-29", "2023-03-26", "2023-06-01"
LONE = (
    "days of a meter that have 25 hours and no stamp twice, whose hour was read as "
    "summer time while that of winter time is missing: 1"
)
BEGUN = (
    "days of a meter with 00:00 and without 24:00, whose stamps were read as the "
    "beginnings of their intervals: 1"
)
HOURS = list(range(1, 25))


def read_stamps(
    day: str, hours: Sequence[float], *, timezone: str = MADRID, step: int = 3600
) -> Starts:
    n = len(hours)
    return starts_of_clock_stamps(
        np.zeros(n, dtype=np.int64),
        np.full(n, np.datetime64(day, "D")),
        (np.array(hours) * 3600).astype(np.int64),
        np.full(n, step),
        timezone,
    )


def positions_of(starts: Starts, day: str, timezone: str = MADRID, step: int = 3600) -> list[str]:
    """Tell which interval of its local day each row is, from 1, or its fault."""
    offset = {MADRID: 3600, CANARY: 0}[timezone] + (day in (LONG, PLAIN)) * 3600
    midnight = int(np.datetime64(day, "s").astype(np.int64)) - offset
    return [
        str((second - midnight) // step + 1) if fault == 0 else StampFault(fault).name
        for second, fault in zip(starts.seconds.tolist(), starts.faults.tolist(), strict=True)
    ]


def count_to(n: int) -> list[str]:
    return [str(number) for number in range(1, n + 1)]


@pytest.mark.parametrize(("timezone", "first", "second"), [(MADRID, 3, 2), (CANARY, 2, 1)])
def test_on_the_long_day_the_first_of_two_is_summer_time(
    timezone: str, first: int, second: int
) -> None:
    for repeated in (first, second):
        hours = sorted([*HOURS, repeated])
        starts = read_stamps(LONG, hours, timezone=timezone)
        assert positions_of(starts, LONG, timezone) == count_to(25)
        assert starts.notes == ()


def test_on_the_long_day_a_stamp_that_comes_once_is_summer_time() -> None:
    starts = read_stamps(LONG, HOURS)
    assert positions_of(starts, LONG) == ["1", "2", "3", *count_to(25)[4:]]
    assert starts.notes == (LONE,)


def test_a_long_day_that_stands_twice_in_a_file_is_read_the_same_way_twice() -> None:
    for hours in ([*HOURS[:3], 3, *HOURS[3:]], [*HOURS[:2], 2, *HOURS[2:]]):
        assert positions_of(read_stamps(LONG, hours * 2), LONG) == count_to(25) * 2
    starts = read_stamps(LONG, HOURS * 2)
    assert positions_of(starts, LONG) == ["1", "2", "3", *count_to(25)[4:]] * 2
    assert starts.notes == (LONE,)


def test_a_part_of_the_long_day_is_enough_to_tell_its_two_hours_apart() -> None:
    assert positions_of(read_stamps(LONG, [3, 3]), LONG) == ["3", "4"]
    assert positions_of(read_stamps(LONG, [2, 2, 3]), LONG) == ["2", "3", "4"]
    assert read_stamps(LONG, [10, 11]).notes == ()


@pytest.mark.parametrize(
    "again", [[2.25, 2.5, 2.75, 3], [2, 2.25, 2.5, 2.75]], ids=["by-start", "by-end"]
)
def test_quarters_of_the_long_day_are_told_apart(again: list[float]) -> None:
    quarters = [each / 4 for each in range(1, 97)]
    place = quarters.index(again[-1]) + 1
    hours = [*quarters[:place], *again, *quarters[place:]]
    starts = read_stamps(LONG, hours, step=900)
    assert positions_of(starts, LONG, step=900) == count_to(100)


def test_on_the_short_day_either_name_of_the_hour_before_the_jump_is_understood() -> None:
    assert positions_of(read_stamps(SHORT, [1, 2, *HOURS[3:]]), SHORT) == count_to(23)
    assert positions_of(read_stamps(SHORT, [1, *HOURS[2:]]), SHORT) == count_to(23)
    quarters = [each / 4 for each in range(1, 97)]
    by_start = [each for each in quarters if not 2 < each <= 3]
    by_end = [each for each in quarters if not 2 <= each < 3]
    for hours in (by_start, by_end):
        starts = read_stamps(SHORT, hours, step=900)
        assert positions_of(starts, SHORT, step=900) == count_to(92)


def test_in_the_canaries_nothing_ends_before_the_jump() -> None:
    starts = read_stamps(SHORT, range(2, 25), timezone=CANARY)
    assert positions_of(starts, SHORT, CANARY) == count_to(23)
    assert str(starts.seconds[:1].astype("datetime64[s]")[0]) == "2023-03-26T00:00:00"
    by_start = read_stamps(SHORT, [1, *HOURS[2:]], timezone=CANARY)
    assert positions_of(by_start, SHORT, CANARY) == count_to(23)
    quarters = [each / 4 for each in range(1, 97) if not 1 <= each / 4 < 2]
    starts = read_stamps(SHORT, quarters, timezone=CANARY, step=900)
    assert positions_of(starts, SHORT, CANARY, step=900) == count_to(92)


@pytest.mark.parametrize("read", [read_datadis_csv, read_datadis_json])
def test_datadis_of_the_canaries_has_23_hours_in_march(read: Callable[..., MeterFile]) -> None:
    cups = cups_of(1)
    hours = [f"{hour:02}:00" for hour in range(2, 25)]
    if read is read_datadis_csv:
        lines = [f"{cups};2023/03/26;{hour};1,5;Real" for hour in hours]
        data = "\n".join(["cups;fecha;hora;consumo_kWh;metodoObtencion", *lines])
    else:
        row = {"cups": cups, "date": "2023/03/26", "consumptionKWh": 1.5, "obtainMethod": "Real"}
        data = json.dumps([row | {"time": hour, "surplusEnergyKWh": 0.0} for hour in hours])
    file = read(data.encode(), timezone=CANARY)
    starts = file.series[0].starts
    assert (str(starts[0]), starts.size) == ("2023-03-26T00:00:00", 23)
    assert not file.rejections.told


def test_newest_first_the_first_of_two_is_winter_time() -> None:
    for repeated in (3, 2):
        starts = read_stamps(LONG, sorted([*HOURS, repeated], reverse=True))
        assert positions_of(starts, LONG) == count_to(25)[::-1]
    quarters = [each / 4 for each in range(96, 0, -1)]
    hours = [*quarters[:88], *quarters[84:88], *quarters[88:]]
    starts = read_stamps(LONG, hours, step=900)
    assert positions_of(starts, LONG, step=900) == count_to(100)[::-1]
    begun = read_stamps(LONG, [*range(23, 1, -1), 2, 1, 0])
    assert positions_of(begun, LONG) == count_to(25)[::-1]


def test_an_hour_that_the_clock_skips_is_refused() -> None:
    positions = positions_of(read_stamps(SHORT, HOURS), SHORT)
    assert positions == ["1", "2", "SKIPPED", *count_to(23)[2:]]
    assert positions_of(read_stamps(SHORT, [3]), SHORT) == ["SKIPPED"]


def test_stamps_that_begin_their_interval_are_found_day_by_day() -> None:
    starts = read_stamps(PLAIN, range(24))
    assert positions_of(starts, PLAIN) == count_to(24)
    assert starts.notes == (BEGUN,)
    assert positions_of(read_stamps(LONG, [0, 1, 2, 2, *range(3, 24)]), LONG) == count_to(25)
    assert positions_of(read_stamps(SHORT, [0, 1, *range(3, 24)]), SHORT) == count_to(23)
    assert positions_of(read_stamps(SHORT, range(24)), SHORT)[2] == "SKIPPED"
    assert positions_of(read_stamps(PLAIN, HOURS), PLAIN) == count_to(24)
    quarters = read_stamps(PLAIN, [each / 4 for each in range(96)], step=900)
    assert positions_of(quarters, PLAIN, step=900) == count_to(96)


def read_days(days: Sequence[tuple[int, str, Sequence[int]]]) -> Starts:
    """Read days of meters by their hours."""
    meters = np.array([meter for meter, _, hours in days for _ in hours])
    dates = [np.datetime64(day, "D") for _, day, hours in days for _ in hours]
    times = np.array([hour * 3600 for *_, hours in days for hour in hours])
    return starts_of_clock_stamps(meters, np.array(dates), times, np.full(times.size, 3600), MADRID)


def hours_of(starts: Starts, place: slice) -> list[int]:
    """Tell the hours of summer time at which intervals begin."""
    return [second // 3600 % 24 for second in (starts.seconds[place] + 7200).tolist()]


BEFORE, AFTER = "2023-05-31", "2023-06-02"
GUESSED = (
    "days of a meter with neither 00:00 nor 24:00, whose stamps were read as the beginnings of "
    "their intervals, as those of the neighbouring days: 1"
)
CUT = range(1, 23)


@pytest.mark.parametrize(
    ("others", "begins"),
    [
        ([(0, BEFORE, range(24)), (0, AFTER, range(24))], True),
        ([(0, BEFORE, range(24))], True),
        ([(0, AFTER, range(24))], True),
        ([(0, BEFORE, range(24)), (0, AFTER, HOURS)], False),
        ([(0, AFTER, HOURS), (0, BEFORE, HOURS)], False),
        ([(1, BEFORE, range(24)), (1, AFTER, range(24))], False),
        ([], False),
    ],
)
def test_a_day_without_midnight_is_read_as_its_neighbours(
    others: list[tuple[int, str, Sequence[int]]], *, begins: bool
) -> None:
    for rows in ([(0, PLAIN, CUT), *others], [*others[::-1], (0, PLAIN, CUT)]):
        starts = read_days(rows)
        place = slice(0, 22) if rows[0][1] == PLAIN else slice(-22, None)
        assert hours_of(starts, place) == [hour - (not begins) for hour in CUT]
        assert (GUESSED in starts.notes) == begins


def test_neighbours_may_be_days_away_and_their_other_neighbours_unknown() -> None:
    starts = read_days([(0, BEFORE, range(24)), (0, PLAIN, CUT), (0, AFTER, CUT)])
    assert hours_of(starts, slice(24, None)) == [*CUT, *CUT]
    assert starts.notes[-1] == GUESSED.removesuffix("1") + "2"


def test_a_midnight_without_a_day_begins_nothing() -> None:
    starts = read_days([(0, "NaT", [0]), (0, PLAIN, CUT)])
    assert hours_of(starts, slice(1, None)) == [hour - 1 for hour in CUT]
    assert starts.notes == ()


def test_midnight_beside_24_00_is_refused() -> None:
    starts = read_stamps(PLAIN, [0, *HOURS])
    assert positions_of(starts, PLAIN) == ["TIME", *count_to(24)]
    assert starts.notes == ()


def test_days_begin_or_end_their_stamps_meter_by_meter() -> None:
    meters = np.array([0, 0, 1, 1])
    days = np.full(4, np.datetime64(PLAIN, "D"))
    times, steps = np.array([0, 3600, 3600, 86400]), np.full(4, 3600)
    starts = starts_of_clock_stamps(meters, days, times, steps, MADRID)
    assert positions_of(starts, PLAIN) == ["1", "2", "1", "24"]


def test_hours_of_a_meter_of_quarters_are_refused() -> None:
    days = np.array([PLAIN, PLAIN, "2023-06-02"], dtype="datetime64[D]")
    steps = np.full(3, 900)
    starts = starts_of_clock_stamps(
        np.zeros(3, dtype=np.int64), days, np.array([900, 3600, 3600]), steps, MADRID
    )
    assert positions_of(starts, PLAIN, step=900) == ["1", "4", "STEP"]


def test_what_is_no_time_and_what_is_no_day_is_refused() -> None:
    days = np.array([PLAIN, PLAIN, "NaT", PLAIN], dtype="datetime64[D]")
    times = np.array([-1, 90000, 3600, 1200])
    starts = starts_of_clock_stamps(
        np.zeros(4, dtype=np.int64), days, times, np.full(4, 3600), MADRID
    )
    assert positions_of(starts, PLAIN) == ["TIME", "TIME", "DATE", "TIME"]


def read_numbers(day: str, numbers: Sequence[int], step: int = 3600) -> Starts:
    n = len(numbers)
    days = np.full(n, np.datetime64(day, "D"))
    meters = np.zeros(n, dtype=np.int64)
    return starts_of_hour_numbers(meters, days, np.array(numbers), np.full(n, step), MADRID)


def test_numbers_count_what_passes_unless_a_day_of_a_change_ends_with_24() -> None:
    assert positions_of(read_numbers(LONG, range(1, 26)), LONG) == count_to(25)
    assert positions_of(read_numbers(SHORT, range(1, 24)), SHORT) == count_to(23)
    assert positions_of(read_numbers(PLAIN, HOURS), PLAIN) == count_to(24)
    assert positions_of(read_numbers(SHORT, [1, 2, *HOURS[3:]]), SHORT) == count_to(23)
    assert positions_of(read_numbers(LONG, [*HOURS[:3], 3, *HOURS[3:]]), LONG) == count_to(25)
    lone = read_numbers(LONG, HOURS)
    assert positions_of(lone, LONG) == ["1", "2", "3", *count_to(25)[4:]]
    assert lone.notes == (LONE,)


HOLE = (
    "days of a meter that have 23 hours and lack only numbers that the clock skips, whose numbers "
    "were read as what it shows at the end: 1"
)
AS_OTHERS = (
    "days of a meter whose numbers do not tell how they count the change of the clock, and were "
    "read as those of other such days of the file: 1"
)
PASSING, BY_CLOCK = list(range(1, 24)), [1, 2, *HOURS[3:]]


def test_an_incomplete_short_day_whose_only_hole_is_at_the_jump_counts_by_the_clock() -> None:
    by_start = read_numbers(SHORT, [1, 2, *range(4, 24)])
    assert positions_of(by_start, SHORT) == count_to(22)
    assert by_start.notes == (HOLE,)
    assert positions_of(read_numbers(SHORT, [1, *range(3, 24)]), SHORT) == count_to(22)
    quarters = read_numbers(SHORT, [*range(1, 9), *range(13, 96)], step=900)
    assert positions_of(quarters, SHORT, step=900) == count_to(91)
    two_holes = read_numbers(SHORT, [1, 2, *range(4, 9), *range(10, 24)])
    assert positions_of(two_holes, SHORT) == ["1", "2", *map(str, [*range(4, 9), *range(10, 24)])]
    assert two_holes.notes == ()


def test_an_incomplete_long_day_that_repeats_an_hour_counts_by_the_clock() -> None:
    by_start = read_numbers(LONG, [1, 2, 3, 3, *range(4, 24)])
    assert positions_of(by_start, LONG) == count_to(24)
    assert positions_of(read_numbers(LONG, [1, 2, 2, *range(3, 24)]), LONG) == count_to(24)
    assert by_start.notes == ()
    twice = read_numbers(LONG, [*range(1, 24), *range(1, 24)])
    assert positions_of(twice, LONG) == count_to(23) * 2
    again = read_numbers(LONG, [1, 2, 3, 3, *range(4, 26)])
    assert positions_of(again, LONG) == ["1", "2", "3", "3", *count_to(25)[3:]]


def read_numbered_days(*days: tuple[int, str, Sequence[int]]) -> Starts:
    meters = np.array([meter for meter, _, numbers in days for _ in numbers])
    dates = [np.datetime64(day, "D") for _, day, numbers in days for _ in numbers]
    numbers = np.array([number for *_, numbers in days for number in numbers])
    return starts_of_hour_numbers(
        meters, np.array(dates), numbers, np.full(numbers.size, 3600), MADRID
    )


@pytest.mark.parametrize(
    ("others", "is_counted"),
    [
        ([(0, SHORT, PASSING)], True),
        ([(1, SHORT, PASSING)], True),
        ([(1, LONG, range(1, 26))], True),
        ([(0, SHORT, PASSING), (1, SHORT, BY_CLOCK)], True),
        ([(0, SHORT, BY_CLOCK)], False),
        ([(0, SHORT, BY_CLOCK), (1, SHORT, PASSING)], False),
        ([(1, SHORT, BY_CLOCK), (2, SHORT, PASSING)], False),
        ([(0, "2022-03-27", PASSING), (0, SHORT, BY_CLOCK)], False),
    ],
)
def test_a_long_day_of_24_numbers_is_read_as_other_days_of_a_change(
    others: list[tuple[int, str, Sequence[int]]], *, is_counted: bool
) -> None:
    starts = read_numbered_days(*others, (0, LONG, HOURS))
    expected = count_to(24) if is_counted else ["1", "2", "3", *count_to(25)[4:]]
    last = Starts(starts.seconds[-24:], starts.faults[-24:])
    assert positions_of(last, LONG) == expected
    assert (LONE in starts.notes) != is_counted
    assert (AS_OTHERS in starts.notes) == is_counted


def test_a_part_of_a_day_counts_as_another_meter_does() -> None:
    starts = read_numbered_days((0, LONG, [10, 11]), (1, SHORT, BY_CLOCK))
    assert positions_of(Starts(starts.seconds[:2], starts.faults[:2]), LONG) == ["11", "12"]
    assert starts.notes == (AS_OTHERS,)
    assert positions_of(read_numbers(LONG, [10, 11]), LONG) == ["10", "11"]


def test_numbers_of_quarters_count_to_92_96_or_100() -> None:
    for day, n in ((SHORT, 92), (PLAIN, 96), (LONG, 100)):
        starts = read_numbers(day, range(1, n + 1), step=900)
        assert positions_of(starts, day, step=900) == count_to(n)


def test_numbers_that_the_day_does_not_have_are_refused() -> None:
    assert positions_of(read_numbers(PLAIN, [0, -1, 25]), PLAIN) == ["TIME", "TIME", "BEYOND"]
    assert positions_of(read_numbers(SHORT, [*HOURS, 0]), SHORT) == [
        *("1", "2", "SKIPPED"),
        *count_to(23)[2:],
        "TIME",
    ]
    assert positions_of(read_numbers(LONG, [26]), LONG) == ["BEYOND"]
