"""What sharing saves in whole numbers: billionths of a euro an interval, so that sums are exact."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.exact_allocation import MicroWh

NanoEur = NDArray[np.int64]
"""Money [1e-9 EUR], or prices [1e-9 EUR/kWh]."""

_WH_PER_KWH = 1_000
_MICRO_WH_PER_KWH = MILLIONTHS * _WH_PER_KWH


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """A month of supply points, settled.

    Attributes
    ----------
    without_nano_eur, grid_nano_eur, compensation_nano_eur : ndarray of int64, shape (n_points,)
        What all consumption costs, what comes from the grid costs, and what the surplus earns
        [1e-9 EUR].
    saved_nano_eur : ndarray of int64, shape (n_points, n_steps)
        What each interval saves [1e-9 EUR]; over the month it sums to
        ``without - grid + compensation``.
    is_capped : ndarray of bool, shape (n_points,)
        Of whom the surplus would have earned more than what comes from the grid costs.
    """

    without_nano_eur: NanoEur
    grid_nano_eur: NanoEur
    compensation_nano_eur: NanoEur
    saved_nano_eur: NanoEur
    is_capped: NDArray[np.bool_]


def value_exactly(energy_micro_wh: MicroWh, price_nano_eur_per_kwh: NanoEur) -> NanoEur:
    """Multiply energy with its price, each product rounded once.

    Parameters
    ----------
    energy_micro_wh : ndarray of int64, shape (..., n_steps)
        Energy, at least zero [1e-6 Wh].
    price_nano_eur_per_kwh : ndarray of int64, shape (n_steps,)
        Prices, within a million euros [1e-9 EUR/kWh].

    Returns
    -------
    ndarray of int64, shape (..., n_steps)
        Money [1e-9 EUR], halves up.

    Examples
    --------
    >>> value_exactly(np.array([1_500_000_000]), np.array([200_000_001])).tolist()
    [300000002]
    """
    whole_kwh, rest = np.divmod(energy_micro_wh, _MICRO_WH_PER_KWH)
    rest_wh, rest_micro_wh = np.divmod(rest, MILLIONTHS)
    # In parts, because the products of all digits pass 64 bits.
    high, low = np.divmod(price_nano_eur_per_kwh, MILLIONTHS)
    of_wh, wh_left = np.divmod(rest_wh * price_nano_eur_per_kwh, _WH_PER_KWH)
    of_micro, micro_left = np.divmod(rest_micro_wh * high, _WH_PER_KWH)
    left = (wh_left + micro_left) * MILLIONTHS + rest_micro_wh * low
    rounded = (left + _MICRO_WH_PER_KWH // 2) // _MICRO_WH_PER_KWH
    nano_eur: NanoEur = whole_kwh * price_nano_eur_per_kwh + of_wh + of_micro + rounded
    return nano_eur


def settle_exactly(
    *,
    consumption_micro_wh: MicroWh,
    self_consumed_micro_wh: MicroWh,
    surplus_micro_wh: MicroWh,
    energy_nano_eur: NanoEur,
    surplus_nano_eur: NanoEur,
) -> Settlement:
    """Settle a month by simplified compensation.

    Parameters
    ----------
    consumption_micro_wh, self_consumed_micro_wh, surplus_micro_wh : ndarray of int64
        Energy of a month's intervals, shape (n_points, n_steps) [1e-6 Wh].
    energy_nano_eur, surplus_nano_eur : ndarray of int64, shape (n_steps,)
        Prices of energy and of surplus [1e-9 EUR/kWh].

    Returns
    -------
    Settlement
        Energy terms only, before tolls and taxes.

    Notes
    -----
    RD 244/2019, article 14: in each month the surplus earns at most what the energy from the grid
    costs. Where that cap binds, the month's energy costs nothing, so each interval saves what its
    whole consumption would have cost; else what is used at once saves its price and the surplus
    earns its own.

    Examples
    --------
    >>> kwh = np.array([[1_000_000_000, 0]])
    >>> month = settle_exactly(
    ...     consumption_micro_wh=kwh,
    ...     self_consumed_micro_wh=kwh // 2,
    ...     surplus_micro_wh=kwh[:, ::-1],
    ...     energy_nano_eur=np.array([200, 200]),
    ...     surplus_nano_eur=np.array([50, 50]),
    ... )
    >>> month.saved_nano_eur.tolist(), month.compensation_nano_eur.tolist()
    ([[100, 50]], [50])
    """
    without = value_exactly(consumption_micro_wh, energy_nano_eur)
    grid = value_exactly(consumption_micro_wh - self_consumed_micro_wh, energy_nano_eur)
    earned = value_exactly(surplus_micro_wh, surplus_nano_eur)
    most = grid.sum(axis=1)
    is_capped = earned.sum(axis=1) > most
    return Settlement(
        without_nano_eur=without.sum(axis=1),
        grid_nano_eur=most,
        compensation_nano_eur=np.where(is_capped, most, earned.sum(axis=1)),
        saved_nano_eur=np.where(is_capped[:, np.newaxis], without, without - grid + earned),
        is_capped=is_capped,
    )
