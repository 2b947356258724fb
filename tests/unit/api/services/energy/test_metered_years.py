"""Meters' years under each other, of which some lack what does not matter."""

import numpy as np
import pytest

from api.services.energy.metered_years import (
    KnownEnergy,
    MeteredYear,
    find_longest_step,
    stack_years,
)
from models.repositories.readings import MissingMonthsError
from models.values.calendar import Step
from models.values.metering import Channel

LACKS = MissingMonthsError(Channel.CONSUMPTION, 2023, {"ES1": (2,)})
MONTHS = np.zeros(12, np.bool_)


def count(step, energy_kwh, is_known=True):
    energy_kwh = np.array(energy_kwh, np.float64)
    return {step: KnownEnergy(energy_kwh, np.full(energy_kwh.shape, is_known))}


WHOLE = MeteredYear(count(Step.HOUR, [1, 2]), ~MONTHS)
PARTLY = MeteredYear(count(Step.HOUR, [3, 0], [True, False]), ~MONTHS, LACKS)


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
    quarters = MeteredYear(count(Step.QUARTER_HOUR, range(8)), MONTHS)
    assert find_longest_step([quarters, LACKS]) is Step.QUARTER_HOUR
    step = find_longest_step([WHOLE, quarters])
    assert step is Step.HOUR
    assert stack_years([WHOLE, quarters], step).tolist() == [[1.0, 2.0], [6.0, 22.0]]


def test_an_hour_that_lacks_a_quarter_is_not_known():
    is_known = [True] * 5 + [False] + [True] * 2
    quarters = MeteredYear(count(Step.QUARTER_HOUR, [1] * 8, is_known), MONTHS, LACKS)
    found = [WHOLE, quarters]
    assert stack_years(found, Step.HOUR, find_first).tolist() == [[1.0, 2.0], [4.0, 0.0]]
    with pytest.raises(MissingMonthsError):
        stack_years(found, Step.HOUR)


def test_who_changes_the_step_is_known_by_the_longer_and_partly_by_the_shorter():
    hour = count(Step.HOUR, [5, 0], [True, False])
    quarters = count(Step.QUARTER_HOUR, [0] * 4 + [1] * 4, [False] * 4 + [True] * 4)
    changing = MeteredYear(hour | quarters, MONTHS)
    assert find_longest_step([changing]) is Step.HOUR
    by_hour, by_quarter = changing.by(Step.HOUR), changing.by(Step.QUARTER_HOUR)
    assert (by_hour.energy_kwh.tolist(), by_hour.is_known.tolist()) == ([5, 4], [True] * 2)
    assert by_quarter.energy_kwh.tolist() == [0] * 4 + [1] * 4
    assert by_quarter.is_known.tolist() == [False] * 4 + [True] * 4
