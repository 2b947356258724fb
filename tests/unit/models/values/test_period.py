"""Half-open periods of days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidDataError
from models.values.period import Period, add_months, list_gaps

NEW_YEAR = date(2026, 1, 1)


def day(number: int) -> date:
    return NEW_YEAR + timedelta(days=number)


def to_period(bounds: tuple[int, int | None]) -> Period:
    start, length = bounds
    return Period(day(start), None if length is None else day(start + length))


periods = st.tuples(st.integers(0, 12), st.none() | st.integers(1, 12)).map(to_period)


@pytest.mark.parametrize(
    ("number", "inside"), [(-1, False), (0, True), (30, True), (31, False), (32, False)]
)
def test_the_start_belongs_to_it_and_the_end_does_not(number: int, inside: bool) -> None:
    assert Period(NEW_YEAR, date(2026, 2, 1)).contains(day(number)) is inside


def test_an_open_period_never_ends() -> None:
    assert Period(NEW_YEAR).contains(date.max)
    assert not Period(NEW_YEAR).contains(day(-1))


@pytest.mark.parametrize("end", [NEW_YEAR, day(-1)])
def test_a_period_that_does_not_go_forward_is_refused(end: date) -> None:
    message = f"^period ends on {end}, not after its start 2026-01-01$"
    with pytest.raises(InvalidDataError, match=message):
        Period(NEW_YEAR, end)


@given(one=periods, other=periods)
def test_periods_overlap_when_some_day_lies_in_both(one: Period, other: Period) -> None:
    common = any(one.contains(day(n)) and other.contains(day(n)) for n in range(40))
    assert one.overlaps(other) is common
    assert other.overlaps(one) is common


def test_periods_that_touch_share_no_day() -> None:
    january, february = Period(NEW_YEAR, day(31)), Period(day(31), day(59))
    assert not january.overlaps(february)
    assert not february.overlaps(january)
    assert Period(NEW_YEAR, day(32)).overlaps(february)
    assert not january.overlaps(Period(day(31)))
    assert Period(day(30)).overlaps(january)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 10, 30), 4, date(2028, 2, 29)),
        (date(2026, 1, 1), -2, date(2025, 11, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_on(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


@given(given=st.lists(periods, max_size=4), within=periods)
def test_gaps_are_the_days_in_no_period(given: list[Period], within: Period) -> None:
    gaps = list_gaps(given, within)
    for number in range(-1, 40):
        is_free = within.contains(day(number)) and not any(
            period.contains(day(number)) for period in given
        )
        assert any(gap.contains(day(number)) for gap in gaps) is is_free
    ends = [gap.end for gap in gaps[:-1]]
    assert all(end is not None and end < gap.start for end, gap in zip(ends, gaps[1:], strict=True))
