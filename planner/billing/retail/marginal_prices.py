"""What a kWh more or less is worth on the bill: prices that the planner can sum by the hour."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import Supply
from planner.billing.retail.exact_cents import PRICE_DECIMALS, SHARE_DECIMALS
from planner.billing.retail.rate_table import NO_CURVE, RateTable, tabulate_supplies
from planner.member_prices import MemberPrices

Values = NDArray[np.float64]

_PRICE_UNIT, _SHARE_UNIT = 10.0**-PRICE_DECIMALS, 10.0**-SHARE_DECIMALS


def price_marginal_kwh(
    grid: BillingGrid, supplies: Sequence[Supply], price_curves: Mapping[str, Values]
) -> MemberPrices:
    """Price what a kWh less from the grid and a kWh of surplus change on each supply's bills.

    Parameters
    ----------
    grid : BillingGrid
        Bills, their segments and the tariff periods.
    supplies : sequence of Supply, length n_rows
        Contract and law of each.
    price_curves : mapping of str to ndarray of shape (n_steps,)
        Prices that contracts follow [EUR/kWh].

    Returns
    -------
    MemberPrices
        Taxes included, one row for supplies that are priced alike. The ceiling is the value of a
        kWh in the base of the cap.

    Raises
    ------
    ImpossibleSupplyError, InexactFigureError
        As ``tabulate_supplies``.

    Notes
    -----
    Energy: (price + tolls where they are apart) (1 - discount). Surplus: its price. Both, and the
    ceiling, times (1 - social bonus) (1 + electricity tax) (1 + tax on sales) of their days,
    because compensation is deducted before bonus and taxes (RD 244/2019, article 14.6).

    Power, fees and what is paid for time do not change with the coefficients. Not proportional to
    energy, and so not in these prices, are: rounding to cents and Wh; the least electricity tax;
    a cap that is below zero, or other taxes on some days of a bill that it limits; surplus worth
    less than nothing that the contract does not charge; the yearly limit of the social bonus.

    Examples
    --------
    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from models.values.period import Period
    >>> from planner.billing.retail.contract import ConstantPrice, Contract, RegulatedTerms
    >>> grid = BillingGrid(np.array([1], np.uint8), 3, np.array([0, 1]),
    ...     (Period(date(2026, 1, 1), date(2026, 1, 2)),), np.array([0]))
    >>> energy, surplus = (ConstantPrice((Decimal(each),)) for each in ("0.2", "0.1"))
    >>> contract = Contract((Decimal(0),), energy, surplus=surplus)
    >>> law = RegulatedTerms((Decimal(0),), (Decimal(0),), 365, Decimal("0.05"), Decimal("0.2"))
    >>> prices = price_marginal_kwh(grid, [Supply((contract,), (law,), ((Decimal(3),),))], {})
    >>> prices.energy.round(3).tolist(), prices.surplus.round(3).tolist()
    ([[0.252]], [[0.126]])
    """
    table = tabulate_supplies(supplies, grid, tuple(price_curves))
    curves = np.vstack([np.zeros(grid.tariff_periods.size), *price_curves.values()])
    firsts, rate_of = _find_alike(table)
    rows = [_price_row(table, row, grid, curves) for row in firsts.tolist()]
    energy, surplus, ceiling = np.stack(rows, axis=1)
    return MemberPrices(energy, surplus, ceiling, rate_of)


def _find_alike(table: RateTable) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find one row for each way in which energy is priced, and each row's way."""
    figures = (
        *(table.energy_price, table.energy_curve, table.energy_has_tolls, table.energy_toll),
        *(table.energy_discount, table.surplus_price, table.surplus_curve, table.cap_has_tolls),
        *(table.bonus_discount, table.electricity_tax, table.sales_tax),
    )
    columns = np.concatenate([each.reshape(len(each), -1) for each in figures], axis=1)
    _, firsts, rate_of = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    return firsts, rate_of.ravel()


def _price_row(table: RateTable, row: int, grid: BillingGrid, curves: Values) -> Values:
    """Price energy, surplus and ceiling of one row by interval, shape (3, n_steps)."""
    segment = grid.segment_of_step
    steps, period = np.arange(segment.size), grid.tariff_periods.astype(np.intp) - 1
    toll = table.energy_toll[row][segment, period] * _PRICE_UNIT
    apart = 1 - table.energy_has_tolls[row][segment]
    followed = curves[table.energy_curve[row][segment] - NO_CURVE, steps]
    term = followed + table.energy_price[row][segment, period] * _PRICE_UNIT + apart * toll
    energy = term * (1 - table.energy_discount[row][segment] * _SHARE_UNIT)
    earned = curves[table.surplus_curve[row][segment] - NO_CURVE, steps]
    surplus = earned + table.surplus_price[row][segment] * _PRICE_UNIT
    ceiling = energy - (1 - table.cap_has_tolls[row][segment]) * toll
    taxed = (1 + table.electricity_tax[row] * _SHARE_UNIT) * (
        1 + table.sales_tax[row] * _SHARE_UNIT
    )
    kept = taxed * (1 - table.bonus_discount[row] * _SHARE_UNIT)
    priced: Values = np.array([energy, surplus, ceiling]) * kept[segment]
    return priced
