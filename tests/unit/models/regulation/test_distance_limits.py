"""The dated limits of distance."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from models.regulation.dated_figures import UnknownFigureError, read_figures
from models.regulation.distance_limits import ProximityCase, distance_limit_on
from models.values.certainty import Certainty


@pytest.mark.parametrize(
    ("day", "metres"),
    [
        (date(2019, 4, 7), 500),
        (date(2022, 10, 19), 500),
        (date(2022, 10, 20), 1000),
        (date(2022, 12, 28), 1000),
        (date(2022, 12, 29), 2000),
        (date(2025, 6, 25), 5000),
        (date(2025, 7, 21), 5000),
        (date(2025, 7, 22), 2000),
        (date(2026, 3, 21), 2000),
        (date(2026, 3, 22), 5000),
        (date(2026, 11, 21), 5000),
    ],
)
def test_the_limit_of_a_plant_through_the_network(day: date, metres: int) -> None:
    limit = distance_limit_on(day)

    assert limit.value == metres
    assert limit.unit == "m"
    assert limit.period.contains(day)


def test_low_voltage_has_kept_its_limit() -> None:
    for day in (date(2019, 4, 7), date(2026, 11, 21)):
        assert distance_limit_on(day, ProximityCase.LOW_VOLTAGE).value == 500


def test_the_limit_in_force_is_verified_and_names_its_source() -> None:
    limit = distance_limit_on(date(2026, 11, 21))

    assert limit.certainty is Certainty.VERIFIED
    assert "RDL 7/2026" in limit.source
    assert limit.period.end is None


def test_every_day_since_2019_has_one_limit() -> None:
    figures = read_figures("distance_limits")

    assert set(figures) == set(ProximityCase)
    for rows in figures.values():
        assert all(one.period.end == other.period.start for one, other in pairwise(rows))
        assert rows[-1].period.end is None


def test_a_day_before_the_law_has_no_limit() -> None:
    day = date(2019, 4, 7) - timedelta(days=1)
    with pytest.raises(UnknownFigureError, match="begins on 2019-04-07") as error:
        distance_limit_on(day)
    assert error.value.day == day
