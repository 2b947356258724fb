"""Meters' years under each other, of which some lack what does not matter."""

import numpy as np
import pytest

from api.services.energy.metered_years import MeteredYear, stack_years
from models.repositories.readings import MissingMonthsError, MixedStepsError
from models.values.calendar import Step
from models.values.metering import Channel

LACKS = MissingMonthsError(Channel.CONSUMPTION, 2023, {"ES1": (2,)})
MIXED = MixedStepsError(Channel.CONSUMPTION, 2023)
WHOLE = MeteredYear(Step.HOUR, np.array([1.0, 2.0]), np.array([True, True]))
PARTLY = MeteredYear(Step.HOUR, np.array([3.0, 0.0]), np.array([True, False]), LACKS)


def find_first(step):
    assert step is Step.HOUR
    return np.array([[True, True], [True, False]])


def test_what_is_missing_where_it_does_not_matter_is_nothing():
    step, energy_kwh = stack_years([WHOLE, PARTLY], MIXED, find_first)
    assert step is Step.HOUR
    assert energy_kwh.tolist() == [[1.0, 2.0], [3.0, 0.0]]


@pytest.mark.parametrize("found", [[WHOLE, PARTLY], [WHOLE, LACKS]])
def test_what_is_missing_where_it_matters_is_said(found):
    with pytest.raises(MissingMonthsError) as raised:
        stack_years(found, MIXED)
    assert raised.value is LACKS


def test_a_part_by_another_step_is_no_part():
    quarters = MeteredYear(Step.QUARTER_HOUR, np.zeros(8), np.zeros(8, np.bool_), LACKS)
    with pytest.raises(MissingMonthsError):
        stack_years([WHOLE, quarters], MIXED, lambda _: np.zeros((2, 8), np.bool_))


def test_whole_years_by_different_steps_are_no_sum():
    quarters = MeteredYear(Step.QUARTER_HOUR, np.zeros(8), np.ones(8, np.bool_))
    with pytest.raises(MixedStepsError) as raised:
        stack_years([WHOLE, quarters], MIXED)
    assert raised.value is MIXED
