"""The CO2 that self-consumed energy avoids, by the factor of its day."""

import numpy as np
from numpy.typing import NDArray

from api.services.energy.month_energy import KnownAmounts, MonthEnergy
from models.regulation.emission_factors import emission_factor_on
from planner.exact_savings import value_exactly

_NANO_KG = 1_000_000_000


def weigh_avoided_co2(energy: MonthEnergy) -> KnownAmounts:
    """Weigh the CO2 that a community's month avoided.

    Parameters
    ----------
    energy : MonthEnergy
        The month.

    Returns
    -------
    KnownAmounts
        Of each supply point and interval, shape (n_points, n_steps) [1e-9 kg].

    Raises
    ------
    UnknownFigureError
        If the table of factors does not reach back to a day.

    Notes
    -----
    Self-consumed energy times the factor of the tariff zone, as the planner counts it
    (docs/formulation.md).
    """
    return energy.reckon(_weigh)


def _weigh(energy: MonthEnergy) -> KnownAmounts:
    used = energy.self_consumed
    return KnownAmounts(value_exactly(used.nano, _lay_out_factors(energy)), used.is_known)


def _lay_out_factors(energy: MonthEnergy) -> NDArray[np.int64]:
    """Give the factor of every interval's local day [1e-9 kg/kWh]."""
    local = energy.month.local(energy.step)[energy.span].astype("datetime64[D]")
    days, places = np.unique(local, return_inverse=True)
    zone = energy.community.zone
    factors = [emission_factor_on(day, zone).value for day in days.astype(object).tolist()]
    return np.array([int(factor * _NANO_KG) for factor in factors], np.int64)[places]
