"""Days and energy of every run of segments, in whole numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.energy_sums import DrawnEnergy
from planner.billing.retail.exact_cents import PRICE_DECIMALS, Whole, snap_to_whole
from planner.billing.retail.rate_table import NO_CURVE, RateTable
from planner.billing.retail.runs import sum_runs

_WH_DECIMALS = 3
_PICO_PER_NANO = 1000


@dataclass(frozen=True, slots=True, eq=False)
class RunEnergy:
    """What was metered in every run, in its last segment; zeros in the others.

    Attributes
    ----------
    days : ndarray of int64, shape (n_rows, n_segments)
        Days.
    grid_wh : ndarray of int64, shape (n_rows, n_segments, n_periods)
        Energy from the grid [Wh].
    surplus_wh : ndarray of int64, shape (n_rows, n_segments)
        Surplus [Wh].
    grid_pico_eur, surplus_pico_eur : ndarray of int64, shape (n_rows, n_segments)
        The same by the curve that the price follows, if any [1e-12 EUR].
    """

    days: Whole
    grid_wh: Whole
    surplus_wh: Whole
    grid_pico_eur: Whole
    surplus_pico_eur: Whole


def measure_runs(grid: BillingGrid, table: RateTable, drawn: DrawnEnergy) -> RunEnergy:
    """Sum days and energy over each run, and round what is metered once.

    Parameters
    ----------
    grid : BillingGrid
        Segments and bills.
    table : RateTable
        Runs of every row, and the curve that each follows.
    drawn : DrawnEnergy
        Energy to bill.

    Returns
    -------
    RunEnergy
        Energy in whole watt-hours, sums of hourly prices in whole billionths of a euro: halves
        up, once the noise of summing floats is cut off.
    """
    starts = table.run_starts
    days = np.broadcast_to(grid.days, starts.shape)
    return RunEnergy(
        days=sum_runs(days, starts),
        grid_wh=snap_to_whole(sum_runs(drawn.grid_kwh, starts), _WH_DECIMALS),
        surplus_wh=snap_to_whole(sum_runs(drawn.surplus_kwh, starts), _WH_DECIMALS),
        grid_pico_eur=_follow_curve(drawn.grid_eur, table.energy_curve, starts),
        surplus_pico_eur=_follow_curve(drawn.surplus_eur, table.surplus_curve, starts),
    )


def _follow_curve(by_curve: NDArray[np.float64], curve: Whole, starts: NDArray[np.bool_]) -> Whole:
    """Pick what energy is worth by the curve in force; nothing where none is."""
    with_none = np.append(np.zeros((*by_curve.shape[:2], 1)), by_curve, axis=2)
    picked = np.take_along_axis(with_none, curve[..., np.newaxis] - NO_CURVE, axis=2)[..., 0]
    return snap_to_whole(sum_runs(picked, starts), PRICE_DECIMALS) * _PICO_PER_NANO
