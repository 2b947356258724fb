"""Places on the map, and how far apart they are."""

from dataclasses import dataclass

from geographiclib.geodesic import Geodesic

from models.values.errors import InvalidArgumentError

_MOST_LAT, _MOST_LON = 90.0, 180.0


class InvalidPlaceError(InvalidArgumentError):
    """Coordinates that are nowhere on Earth.

    Attributes
    ----------
    lat, lon : float
        What was offered [degrees].
    """

    def __init__(self, lat: float, lon: float) -> None:
        super().__init__(
            f"there is no place at latitude {lat}, longitude {lon}; "
            f"latitude goes from -{_MOST_LAT:g} to {_MOST_LAT:g}, "
            f"longitude from -{_MOST_LON:g} to {_MOST_LON:g}"
        )
        self.lat = lat
        self.lon = lon


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the ellipsoid of WGS 84.

    Attributes
    ----------
    lat, lon : float
        Latitude and longitude [degrees].

    Raises
    ------
    InvalidPlaceError
        If the latitude is not within 90 degrees or the longitude not within 180.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (abs(self.lat) <= _MOST_LAT and abs(self.lon) <= _MOST_LON):
            raise InvalidPlaceError(self.lat, self.lon)


def measure_distance(one: Place, other: Place) -> float:
    """Measure the way from one place to another on the plan.

    Parameters
    ----------
    one, other : Place
        The ends.

    Returns
    -------
    float
        Length of the geodesic [m].

    Notes
    -----
    RD 244/2019, article 3.g, measures the orthogonal projection on the plan; the geodesic of
    WGS 84 is that but for the millimetres of the map's own projection.

    Examples
    --------
    >>> round(measure_distance(Place(0.0, 0.0), Place(0.0, 1.0)))
    111319
    """
    found = Geodesic.WGS84.Inverse(one.lat, one.lon, other.lat, other.lon, Geodesic.DISTANCE)
    return float(found["s12"])
