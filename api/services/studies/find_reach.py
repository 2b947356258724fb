"""Find out who is near enough to which plant, by the distance limit of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from loaders.records import CommunityYear, InstallationRecord, MemberRecord
from models.regulation.dated_figures import Figure
from models.regulation.distance_limits import distance_limit_on
from models.values.errors import InfeasibleError
from planner.places import Place, measure_distance


class TooFarError(InfeasibleError):
    """Some members are too far from every installation.

    Attributes
    ----------
    distances_m : dict of str to float
        By member id, how far the nearest installation is [m].
    limit_m : float
        What a distance must be strictly below [m].
    listed : str
        Who, with the distances.
    source : str
        The law that sets the limit.
    """

    def __init__(self, distances_m: dict[str, float], limit: Figure) -> None:
        listed = ", ".join(f"{name} ({metres:,.0f} m)" for name, metres in distances_m.items())
        super().__init__(
            f"no installation is within reach of {listed}: the meter must be less than "
            f"{limit.value} m away ({limit.source}); check the positions, or leave them out"
        )
        self.distances_m = distances_m
        self.listed = listed
        self.source = limit.source
        self.limit_m = float(limit.value)


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Who is near enough to which plant.

    Attributes
    ----------
    limit : Figure
        The limit in force; a distance must be strictly below it.
    distances_m : ndarray, shape (n_members, n_caus)
        Distance of each meter to each plant [m]; NaN where a position is not known.
    """

    limit: Figure
    distances_m: NDArray[np.float64]

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Who may share in which plant; an unknown position forbids nothing."""
        return ~(self.distances_m >= float(self.limit.value))


def find_reach(community: CommunityYear, members: Sequence[MemberRecord], day: date) -> Reach:
    """Measure how far members are from every plant.

    Parameters
    ----------
    community : CommunityYear
        Its installations are the plants.
    members : sequence of MemberRecord
        Those who share.
    day : date
        Local day whose limit holds.

    Returns
    -------
    Reach
        Distances and limit.

    Raises
    ------
    TooFarError
        If somebody is too far from every plant.
    UnknownFigureError
        If the distance limit of the day is not known.
    InvalidPlaceError
        If a position is nowhere on Earth.

    Notes
    -----
    RD 244/2019, article 3.g: photovoltaics through the network, to the consumption meter.
    """
    plants = [locate(plant) for plant in community.installations]
    distances_m = np.array(
        [[_measure(locate(member), plant) for plant in plants] for member in members]
    )
    reach = Reach(distance_limit_on(day), distances_m)
    lost = np.flatnonzero(~reach.allowed.any(axis=1))
    if lost.size:
        nearest = {members[row].member_id: float(distances_m[row].min()) for row in lost.tolist()}
        raise TooFarError(nearest, reach.limit)
    return reach


def locate(record: MemberRecord | InstallationRecord) -> Place | None:
    """Give the place of a plant or a meter.

    Parameters
    ----------
    record : MemberRecord or InstallationRecord
        With or without coordinates.

    Returns
    -------
    Place or None
        None where a coordinate is missing.
    """
    if record.lat is None or record.lon is None:
        return None
    return Place(record.lat, record.lon)


def _measure(meter: Place | None, plant: Place | None) -> float:
    """Measure the way, if both ends are known [m]."""
    return np.nan if meter is None or plant is None else measure_distance(meter, plant)
