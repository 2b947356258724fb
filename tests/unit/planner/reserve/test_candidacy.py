"""Seniority as rank and as weight."""

import math
from datetime import date

import pytest

from models.values.errors import InvalidArgumentError
from planner.reserve.candidacy import rank_by_seniority, weigh_seniority


def test_equal_days_go_by_the_list_and_no_day_comes_last() -> None:
    day = date(2024, 5, 1)
    assert rank_by_seniority([None, day, None, day, date(2020, 1, 1)]).tolist() == [3, 1, 4, 2, 0]


def test_only_days_that_have_passed_count() -> None:
    joined = [date(2022, 1, 1), date(2027, 1, 1), None]
    assert weigh_seniority(joined, date(2026, 1, 1), 2.0).tolist() == [8.0, 0.0, 0.0]


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_a_year_counts_for_a_number_of_at_least_zero(value: float) -> None:
    with pytest.raises(InvalidArgumentError, match="a year of waiting"):
        weigh_seniority([None], date(2026, 1, 1), value)
