"""Electricity tax, and the tax on sales, on many bills."""

import numpy as np

from planner.billing.retail.bill_lines import LineArrays, LineKind
from planner.billing.retail.exact_cents import Whole, multiply_exactly, round_half_up
from planner.billing.retail.line_arithmetic import price_days, take_share
from planner.billing.retail.rate_table import SAME_TAX, RateTable
from planner.billing.retail.run_energy import RunEnergy
from planner.billing.retail.runs import sum_runs

Lines = dict[LineKind, LineArrays]

_PICO_MWH_EUR_PER_CENT = 10**13
"""Watt-hours times billionths of EUR/MWh, in a cent."""


def tax_lines(table: RateTable, energy: RunEnergy, lines: Lines) -> Lines:
    """Add what comes after the energy: electricity tax, fees, and the tax on all of it.

    Parameters
    ----------
    table : RateTable
        Rates and fees.
    energy : RunEnergy
        Days and energy.
    lines : dict of LineKind to LineArrays
        Everything that electricity tax is due on.

    Returns
    -------
    dict of LineKind to LineArrays
        Taxes once for all days of a bill with the same rates, and the fees.

    Notes
    -----
    Electricity tax: the rate on the amount, or the minimum a MWh if that is more (Ley 38/1992).
    The tax on sales is on the amount, that tax and the fees; meter and services may have their
    own rates.
    """
    amount = sum_runs(sum_lines(lines), table.tax_starts)
    wh = sum_runs(energy.grid_wh.sum(axis=2), table.tax_starts)
    rated = take_share(amount, table.electricity_tax)
    least = round_half_up(multiply_exactly(wh, table.electricity_least), _PICO_MWH_EUR_PER_CENT)
    is_least = (least[..., np.newaxis] > rated.cents).astype(np.int64)
    taxed: Lines = {
        LineKind.ELECTRICITY_TAX: LineArrays(
            rated.cents * (1 - is_least), rated.quantity * (1 - is_least), rated.price
        ),
        LineKind.LEAST_ELECTRICITY_TAX: LineArrays(
            least[..., np.newaxis] * is_least,
            wh[..., np.newaxis] * is_least,
            table.electricity_least[..., np.newaxis],
        ),
        LineKind.METER_RENTAL: price_days(table.meter_rental, energy.days, table.year_days),
        LineKind.SERVICES: price_days(table.services, energy.days, table.year_days),
    }
    return taxed | _tax_sales(table, sum_lines(lines) + sum_lines(taxed), taxed)


def _tax_sales(table: RateTable, amount: Whole, taxed: Lines) -> Lines:
    """Tax everything, but meter and services apart where they have rates of their own."""
    apart: Lines = {}
    rest = amount
    for kind, fee, rate in (
        (LineKind.METER_TAX, LineKind.METER_RENTAL, table.meter_tax),
        (LineKind.SERVICES_TAX, LineKind.SERVICES, table.services_tax),
    ):
        is_apart = (rate != SAME_TAX).astype(np.int64)
        charged = taxed[fee].cents[..., 0] * is_apart
        rest = rest - charged
        apart[kind] = take_share(sum_runs(charged, table.tax_starts), rate * is_apart)
    return {
        LineKind.SALES_TAX: take_share(sum_runs(rest, table.tax_starts), table.sales_tax)
    } | apart


def sum_lines(lines: Lines) -> Whole:
    """Sum the amounts of all kinds and parts.

    Parameters
    ----------
    lines : dict of LineKind to LineArrays
        At least one.

    Returns
    -------
    ndarray of int64, shape (n_rows, n_segments)
        Cents.

    Examples
    --------
    >>> two = LineArrays(*[np.array([[[1, 2]]])] * 3)
    >>> sum_lines({LineKind.ENERGY: two, LineKind.POWER: two}).tolist()
    [[6]]
    """
    total: Whole = np.sum([line.cents.sum(axis=2) for line in lines.values()], axis=0)
    return total
