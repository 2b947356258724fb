"""Sums of a community's year: by hour, day, month and tariff period."""

from dataclasses import dataclass

import numpy as np

from loaders.records import CommunityYear, Energy
from models.regulation.tariff_periods import year_periods
from models.values.calendar import Instants, month_starts
from models.values.resolution import Resolution, sum_starts

MOST_PERIODS = 6
"""Periods of energy of the tariffs that have the most."""


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


def sum_by_tariff_period(year: CommunityYear) -> Energy:
    """Sum every member's consumption by local month and period of the member's own tariff.

    Parameters
    ----------
    year : CommunityYear
        The year.

    Returns
    -------
    ndarray, shape (n_members, 12, 6)
        Energy of P1 to P6 [kWh]; zero in periods that the tariff does not have, NaN where some of
        it is not known.

    Notes
    -----
    Circular 3/2020, article 7: three periods of 2.0TD, six of the other tariffs.
    """
    places = month_starts(year.year, year.timezone, year.step)
    sums = np.zeros((len(year.members), places.size, MOST_PERIODS))
    for tariff in {member.tariff for member in year.members}:
        rows = [row for row, member in enumerate(year.members) if member.tariff is tariff]
        periods = year_periods(year.year, year.zone, tariff, year.step, year.timezone)
        for period in range(1, int(periods.max()) + 1):
            energy_kwh = np.where(periods == period, year.consumption_kwh[rows], 0.0)
            sums[rows, :, period - 1] = np.add.reduceat(energy_kwh, places, axis=1)
    return sums
