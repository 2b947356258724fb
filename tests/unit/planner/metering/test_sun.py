"""Night by published times of sunrise and sunset."""

import numpy as np
import pytest

from models.values.calendar import Step, Zone, year_steps
from planner.metering.sun import ZONE_PLACES, find_night

VALENCIA = (39.47, -0.38)


def _night(at: str, place=VALENCIA, zone=Zone.PENINSULA, step=Step.QUARTER_HOUR) -> bool:
    return bool(find_night(np.array([at], "datetime64[s]"), step, zone, place)[0])


def test_the_longest_day_in_valencia():
    # the sun rises at 06:33 and sets at 21:33 by the clock there, two hours ahead of UTC
    assert _night("2023-06-21T04:15")
    assert not _night("2023-06-21T04:30")
    assert not _night("2023-06-21T19:30")
    assert _night("2023-06-21T19:45")


def test_an_hour_with_a_minute_of_sun_is_no_night():
    assert not _night("2023-06-21T04:00", step=Step.HOUR)
    assert _night("2023-06-21T03:00", step=Step.HOUR)


def test_where_the_place_is_not_known_it_is_night_in_the_whole_zone():
    starts = year_steps(2023, "Europe/Madrid", Step.HOUR)
    unknown = find_night(starts, Step.HOUR, Zone.PENINSULA, None)
    for place in ((43.37, -8.40), (42.32, 3.32), (36.01, -5.60), VALENCIA):
        known = find_night(starts, Step.HOUR, Zone.PENINSULA, place)
        assert not (unknown & ~known).any()
        assert 0 < known.sum() - unknown.sum() < 3 * 365


@pytest.mark.parametrize("zone", Zone)
def test_every_zone_has_a_place_by_its_clock(zone: Zone):
    noon = 12 - round(ZONE_PLACES[zone][1] / 15)
    assert not _night(f"2023-12-21T{noon:02d}:00", None, zone)
    assert _night(f"2023-12-21T{noon - 12:02d}:00", None, zone)
