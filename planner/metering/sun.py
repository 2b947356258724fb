"""When the sun is down, so that nothing can be generated."""

from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, Zone

Night = NDArray[np.bool_]

ZONE_PLACES = MappingProxyType(
    {
        Zone.PENINSULA: (40.42, -3.70),
        Zone.BALEARES: (39.57, 2.65),
        Zone.CANARIAS: (28.12, -15.43),
        Zone.CEUTA: (35.89, -5.31),
        Zone.MELILLA: (35.29, -2.94),
    }
)
"""Latitude and longitude of each zone's capital, for plants whose place is not known [degrees]."""

HORIZON_DEGREES = -0.833
"""Elevation of the sun's centre at sunrise and sunset: its radius and the air's refraction."""

UNKNOWN_PLACE_DEGREES = -7.0
"""The same for a plant that may stand anywhere in its zone.

From Galicia to Catalonia the sun rises up to half an hour before or after Madrid; at 40 degrees
north it sinks some 6 degrees meanwhile.
"""


def find_night(
    starts: Instants, step: Step, zone: Zone, place: tuple[float, float] | None
) -> Night:
    """Tell in which intervals the sun is down from beginning to end.

    Parameters
    ----------
    starts : ndarray of datetime64[s], shape (n_intervals,)
        Starts of the intervals in UTC.
    step : Step
        Length of an interval.
    zone : Zone
        Tariff zone.
    place : tuple of float or None
        Latitude and longitude of the plant [degrees]; None where they are not known.

    Returns
    -------
    ndarray of bool, shape (n_intervals,)
        True at night. Where the place is not known, only when it is night in the whole zone.

    Notes
    -----
    Position of the sun by NREL's algorithm (Reda and Andreas 2004), as pvlib has it.

    Examples
    --------
    >>> starts = np.array(["2023-06-21T01", "2023-06-21T12"], dtype="datetime64[s]")
    >>> find_night(starts, Step.HOUR, Zone.PENINSULA, None)
    array([ True, False])
    """
    horizon = HORIZON_DEGREES if place else UNKNOWN_PLACE_DEGREES
    lat, lon = place or ZONE_PLACES[zone]
    ends = starts + np.timedelta64(step.seconds, "s")
    instants = np.union1d(starts, ends)
    is_down = _elevation(instants.tobytes(), lat, lon) < horizon
    night: Night = (
        is_down[np.searchsorted(instants, starts)] & is_down[np.searchsorted(instants, ends)]
    )
    return night


@lru_cache(maxsize=64)
def _elevation(instants: bytes, lat: float, lon: float) -> NDArray[np.float64]:
    """Elevation of the sun's centre without refraction [degrees]."""
    # Loaded for those who ask for the sun, not by every process: it brings all of SciPy along.
    import pandas as pd  # noqa: PLC0415
    from pvlib.solarposition import get_solarposition  # noqa: PLC0415

    times = pd.DatetimeIndex(np.frombuffer(instants, "datetime64[s]"), tz="UTC")
    position = get_solarposition(times, lat, lon)
    return np.asarray(position["elevation"], dtype=np.float64)
