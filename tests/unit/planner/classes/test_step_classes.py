import numpy as np
import pytest

from models.values.calendar import CLOCK_HOURS, Step, clock_hours, local_times, year_steps
from planner.classes.step_classes import (
    Classes,
    StepClasses,
    classify_hours,
    classify_steps,
    expand_to_file_hours,
    name_class,
)

MADRID = "Europe/Madrid"


def at(year: int, text: str) -> int:
    """Find the file hour of a local time in a year of 365 days."""
    moment = np.datetime64(text, "h")
    hours = int((moment - np.datetime64(f"{year}-01-01", "h")) / np.timedelta64(1, "h"))
    return hours - 24 * (year % 4 == 0 and moment >= np.datetime64(f"{year}-03-01"))


# 2023: 6 January is a Friday and a holiday, 7 April Good Friday, 15 August a Tuesday and a holiday.
@pytest.mark.parametrize(
    ("moment", "number", "name"),
    [
        ("2023-01-05T10", 0, "winter, working day"),
        ("2023-01-06T10", 1, "winter, rest day"),
        ("2023-12-23T00", 1, "winter, rest day"),
        ("2023-04-07T23", 2, "spring, working day"),
        ("2023-08-15T12", 5, "summer, rest day"),
        ("2023-08-16T12", 4, "summer, working day"),
        ("2023-09-03T12", 7, "autumn, rest day"),
        ("2023-11-30T12", 6, "autumn, working day"),
    ],
)
def test_seasons_and_day_types(moment: str, number: int, name: str) -> None:
    assert classify_hours(Classes.SEASON_DAY, 2023)[at(2023, moment)] == number
    assert name_class(Classes.SEASON_DAY, number) == name


@pytest.mark.parametrize(
    ("kind", "number", "name"),
    [
        (Classes.MONTH, 7, "month 8"),
        (Classes.HOUR, 13, "13:00"),
        (Classes.MONTH_HOUR_DAY, (7 * 24 + 13) * 2 + 1, "month 8, 13:00, rest day"),
        (Classes.HOURLY, 226 * 24 + 13, "hour 5438"),
    ],
)
def test_the_other_classes(kind: Classes, number: int, name: str) -> None:
    assert classify_hours(kind, 2023)[at(2023, "2023-08-15T13")] == number
    assert name_class(kind, number) == name


@pytest.mark.parametrize("year", [2023, 2024])
@pytest.mark.parametrize("kind", Classes)
def test_every_file_has_8760_hours_and_every_class_some(kind: Classes, year: int) -> None:
    of_hour = classify_hours(kind, year)

    assert of_hour.shape == (CLOCK_HOURS,)
    assert np.unique(of_hour).tolist() == list(range(kind.n_classes))


def test_day_types_are_those_of_the_files_own_year() -> None:
    # 5 March 2023 is a Sunday; in 2024, a leap year, a Tuesday.
    assert classify_hours(Classes.SEASON_DAY, 2023)[at(2023, "2023-03-05T12")] == 3
    assert classify_hours(Classes.SEASON_DAY, 2024)[at(2024, "2024-03-05T12")] == 2
    assert classify_hours(Classes.SEASON_DAY, 2024)[at(2024, "2024-03-03T12")] == 3


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("year", [2023, 2024])
@pytest.mark.parametrize("kind", Classes)
def test_an_interval_has_the_class_of_its_file_hour(kind: Classes, year: int, step: Step) -> None:
    classes = classify_steps(kind, year, MADRID, step)
    hours = clock_hours(year, MADRID, step)

    assert classes.of_step.shape == year_steps(year, MADRID, step).shape
    assert classes.count == kind.n_classes
    by_class = np.arange(kind.n_classes)[np.newaxis]
    filed = expand_to_file_hours(by_class, kind, year)[0]
    np.testing.assert_array_equal(classes.of_step, filed[hours])


def test_the_leap_day_is_shared_like_the_day_before_it() -> None:
    # 29 February 2020 is a Saturday, 28 February a Friday: the law files only the Friday.
    local = local_times(2020, MADRID, Step.HOUR).astype("datetime64[D]")
    classes = classify_steps(Classes.MONTH_HOUR_DAY, 2020, MADRID, Step.HOUR)
    friday, saturday = (
        classes.of_step[local == np.datetime64(day)] for day in ("2020-02-28", "2020-02-29")
    )

    np.testing.assert_array_equal(saturday, friday)
    assert (friday % 2 == 0).all()


def test_steps_are_listed_by_class_and_a_class_may_have_none() -> None:
    classes = StepClasses(np.array([2, 0, 2, 0]), 4)

    assert [steps.tolist() for steps in classes.list_steps()] == [[1, 3], [], [0, 2], []]


def test_the_hour_that_march_skips_has_no_interval_but_stands_in_the_file() -> None:
    classes = classify_steps(Classes.HOURLY, 2023, MADRID, Step.HOUR)
    empty = [number for number, steps in enumerate(classes.list_steps()) if not steps.size]

    assert empty == [at(2023, "2023-03-26T02")]
    repeated = [number for number, steps in enumerate(classes.list_steps()) if steps.size == 2]
    assert repeated == [at(2023, "2023-10-29T02")]


def test_expansion_keeps_members_and_sums() -> None:
    by_month = np.stack([np.arange(12) * 1000, 1_000_000 - np.arange(12) * 1000])
    filed = expand_to_file_hours(by_month, Classes.MONTH, 2024)

    assert filed.shape == (2, CLOCK_HOURS)
    assert filed.flags.c_contiguous
    assert (filed.sum(axis=0) == 1_000_000).all()
    assert filed[0, at(2024, "2024-02-28T23")] == 1000
    assert filed[0, at(2024, "2024-03-01T00")] == 2000
