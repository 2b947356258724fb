"""Meters' years under each other, of which some lack what does not matter."""

import numpy as np
import pytest

from api.services.energy.metered_years import MeteredYear, find_longest_step, stack_years
from models.repositories.readings import MissingMonthsError
from models.values.calendar import Step
from models.values.metering import Channel

LACKS = MissingMonthsError(Channel.CONSUMPTION, 2023, {"ES1": (2,)})
WHOLE = MeteredYear(Step.HOUR, np.array([1.0, 2.0]), np.array([True, True]))
PARTLY = MeteredYear(Step.HOUR, np.array([3.0, 0.0]), np.array([True, False]), LACKS)


def find_first(step):
    assert step is Step.HOUR
    return np.array([[True, True], [True, False]])


def test_what_is_missing_where_it_does_not_matter_is_nothing():
    energy_kwh = stack_years([WHOLE, PARTLY], Step.HOUR, find_first)
    assert energy_kwh.tolist() == [[1.0, 2.0], [3.0, 0.0]]


@pytest.mark.parametrize("found", [[WHOLE, PARTLY], [WHOLE, LACKS]])
def test_what_is_missing_where_it_matters_is_said(found):
    with pytest.raises(MissingMonthsError) as raised:
        stack_years(found, Step.HOUR)
    assert raised.value is LACKS


def test_years_by_different_steps_are_summed_by_the_longest():
    quarters = MeteredYear(Step.QUARTER_HOUR, np.arange(8.0), np.ones(8, np.bool_))
    assert find_longest_step([quarters, LACKS]) is Step.QUARTER_HOUR
    step = find_longest_step([WHOLE, quarters])
    assert step is Step.HOUR
    assert stack_years([WHOLE, quarters], step).tolist() == [[1.0, 2.0], [6.0, 22.0]]


def test_an_hour_that_lacks_a_quarter_is_not_known():
    is_known = np.array([True] * 5 + [False] + [True] * 2)
    quarters = MeteredYear(Step.QUARTER_HOUR, np.ones(8), is_known, LACKS)
    found = [WHOLE, quarters]
    assert stack_years(found, Step.HOUR, find_first).tolist() == [[1.0, 2.0], [4.0, 0.0]]
    with pytest.raises(MissingMonthsError):
        stack_years(found, Step.HOUR)
