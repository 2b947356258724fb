"""The discount that a retailer owes when it activates self-consumption too late."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError
from models.values.money import round_to_cents
from planner.billing.retail.exact_cents import PRICE_DECIMALS, snap_to_whole

Values = NDArray[np.float64]


def discount_late_activation(
    share_kw: Decimal,
    equivalent_hours: Decimal,
    profile: Values,
    surplus_eur_per_kwh: Values,
    is_late: NDArray[np.bool_],
    grid_energy_eur: Decimal,
) -> Decimal:
    """Reckon the discount for the time in which self-consumption should have been active.

    Parameters
    ----------
    share_kw : Decimal
        The member's part of the installed power [kW]: power times coefficient.
    equivalent_hours : Decimal
        Hours a year at full power [h]; the law says 1,200.
    profile : ndarray, shape (n_steps,)
        Each interval's part of a year's generation [1]; the law's profile sums to one in a year.
    surplus_eur_per_kwh : ndarray, shape (n_steps,)
        Price of surplus [EUR/kWh].
    is_late : ndarray of bool, shape (n_steps,)
        Intervals of the bill after the time allowed and before the activation.
    grid_energy_eur : Decimal
        Value of the bill's energy from the grid [EUR], which the discount cannot pass.

    Returns
    -------
    Decimal
        Discount [EUR], never below zero.

    Raises
    ------
    InvalidArgumentError
        If shapes differ, or a number is not finite or negative where it cannot be.

    Notes
    -----
    RD 244/2019, article 16 bis: after two months, up to 100 kW in low voltage, with 1,200 hours,
    the photovoltaic profile of RD 413/2014, annex IV, and the price of article 14.3.ii, never
    above the value of the energy from the grid.

    Examples
    --------
    >>> hours = np.array([0.5, 0.5])
    >>> power, year, energy = Decimal(2), Decimal(1200), Decimal(200)
    >>> discount_late_activation(power, year, hours, hours / 10, hours > 0, energy)
    Decimal('120.00')
    """
    if not profile.shape == surplus_eur_per_kwh.shape == is_late.shape:
        raise InvalidArgumentError("profile, prices and the late intervals differ in number")
    year_kwh = share_kw * equivalent_hours
    worth = np.where(is_late, profile * surplus_eur_per_kwh, 0.0).sum()
    if year_kwh < 0 or profile.min(initial=0.0) < 0 or not np.isfinite(worth):
        raise InvalidArgumentError("power, hours and profile are numbers of at least zero")
    owed = snap_to_whole(np.array(float(year_kwh) * worth), PRICE_DECIMALS).item()
    limited = min(Decimal(owed).scaleb(-PRICE_DECIMALS), grid_energy_eur)
    return round_to_cents(max(limited, Decimal(0)))
