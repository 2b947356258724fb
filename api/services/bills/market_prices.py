"""The price curves that contracts follow, as the simulator sums energy by them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from api.services.bills.contract_terms import AT_THE_METER
from api.services.bills.price_curves import PriceCurves
from api.services.bills.segment_terms import LawChoice
from models.regulation.loss_coefficients import loss_coefficients_on
from models.tables import PriceKind
from models.values.calendar import Step
from models.values.tariff import Tariff
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import Contract, IndexedPrice
from planner.billing.retail.energy_sums import index_to_market

Prices = NDArray[np.float64]


def name_curves(contracts: Iterable[Contract]) -> frozenset[str]:
    """Name the curves that contracts follow.

    Parameters
    ----------
    contracts : iterable of Contract
        The contracts.

    Returns
    -------
    frozenset of str
        Names.
    """
    prices = (price for each in contracts for price in (each.energy, each.surplus))
    return frozenset(price.curve for price in prices if isinstance(price, IndexedPrice))


def kind_of_curve(curve: str) -> PriceKind:
    """Tell which stored prices a curve is made from.

    Parameters
    ----------
    curve : str
        Name of the curve.

    Returns
    -------
    PriceKind
        Their kind.

    Examples
    --------
    >>> kind_of_curve("day-ahead at the meter").value
    'day-ahead'
    """
    return PriceKind.DAY_AHEAD if curve == AT_THE_METER else PriceKind(curve)


def lay_out_curves(
    curves: Iterable[str],
    *,
    prices: PriceCurves,
    grid: BillingGrid,
    tariff: Tariff,
    step: Step,
    choice: LawChoice,
) -> dict[str, Prices]:
    """Lay out curves over the billed intervals.

    Parameters
    ----------
    curves : iterable of str
        Their names.
    prices : PriceCurves
        What is stored.
    grid : BillingGrid
        Segments and tariff periods.
    tariff : Tariff
        Access tariff, whose losses count.
    step : Step
        Length of an interval.
    choice : LawChoice
        Which law's losses.

    Returns
    -------
    dict of str to ndarray of shape (n_steps,)
        Prices [EUR/kWh].

    Raises
    ------
    MissingPricesError
        If the price of an interval is not known.
    """
    laid = {}
    for curve in sorted(curves):
        laid[curve] = prices.curve(kind_of_curve(curve), step)
        if curve == AT_THE_METER:
            laid[curve] = _raise_by_losses(laid[curve], grid, tariff, choice)
    return laid


def _raise_by_losses(
    market: Prices, grid: BillingGrid, tariff: Tariff, choice: LawChoice
) -> Prices:
    """Raise the market's prices by the losses of each segment."""
    borders = grid.segment_borders.tolist()
    raised = []
    for place, segment in enumerate(grid.segments):
        losses = loss_coefficients_on(choice.day_of_law(segment.start), tariff)
        steps = slice(borders[place], borders[place + 1])
        shares = [float(share) for share in losses.values]
        raised.append(index_to_market(market[steps], shares, grid.tariff_periods[steps]))
    joined: Prices = np.concatenate(raised)
    return joined
