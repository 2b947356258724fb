"""What readings tell of the demand: the greatest of each bill, and what passes the contract."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Step
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.demand import MeteredDemand, sum_squared_excess

_W_PER_KW = 1000
_TWO = 2


def measure_demand(
    grid: BillingGrid,
    consumption_kwh: NDArray[np.float64],
    step: Step,
    contracted_kw: list[Decimal],
) -> MeteredDemand | None:
    """Measure the demand that excess power is billed by.

    Parameters
    ----------
    grid : BillingGrid
        Bills and tariff periods.
    consumption_kwh : ndarray, shape (n_rows, n_steps)
        Readings of the boundary meters [kWh].
    step : Step
        Length of an interval.
    contracted_kw : list of Decimal, length n_rows
        Contracted power [kW].

    Returns
    -------
    MeteredDemand or None
        None where intervals are hours, which hide what a quarter of an hour asked for.

    Notes
    -----
    Circular 3/2020, article 9.4: the mean demand of quarter-hours. Sharing happens on paper, so
    the boundary meter's demand counts with self-consumption and without.
    """
    if step is not Step.QUARTER_HOUR:
        return None
    demand_kw = consumption_kwh * step.per_hour
    contracted = np.array(contracted_kw, dtype=np.float64)[:, np.newaxis, np.newaxis]
    has_six = grid.n_periods == grid.n_power_periods
    return MeteredDemand(
        maximeter_w=find_maxima(grid, demand_kw),
        squared_excess_kw2=(
            sum_squared_excess(grid, demand_kw, np.repeat(contracted, grid.n_power_periods, axis=2))
            if has_six
            else None
        ),
    )


def find_maxima(grid: BillingGrid, demand_kw: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the greatest demand of every bill by power period.

    Parameters
    ----------
    grid : BillingGrid
        Bills and tariff periods.
    demand_kw : ndarray, shape (n_rows, n_steps)
        Mean demand of every interval [kW].

    Returns
    -------
    ndarray of int64, shape (n_rows, n_bills, n_power_periods)
        Demand [W]; of 2.0TD the first power period is that of P1 and P2 of energy.
    """
    power_periods = grid.tariff_periods.astype(np.intp)
    if grid.n_power_periods == _TWO:
        power_periods = np.where(power_periods == grid.n_periods, _TWO, 1)
    borders = grid.segment_borders[grid.bill_starts]
    maxima = [
        np.maximum.reduceat(np.where(power_periods == period, demand_kw, 0.0), borders, axis=1)
        for period in range(1, grid.n_power_periods + 1)
    ]
    maxima_w: NDArray[np.int64] = np.rint(np.stack(maxima, axis=2) * _W_PER_KW).astype(np.int64)
    return maxima_w
