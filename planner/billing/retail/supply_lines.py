"""Lines of power and of energy from the grid, on many bills."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.billing.retail.bill_lines import LineArrays, LineKind
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import PowerControl
from planner.billing.retail.demand import (
    MeteredDemand,
    bill_power_in_bands,
    tell_reactive_excess,
)
from planner.billing.retail.exact_cents import (
    PICO_EUR_PER_CENT,
    Whole,
    multiply_exactly,
    round_half_up,
    snap_to_whole,
)
from planner.billing.retail.line_arithmetic import price_power_days, price_units, take_share
from planner.billing.retail.rate_table import CONTROLS, NO_CURVE, RateTable
from planner.billing.retail.run_energy import RunEnergy
from planner.billing.retail.runs import sum_bills, sum_runs

Lines = dict[LineKind, LineArrays]

_W_DECIMALS = 3
_A_DAY = np.array([1, 0])
_A_YEAR = np.array([1, 1])


def price_power(
    grid: BillingGrid, table: RateTable, energy: RunEnergy, demand: MeteredDemand
) -> Lines:
    """Price the power by days: contracted, or as the rule of bands bills the demand.

    Parameters
    ----------
    grid : BillingGrid
        Bills of the segments.
    table : RateTable
        Prices.
    energy : RunEnergy
        Days.
    demand : MeteredDemand
        Readings of the meter.

    Returns
    -------
    dict of LineKind to LineArrays
        Power term, its tolls where they are apart, and its discount.

    Notes
    -----
    Circular 3/2020, article 9: the term is for days, a yearly price over those of the year.
    """
    power_w = table.power_w
    if demand.maximeter_w is not None:
        read_w = demand.maximeter_w[:, grid.bill_of_segment]
        bands = table.bands[:, :, np.newaxis]
        in_bands = bill_power_in_bands(power_w, read_w, bands)
        power_w = np.where(_has(table, PowerControl.BANDS), in_bands, power_w)
    time = energy.days, table.year_days
    apart = power_w * (table.power_has_tolls == 0)[..., np.newaxis]
    term = price_power_days(power_w, table.power_price, table.power_per, *time)
    tolls = price_power_days(apart, table.power_toll, _A_YEAR, *time)
    cents = (term.cents + tolls.cents).sum(axis=2) * (table.power_discount != 0)
    return {
        LineKind.POWER: term,
        LineKind.POWER_TOLLS: tolls,
        LineKind.POWER_DISCOUNT: take_share(cents, -table.power_discount),
    }


def price_excess(
    grid: BillingGrid, table: RateTable, energy: RunEnergy, demand: MeteredDemand
) -> Lines:
    """Price the demand above the contracted power.

    Parameters
    ----------
    grid : BillingGrid
        Bills of the segments.
    table : RateTable
        Prices.
    energy : RunEnergy
        Days.
    demand : MeteredDemand
        Readings of the meter.

    Returns
    -------
    dict of LineKind to LineArrays
        Of each way of metering that there are readings of.

    Notes
    -----
    By maximeter, types 4 and 5: t (Pd - Pc) and days, by tariff period. By quarter-hours, types
    1 to 3: t and the root of the sum of (Pd - Pc)² over those of the month in which it is
    positive. A bill has one root, shared among its runs by what each adds to that sum.
    """
    lines: Lines = {}
    if demand.maximeter_w is not None:
        above = np.maximum(demand.maximeter_w[:, grid.bill_of_segment] - table.power_w, 0)
        above = above * _has(table, PowerControl.MAXIMETER)
        time = energy.days, table.year_days
        lines[LineKind.EXCESS_BY_MAXIMETER] = price_power_days(
            above, table.excess_price, _A_DAY, *time
        )
    if demand.squared_excess_kw2 is not None:
        squares = demand.squared_excess_kw2 * _has(table, PowerControl.QUARTER_HOURS)
        roots_w = sum_runs(_share_roots(squares, grid), table.run_starts)
        lines[LineKind.EXCESS_BY_QUARTER_HOURS] = price_units(roots_w, table.excess_price)
    return lines


def _share_roots(squares: NDArray[np.float64], grid: BillingGrid) -> Whole:
    """Take one root a bill and part its whole watts among the segments by their squares."""
    shares = np.zeros(squares.shape, dtype=np.int64)
    for first, end in pairwise([*grid.bill_starts.tolist(), grid.n_segments]):
        running = np.cumsum(squares[:, first:end], axis=1)
        total = running[:, -1:]
        root_w = snap_to_whole(np.sqrt(total), _W_DECIMALS)
        reached = running / np.where(total > 0, total, 1.0)
        # Differences of whole numbers, of which the last is the root: nothing is lost.
        reached_w = snap_to_whole(root_w * reached, 0)
        shares[:, first:end] = np.diff(reached_w, axis=1, prepend=0)
    return shares


def _has(table: RateTable, control: PowerControl) -> Whole:
    """Tell where power is controlled in a way, shape (n_rows, n_segments, 1)."""
    is_so: Whole = (table.control == CONTROLS.index(control)).astype(np.int64)
    return is_so[..., np.newaxis]


def price_energy(table: RateTable, energy: RunEnergy) -> Lines:
    """Price the energy from the grid.

    Parameters
    ----------
    table : RateTable
        Prices.
    energy : RunEnergy
        Energy.

    Returns
    -------
    dict of LineKind to LineArrays
        Energy term by tariff period, or one line where it follows a curve; its tolls where they
        are apart; its discount.
    """
    is_indexed = (table.energy_curve != NO_CURVE).astype(np.int64)[..., np.newaxis]
    term = price_units(energy.grid_wh * (1 - is_indexed), table.energy_price)
    adders = multiply_exactly(energy.grid_wh, table.energy_price).sum(axis=2, keepdims=True)
    worth = (energy.grid_pico_eur[..., np.newaxis] + adders) * is_indexed
    indexed = LineArrays(
        cents=round_half_up(worth, PICO_EUR_PER_CENT),
        quantity=energy.grid_wh.sum(axis=2, keepdims=True) * is_indexed,
        price=np.zeros_like(worth),
    )
    apart = energy.grid_wh * (table.energy_has_tolls == 0)[..., np.newaxis]
    tolls = price_units(apart, table.energy_toll)
    cents = (term.cents + tolls.cents).sum(axis=2) + indexed.cents[..., 0]
    discount = take_share(cents * (table.energy_discount != 0), -table.energy_discount)
    return {
        LineKind.ENERGY: term,
        LineKind.INDEXED_ENERGY: indexed,
        LineKind.ENERGY_TOLLS: tolls,
        LineKind.ENERGY_DISCOUNT: discount,
    }


def price_reactive(
    grid: BillingGrid, table: RateTable, energy: RunEnergy, demand: MeteredDemand
) -> Lines:
    """Price reactive energy at the end of each bill, at the prices in force there.

    Parameters
    ----------
    grid : BillingGrid
        Bills of the segments.
    table : RateTable
        Prices and the share that is free.
    energy : RunEnergy
        Active energy.
    demand : MeteredDemand
        Readings of the meter.

    Returns
    -------
    dict of LineKind to LineArrays
        By tariff period; nothing without readings.

    Notes
    -----
    A power factor below 0.80 is more than three units of reactive energy to four of active.
    """
    if demand.reactive_varh is None:
        return {}
    last = np.append(grid.bill_starts[1:], grid.n_segments) - 1
    active = sum_bills(energy.grid_wh, grid.bill_starts)
    prices = table.reactive_prices[:, last]
    is_low = 4 * demand.reactive_varh > 3 * active
    price = np.where(is_low, prices[..., 1:], prices[..., :1])
    excess = tell_reactive_excess(
        active, demand.reactive_varh, table.reactive_free[:, last, np.newaxis]
    ) * (prices[..., :1] > 0)
    quantity, at_price = np.zeros((2, *energy.grid_wh.shape), dtype=np.int64)
    quantity[:, last], at_price[:, last] = excess, price
    return {LineKind.REACTIVE_ENERGY: price_units(quantity, at_price)}
