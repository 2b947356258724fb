"""The billing simulator: every member's year by month, with and without self-consumption."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """Energy and money of each member and month, every array of shape (n_members, n_months).

    Attributes
    ----------
    consumption_kwh, allocated_kwh, self_consumed_kwh, surplus_kwh, grid_import_kwh : ndarray
        Energy [kWh].
    cost_without_eur : ndarray or None
        What the energy would cost if the member did not share [EUR]; None without prices.
    grid_cost_eur : ndarray or None
        What the energy from the grid costs [EUR].
    surplus_compensation_eur : ndarray or None
        What the surplus earns, never above ``grid_cost_eur`` [EUR].
    """

    consumption_kwh: Values
    allocated_kwh: Values
    self_consumed_kwh: Values
    surplus_kwh: Values
    grid_import_kwh: Values
    cost_without_eur: Values | None = None
    grid_cost_eur: Values | None = None
    surplus_compensation_eur: Values | None = None

    @property
    def cost_with_eur(self) -> Values | None:
        """What the member pays for energy when it shares [EUR], shape (n_members, n_months)."""
        if self.grid_cost_eur is None or self.surplus_compensation_eur is None:
            return None
        return self.grid_cost_eur - self.surplus_compensation_eur

    @property
    def savings_eur(self) -> Values | None:
        """What sharing saves [EUR], shape (n_members, n_months)."""
        cost_with = self.cost_with_eur
        if self.cost_without_eur is None or cost_with is None:
            return None
        return self.cost_without_eur - cost_with


def simulate_year(
    beta: Values,
    generation_kwh: Values,
    consumption_kwh: Values,
    month_starts: NDArray[np.intp],
    prices: tuple[Values, Values] | None = None,
) -> Settlement:
    """Settle every member's months under constant coefficients.

    Parameters
    ----------
    beta : ndarray, shape (n_members,)
        Distribution coefficients [1].
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    month_starts : ndarray of int, shape (n_months,)
        First interval of each billing month.
    prices : tuple of two ndarrays of shape (n_steps,), optional
        Price of energy and of surplus [EUR/kWh]; they may be negative.

    Returns
    -------
    Settlement
        Energy terms only, before taxes and tolls.

    Notes
    -----
    Simplified compensation of RD 244/2019, article 14: in each month the surplus earns at most
    what the energy from the grid costs. One pass over the year: each month is cut out once, and
    one matrix product sums its energy and its money for all members together.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> settled = simulate_year(one, np.array([5.0]), np.array([[2.0]]), np.array([0]),
    ...     (np.array([0.2]), np.array([0.1])))
    >>> settled.savings_eur.round(3).tolist()
    [[0.4]]
    """
    ones = np.ones_like(generation_kwh)
    energy_price, surplus_price = prices if prices is not None else (ones, ones)
    weights = np.stack([ones, energy_price, surplus_price], axis=1)
    generation = np.maximum(generation_kwh, 0.0)
    borders = np.append(month_starts, generation.size)
    shape = (month_starts.size, beta.size, 3)
    used, consumed = np.empty(shape), np.empty(shape)
    for month, (start, end) in enumerate(pairwise(borders)):
        consumption = consumption_kwh[:, start:end]
        allocated = beta[:, np.newaxis] * generation[start:end]
        used[month] = np.minimum(allocated, consumption) @ weights[start:end]
        consumed[month] = consumption @ weights[start:end]
    month_sums = np.add.reduceat(weights * generation[:, np.newaxis], month_starts, axis=0)
    allocated_sums = month_sums[:, np.newaxis, :] * beta[:, np.newaxis]
    return _settle(used, consumed, allocated_sums, priced=prices is not None)


def _settle(used: Values, consumed: Values, allocated: Values, *, priced: bool) -> Settlement:
    """Name the sums, each of shape (n_months, n_members, 3): energy, at energy, at surplus price.

    Differences of sums can fall a rounding error below zero, where energy never is.
    """
    surplus = np.maximum(allocated - used, 0.0)
    grid = np.maximum(consumed - used, 0.0)
    energy = Settlement(
        consumption_kwh=consumed[:, :, 0].T,
        allocated_kwh=allocated[:, :, 0].T,
        self_consumed_kwh=used[:, :, 0].T,
        surplus_kwh=surplus[:, :, 0].T,
        grid_import_kwh=grid[:, :, 0].T,
    )
    if not priced:
        return energy
    grid_cost = (consumed - used)[:, :, 1].T
    earned = (allocated - used)[:, :, 2].T
    return Settlement(
        consumption_kwh=energy.consumption_kwh,
        allocated_kwh=energy.allocated_kwh,
        self_consumed_kwh=energy.self_consumed_kwh,
        surplus_kwh=energy.surplus_kwh,
        grid_import_kwh=energy.grid_import_kwh,
        cost_without_eur=consumed[:, :, 1].T,
        grid_cost_eur=grid_cost,
        surplus_compensation_eur=np.minimum(earned, grid_cost),
    )
