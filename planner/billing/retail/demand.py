"""Demand above the contracted power, and reactive energy: what the meter says of a bill."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.billing.retail.billing_grid import BillingGrid, ImpossibleGridError
from planner.billing.retail.exact_cents import (
    SHARE_DECIMALS,
    Whole,
    multiply_exactly,
    round_half_up,
)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MeteredDemand:
    """Readings beside the energy; None where there are none, and nothing is billed for them.

    Attributes
    ----------
    maximeter_w : ndarray of int64, shape (n_rows, n_bills, n_power_periods), or None
        Largest demand of a quarter-hour [W].
    squared_excess_kw2 : ndarray, shape (n_rows, n_segments, n_power_periods), or None
        Sum over quarter-hours of the squared excess [kW2]; see ``sum_squared_excess``.
    reactive_varh : ndarray of int64, shape (n_rows, n_bills, n_periods), or None
        Reactive energy [varh].
    """

    maximeter_w: Whole | None = None
    squared_excess_kw2: Values | None = None
    reactive_varh: Whole | None = None

    def repeat(self, times: int) -> "MeteredDemand":
        """Give the same readings to every one of several scenarios, one below the other."""
        maximeter, squares, reactive = (
            None if each is None else np.concatenate([each] * times)
            for each in (self.maximeter_w, self.squared_excess_kw2, self.reactive_varh)
        )
        return MeteredDemand(maximeter, squares, reactive)


def bill_power_in_bands(contracted_w: Whole, demand_w: Whole, bands: Whole) -> Whole:
    """Tell the power to bill where the demand itself is billed.

    Parameters
    ----------
    contracted_w, demand_w : ndarray of int64, shapes that broadcast
        Contracted power and the maximeter's reading [W].
    bands : ndarray of int64, shape (..., 3)
        Least and greatest share of the contracted power, and factor of the excess [0.01].

    Returns
    -------
    ndarray of int64
        Power to bill [W].

    Notes
    -----
    RD 1164/2001, article 9.1: 85 % of the contracted power below that; the demand up to 105 %;
    above, the demand and twice what passes 105 %.

    Examples
    --------
    >>> demand, bands = np.array([22_520, 36_660, 37_780]), np.array([85, 105, 200])
    >>> bill_power_in_bands(np.array(35_000), demand, bands).tolist()
    [29750, 36660, 39840]
    """
    least = round_half_up(contracted_w * bands[..., 0], 100)
    passed = np.maximum(demand_w * 100 - contracted_w * bands[..., 1], 0)
    above = round_half_up(passed * bands[..., 2], 100**2)
    billed: Whole = np.maximum(demand_w, least) + above
    return billed


def sum_squared_excess(grid: BillingGrid, demand_kw: Values, contracted_power_kw: Values) -> Values:
    """Sum the squared excess of quarter-hours over the contracted power.

    Parameters
    ----------
    grid : BillingGrid
        Segments and tariff periods of a tariff of six.
    demand_kw : ndarray, shape (n_rows, n_steps)
        Mean demand of every quarter-hour [kW].
    contracted_power_kw : ndarray, shape (n_rows, n_segments, 6) or (n_rows, 1, 6)
        Contracted power [kW].

    Returns
    -------
    ndarray, shape (n_rows, n_segments, 6)
        Sums [kW2]: the excess is billed by their root (metering points of types 1 to 3).

    Raises
    ------
    ImpossibleGridError
        If the tariff does not have six periods.

    Examples
    --------
    >>> from datetime import date
    >>> from models.values.period import Period
    >>> grid = BillingGrid(np.array([1, 1, 6], np.uint8), 6, np.array([0, 3]),
    ...     (Period(date(2026, 1, 1), date(2026, 1, 2)),), np.array([0]))
    >>> sums = sum_squared_excess(grid, np.array([[13.0, 14.0, 9.0]]), np.full((1, 1, 6), 10.0))
    >>> sums[0, 0].tolist()
    [25.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    if grid.n_periods != grid.n_power_periods:
        raise ImpossibleGridError("quarter-hours of excess are summed for six periods of power")
    contracted = np.broadcast_to(
        contracted_power_kw, (len(demand_kw), grid.n_segments, grid.n_power_periods)
    )
    allowed = contracted[:, grid.segment_of_step, grid.tariff_periods.astype(np.intp) - 1]
    squares = np.maximum(demand_kw - allowed, 0.0) ** 2
    sums = np.empty((len(demand_kw), grid.n_segments, grid.n_periods))
    for period in range(grid.n_periods):
        of_period = np.where(grid.tariff_periods == period + 1, squares, 0.0)
        sums[:, :, period] = np.add.reduceat(of_period, grid.segment_borders[:-1], axis=1)
    return sums


def tell_reactive_excess(active_wh: Whole, reactive_varh: Whole, free_share: Whole) -> Whole:
    """Tell the reactive energy to bill in each period, all but the last.

    Parameters
    ----------
    active_wh, reactive_varh : ndarray of int64, shape (..., n_periods)
        Energy of the bill [Wh, varh].
    free_share : ndarray of int64, shape (..., 1)
        Share of the active energy that is free [1e-10].

    Returns
    -------
    ndarray of int64, shape (..., n_periods)
        Reactive energy above it [varh].

    Examples
    --------
    >>> active, reactive = np.full(6, 1000), np.full(6, 500)
    >>> tell_reactive_excess(active, reactive, np.array([3_300_000_000])).tolist()
    [170, 170, 170, 170, 170, 0]
    """
    free = round_half_up(multiply_exactly(active_wh, free_share), 10**SHARE_DECIMALS)
    excess: Whole = np.maximum(reactive_varh - free, 0)
    excess[..., -1] = 0
    return excess
