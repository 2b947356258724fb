"""Distances between places, against published geodesics and a sphere."""

import math

import pytest

from planner.places import InvalidPlaceError, Place, measure_distance


def test_a_published_geodesic() -> None:
    # Wellington to Salamanca, the worked example of GeographicLib's manual.
    wellington, salamanca = Place(-41.32, 174.81), Place(40.96, -5.50)

    assert measure_distance(wellington, salamanca) == pytest.approx(19_959_679.267, abs=1e-3)
    assert measure_distance(salamanca, salamanca) == 0.0


def test_short_ways_are_those_of_a_sphere_to_half_a_percent() -> None:
    plant, meter = Place(39.47, -0.38), Place(39.50, -0.35)
    north = math.radians(0.03) * 6_371_009
    east = math.radians(0.03) * 6_371_009 * math.cos(math.radians(39.485))

    assert measure_distance(plant, meter) == pytest.approx(math.hypot(north, east), rel=5e-3)
    assert measure_distance(plant, meter) == pytest.approx(measure_distance(meter, plant))


@pytest.mark.parametrize(
    ("lat", "lon"), [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (math.nan, 0.0), (0.0, math.inf)]
)
def test_coordinates_that_are_nowhere_are_refused(lat: float, lon: float) -> None:
    with pytest.raises(InvalidPlaceError, match="there is no place at latitude") as error:
        Place(lat, lon)
    assert repr((error.value.lat, error.value.lon)) == repr((lat, lon))
