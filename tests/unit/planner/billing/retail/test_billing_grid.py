from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.values.calendar import Step, year_steps
from models.values.period import Period
from planner.billing.retail.billing_grid import BillingGrid, ImpossibleGridError, cut_bills
from tests.support.retail_bills import THREE, make_grid

MARCH = [date(2026, 3, 1), date(2026, 4, 1)]


def test_a_month_is_cut_at_every_change_by_local_days() -> None:
    grid = make_grid([*MARCH, date(2026, 5, 1)], [date(2026, 3, 22), date(2026, 3, 30)])

    assert grid.days.tolist() == [21, 8, 2, 30]
    # The 29th has 23 hours.
    assert np.diff(grid.segment_borders).tolist() == [504, 191, 48, 720]
    assert grid.bill_starts.tolist() == [0, 3]
    assert grid.bill_of_segment.tolist() == [0, 0, 0, 1]
    assert list(grid.bill_segments(0)) == [0, 1, 2]
    assert list(grid.bill_segments(1)) == [3]
    assert np.bincount(grid.segment_of_step).tolist() == [504, 191, 48, 720]
    assert grid.segments[1] == Period(date(2026, 3, 22), date(2026, 3, 30))


def test_quarter_hours_are_cut_alike() -> None:
    grid = make_grid(MARCH, [date(2026, 3, 22)], tariff=THREE, step=Step.QUARTER_HOUR)

    assert np.diff(grid.segment_borders).tolist() == [504 * 4, 239 * 4]
    assert (grid.n_periods, grid.n_power_periods) == (6, 6)


def test_changes_outside_the_bills_are_passed_over() -> None:
    grid = make_grid(MARCH, [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)])

    assert grid.n_segments == 1


@pytest.mark.parametrize(
    "days", [[date(2026, 1, 1), date(2026, 1, 3)], [date(2026, 1, 2), date(2026, 1, 3)]]
)
def test_intervals_and_days_must_cover_each_other(days: list[date]) -> None:
    hours = year_steps(2026, "Europe/Madrid", Step.HOUR)[:24]

    with pytest.raises(ImpossibleGridError, match="do not cover"):
        cut_bills(hours, "Europe/Madrid", np.ones(24, np.uint8), 3, days)


def test_a_single_interval_is_no_day() -> None:
    hours = year_steps(2026, "Europe/Madrid", Step.HOUR)[:1]

    with pytest.raises(ImpossibleGridError, match="do not cover"):
        cut_bills(
            hours,
            "Europe/Madrid",
            np.ones(1, np.uint8),
            3,
            [date(2026, 1, 1), date(2026, 1, 2)],
        )


def test_borders_periods_and_days_must_fit() -> None:
    grid = make_grid(MARCH)
    ahead = np.array([1, 743])
    for wrong, reason in [
        ({"n_periods": 4}, "3 or 6"),
        ({"segment_borders": ahead}, "borders of segments"),
        ({"segment_borders": np.array([0, 742])}, "borders of segments"),
        ({"segment_borders": np.array([0, 10, 743])}, "needs its days"),
        ({"bill_starts": np.array([0, 0])}, "borders of bills"),
        ({"bill_starts": np.array([], dtype=np.intp)}, "borders of bills"),
        ({"tariff_periods": np.full(743, 4, np.uint8)}, "from 1 to 3"),
        ({"tariff_periods": np.zeros(743, np.uint8)}, "from 1 to 3"),
        ({"segments": (Period(date(2026, 3, 1)),)}, "first day after"),
    ]:
        with pytest.raises(ImpossibleGridError, match=reason):
            replace(grid, **wrong)


def test_bills_without_days_are_refused() -> None:
    with pytest.raises(ImpossibleGridError):
        BillingGrid(np.array([], np.uint8), 3, np.array([0]), (), np.array([], np.intp))
