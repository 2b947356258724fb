"""Sums of a community's year: by quarter of an hour, hour, day, month and year."""

from dataclasses import dataclass

import numpy as np

from loaders.records import CommunityYear, Energy
from models.values.calendar import Instants
from models.values.resolution import Resolution, sum_starts


@dataclass(frozen=True, slots=True, eq=False)
class EnergySums:
    """A community's year, summed.

    Attributes
    ----------
    starts : ndarray of datetime64[s], shape (n_sums,)
        First instants of what is summed in UTC.
    consumption_kwh : ndarray, shape (n_members, n_sums)
        Consumption [kWh]; NaN where some of it is not known.
    generation_kwh : ndarray, shape (n_installations, n_sums)
        Generation [kWh].
    """

    starts: Instants
    consumption_kwh: Energy
    generation_kwh: Energy


def sum_energy(year: CommunityYear, resolution: Resolution) -> EnergySums:
    """Sum every meter of a community's year by hours, local days or months, or whole.

    Parameters
    ----------
    year : CommunityYear
        The year.
    resolution : Resolution
        By what.

    Returns
    -------
    EnergySums
        The sums; a local day has 23, 24 or 25 hours.

    Raises
    ------
    FinerThanMeteredError
        If quarters of an hour are asked of meters that count by the hour.
    """
    places = sum_starts(year.year, year.timezone, year.step, resolution)
    return EnergySums(
        starts=year.starts[places],
        consumption_kwh=np.add.reduceat(year.consumption_kwh, places, axis=1),
        generation_kwh=np.add.reduceat(year.generation_kwh, places, axis=1),
    )
