"""The billing simulator: every member's year by month, with and without self-consumption."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.member_prices import MemberPrices, Prices, list_rates

Values = NDArray[np.float64]

_MEMBERS_AT_ONCE = 32
"""So many members' month stays in the processor's cache."""

_ENERGY, _SURPLUS, _CEILING = 1, 2, 3
"""Places of the prices by which energy is summed, after the kWh; the ceiling may be missing."""


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
        What the surplus earns, never above ``grid_cost_eur``, or the part of it that limits the
        compensation [EUR].
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
    prices: Prices | None = None,
) -> Settlement:
    """Settle every member's months under its coefficients.

    Parameters
    ----------
    beta : ndarray, shape (n_members,) or (n_members, n_steps)
        Distribution coefficients [1], constant or of every interval.
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    month_starts : ndarray of int, shape (n_months,)
        First interval of each billing month.
    prices : tuple of two ndarrays of shape (n_steps,), or MemberPrices, optional
        Price of energy and of surplus, of everybody or of each member [EUR/kWh]; they may be
        negative.

    Returns
    -------
    Settlement
        Energy terms only, before taxes and tolls, unless the members' prices hold them.

    Notes
    -----
    Simplified compensation of RD 244/2019, article 14: in each month the surplus earns at most
    what the energy from the grid costs. One pass over the year, month by month and some members
    at a time.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> settled = simulate_year(one, np.array([5.0]), np.array([[2.0]]), np.array([0]),
    ...     (np.array([0.2]), np.array([0.1])))
    >>> settled.savings_eur.round(3).tolist()
    [[0.4]]
    """
    generation = np.maximum(generation_kwh, 0.0)
    months = [slice(*pair) for pair in pairwise([*month_starts.tolist(), generation.size])]
    kwh = np.ones_like(generation)
    if not isinstance(prices, MemberPrices):
        weights = np.stack([kwh, *(prices or ())])
        return _settle(*_sum_months(beta, generation, consumption_kwh, months, weights))
    sums = np.empty((3, _CEILING + 1, len(beta), len(months)))
    for rate in list_rates(prices, len(beta)):
        own, weights = rate.members, np.stack([kwh, rate.energy, rate.surplus, rate.ceiling])
        sums[:, :, own] = _sum_months(beta[own], generation, consumption_kwh[own], months, weights)
    return _settle(*sums)


def _sum_months(
    beta: Values,
    generation: Values,
    consumption_kwh: Values,
    months: list[slice],
    weights: Values,
) -> Values:
    """Sum used, consumed and allocated energy by each weight, member and month."""
    sums = np.empty((3, len(weights), len(beta), len(months)))
    used, consumed, allocated = sums
    blocks = range(0, len(beta), _MEMBERS_AT_ONCE)
    for rows in (slice(start, start + _MEMBERS_AT_ONCE) for start in blocks):
        for month, steps in enumerate(months):
            consumption, of_month = consumption_kwh[rows, steps], weights[:, steps]
            shares = beta[rows, np.newaxis] if beta.ndim == 1 else beta[rows, steps]
            split = shares * generation[steps]
            # Constant coefficients multiply the month's sums, which saves a pass over the members.
            if beta.ndim == 1:
                allocated[:, rows, month] = np.outer(of_month @ generation[steps], beta[rows])
            else:
                allocated[:, rows, month] = _sum_by(of_month, split)
            used[:, rows, month] = _sum_by(of_month, np.minimum(split, consumption, out=split))
            consumed[:, rows, month] = _sum_by(of_month, consumption)
    return sums


def _sum_by(weights: Values, energy: Values) -> list[Values]:
    """Sum each member's energy by each weight, without the threads of a matrix product."""
    return [np.vecdot(energy, weight) for weight in weights]


def _settle(used: Values, consumed: Values, allocated: Values) -> Settlement:
    """Name the sums: of energy and, with prices, of energy at each price.

    Differences of sums can fall a rounding error below zero, where energy never is.
    """
    energy = Settlement(
        consumption_kwh=consumed[0],
        allocated_kwh=allocated[0],
        self_consumed_kwh=used[0],
        surplus_kwh=np.maximum(allocated[0] - used[0], 0.0),
        grid_import_kwh=np.maximum(consumed[0] - used[0], 0.0),
    )
    if len(used) == 1:
        return energy
    ceiling = _CEILING if len(used) > _CEILING else _ENERGY
    return replace(
        energy,
        cost_without_eur=consumed[_ENERGY],
        grid_cost_eur=consumed[_ENERGY] - used[_ENERGY],
        surplus_compensation_eur=np.minimum(
            allocated[_SURPLUS] - used[_SURPLUS], consumed[ceiling] - used[ceiling]
        ),
    )
