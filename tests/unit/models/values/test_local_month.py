from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.values.calendar import Step, local_times, year_steps
from models.values.local_month import LocalMonth, list_year

MADRID = "Europe/Madrid"
OCTOBER = LocalMonth(date(2023, 10, 1), MADRID)


def test_a_month_has_a_name_days_and_instants() -> None:
    assert (OCTOBER.year, OCTOBER.number, OCTOBER.name) == (2023, 10, "2023-10")
    assert (OCTOBER.days.start, OCTOBER.days.end) == (date(2023, 10, 1), date(2023, 11, 1))
    assert OCTOBER.starts_at == datetime(2023, 9, 30, 22, tzinfo=UTC)
    assert OCTOBER.ends_at == datetime(2023, 10, 31, 23, tzinfo=UTC)


def test_the_month_of_the_long_day_has_an_hour_more() -> None:
    assert OCTOBER.count(Step.HOUR) == 31 * 24 + 1
    assert OCTOBER.count(Step.QUARTER_HOUR) == 4 * (31 * 24 + 1)
    starts = OCTOBER.starts(Step.HOUR)
    assert starts[0] == np.datetime64("2023-09-30T22:00")
    assert starts[-1] == np.datetime64("2023-10-31T22:00")


@pytest.mark.parametrize("timezone", [MADRID, "Atlantic/Canary"])
@pytest.mark.parametrize("step", Step)
def test_the_months_of_a_year_are_its_intervals_in_order(timezone: str, step: Step) -> None:
    months = list_year(2024, timezone)

    assert [month.number for month in months] == list(range(1, 13))
    laid_out = np.concatenate([month.starts(step) for month in months])
    assert laid_out.tolist() == year_steps(2024, timezone, step).tolist()
    shown = np.concatenate([month.local(step) for month in months])
    assert shown.tolist() == local_times(2024, timezone, step).tolist()
    assert {month.local(step)[0].astype(object).day for month in months} == {1}


@pytest.mark.parametrize(
    ("instant", "ended"),
    [
        (datetime(2023, 9, 30, 21, tzinfo=UTC), 0),
        (datetime(2023, 9, 30, 23, 59, tzinfo=UTC), 1),
        (datetime(2023, 10, 1, 0, tzinfo=UTC), 2),
        (datetime(2024, 1, 1, tzinfo=UTC), 745),
    ],
)
def test_intervals_that_have_ended_are_counted(instant: datetime, ended: int) -> None:
    assert OCTOBER.count_ended(Step.HOUR, instant) == ended
