"""Contracts and law of many supplies as arrays of whole numbers, by segment."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.values.invoicing import TaxKind
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import (
    CapBase,
    ConstantPrice,
    Contract,
    EnergyPrice,
    Fee,
    ImpossibleSupplyError,
    Per,
    PowerBands,
    PowerControl,
    ReactivePrice,
    RegulatedTerms,
    Supply,
    spread_over,
)
from planner.billing.retail.exact_cents import (
    PRICE_DECIMALS,
    SHARE_DECIMALS,
    Whole,
    scale_figure,
    scale_figures,
)

NO_CURVE = -1
"""Place of the curve of a price that follows none."""
CONTROLS = tuple(PowerControl)
"""Their places are what the table holds."""

SALES_TAX_NAMES = tuple(TaxKind)
"""Their places are what the table holds."""
SAME_TAX = -1
"""Rate of what is taxed like the rest."""
NO_LIMIT = -1
"""Energy of a social bonus that covers all."""

_W_DECIMALS = 3
_WH_DECIMALS = 3
_TIMES = {Per.DAY: (1, 0), Per.MONTH: (12, 1), Per.YEAR: (1, 1)}
"""How many prices make a year, or a day, and whether a year is spread over its days."""
_TAXES = (
    *("electricity_tax", "electricity_least"),
    *("sales_tax", "sales_tax_name", "meter_tax", "services_tax"),
)
_NO_BANDS = PowerBands(Decimal(1), Decimal(1), Decimal(0))
_NO_REACTIVE = ReactivePrice(Decimal(0), Decimal(0), Decimal(0))

_Row = dict[str, int | list[int]]
_Stated = TypeVar("_Stated", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """Every figure of every row and segment, shape (n_rows, n_segments) and more where noted.

    Prices are billionths of EUR, shares 1e-10, bands hundredths, powers watts. A fee is (price,
    how many make a year or a day, whether a year is spread over its days), shape (..., 3);
    ``power_per`` is the last two.
    """

    power_w: Whole
    power_price: Whole
    power_per: Whole
    power_has_tolls: Whole
    power_toll: Whole
    power_discount: Whole
    energy_price: Whole
    energy_curve: Whole
    energy_has_tolls: Whole
    energy_toll: Whole
    energy_discount: Whole
    surplus_price: Whole
    surplus_curve: Whole
    surplus_may_cost: Whole
    cap_has_tolls: Whole
    fixed_discount: Whole
    meter_rental: Whole
    services: Whole
    bonus_discount: Whole
    bonus_wh_per_year: Whole
    bonus_fee: Whole
    year_days: Whole
    electricity_tax: Whole
    electricity_least: Whole
    sales_tax: Whole
    sales_tax_name: Whole
    meter_tax: Whole
    services_tax: Whole
    control: Whole
    excess_price: Whole
    bands: Whole
    reactive_free: Whole
    reactive_prices: Whole
    run_starts: NDArray[np.bool_]
    """Whether a segment begins a bill or has other figures than the one before it."""
    tax_starts: NDArray[np.bool_]
    """Whether it begins a bill or has other taxes than the one before it."""


def tabulate_supplies(
    supplies: Sequence[Supply], grid: BillingGrid, curves: Sequence[str]
) -> RateTable:
    """Lay out the figures of many supplies.

    Parameters
    ----------
    supplies : sequence of Supply, length n_rows
        At least one.
    grid : BillingGrid
        Segments and tariff periods.
    curves : sequence of str
        Names of the price curves.

    Returns
    -------
    RateTable
        Rows in the order of the supplies.

    Raises
    ------
    ImpossibleSupplyError
        If a figure is missing for a period or a segment, or a price follows an unknown curve.
    InexactFigureError
        If a figure has more decimals than bills are reckoned with.

    Examples
    --------
    >>> from datetime import date
    >>> from models.values.period import Period
    >>> grid = BillingGrid(np.array([1, 3], np.uint8), 3, np.array([0, 2]),
    ...     (Period(date(2026, 1, 1), date(2026, 1, 2)),), np.array([0]))
    >>> free = Contract((Decimal(0),), ConstantPrice((Decimal("0.2"),)))
    >>> law = RegulatedTerms((Decimal(0),), (Decimal(0),), 365, Decimal(0), Decimal(0))
    >>> table = tabulate_supplies([Supply((free,), (law,), ((Decimal("3.45"),),))], grid, [])
    >>> table.power_w.tolist(), table.energy_price[0, 0].tolist()
    ([[[3450, 3450]]], [200000000, 200000000, 200000000])
    """
    contracts = [_by_segment(supply.contracts, grid) for supply in supplies]
    laws = [_by_segment(supply.regulated, grid) for supply in supplies]
    powers = [_by_segment(supply.contracted_power_kw, grid) for supply in supplies]
    columns: dict[str, Whole] = {}
    places = [
        _tabulate(contracts, lambda each: _state_contract(each, grid, curves), columns),
        _tabulate(laws, lambda each: _state_law(each, grid), columns),
        _tabulate(powers, lambda each: _state_power(each, grid), columns),
    ]
    return RateTable(
        **columns,
        run_starts=_find_starts(grid, places),
        tax_starts=_find_starts(grid, [columns[name] for name in _TAXES]),
    )


def _by_segment(held: tuple[_Stated, ...], grid: BillingGrid) -> tuple[_Stated, ...]:
    """Give every segment what holds in it."""
    if len(held) not in (1, grid.n_segments):
        raise ImpossibleSupplyError(f"{len(held)} terms for {grid.n_segments} segments")
    return held * (grid.n_segments // len(held))


def _tabulate(
    rows: Sequence[tuple[_Stated, ...]],
    state: Callable[[_Stated], _Row],
    columns: dict[str, Whole],
) -> Whole:
    """State each different object once, add its columns, and tell each segment's object."""
    of_object: dict[_Stated, int] = {}
    # Most are one object many times over, and hashing a contract takes its time.
    of_identity: dict[int, int] = {}
    places = []
    for row in rows:
        for held in row:
            place = of_identity.get(id(held))
            if place is None:
                place = of_identity[id(held)] = of_object.setdefault(held, len(of_object))
            places.append(place)
    which: Whole = np.array(places, dtype=np.int64).reshape(len(rows), -1)
    stated = [state(held) for held in of_object]
    columns |= {
        name: np.array([row[name] for row in stated], dtype=np.int64)[which] for name in stated[0]
    }
    return which


def _find_starts(grid: BillingGrid, columns: Sequence[Whole]) -> NDArray[np.bool_]:
    """Tell which segments begin a bill or differ in a column, shape (n_rows, n_segments)."""
    starts = np.zeros(columns[0].shape, dtype=np.bool_)
    for column in columns:
        starts[:, 1:] |= column[:, 1:] != column[:, :-1]
    starts[:, grid.bill_starts] = True
    return starts


def _state_power(powers_kw: tuple[Decimal, ...], grid: BillingGrid) -> _Row:
    spread = spread_over(powers_kw, grid.n_power_periods, "contracted power")
    return {"power_w": scale_figures(spread, _W_DECIMALS)}


def _state_contract(contract: Contract, grid: BillingGrid, curves: Sequence[str]) -> _Row:
    power = spread_over(contract.power_eur_per_kw, grid.n_power_periods, "power price")
    most_kwh = contract.social_bonus_kwh_per_year
    energy_price, energy_curve = _state_price(contract.energy, grid.n_periods, curves)
    unpaid = ConstantPrice((Decimal(0),))
    surplus_price, surplus_curve = _state_price(contract.surplus or unpaid, 1, curves)
    return {
        "power_price": scale_figures(power, PRICE_DECIMALS),
        "power_per": list(_TIMES[contract.power_per]),
        "power_has_tolls": contract.power_has_tolls,
        "power_discount": scale_figure(contract.power_discount_share, SHARE_DECIMALS),
        "energy_price": energy_price,
        "energy_curve": energy_curve,
        "energy_has_tolls": contract.energy_has_tolls,
        "energy_discount": scale_figure(contract.energy_discount_share, SHARE_DECIMALS),
        "surplus_price": surplus_price[0],
        "surplus_curve": surplus_curve,
        "surplus_may_cost": contract.surplus_may_cost,
        "cap_has_tolls": contract.cap_base is CapBase.ENERGY_TERM,
        "fixed_discount": _state_fee(contract.fixed_discount),
        "meter_rental": _state_fee(contract.meter_rental),
        "services": _state_fee(contract.services),
        "bonus_discount": scale_figure(contract.social_bonus_share, SHARE_DECIMALS),
        "bonus_wh_per_year": (
            NO_LIMIT if most_kwh is None else scale_figure(most_kwh, _WH_DECIMALS)
        ),
    }


def _state_law(law: RegulatedTerms, grid: BillingGrid) -> _Row:
    if law.year_days < 1:
        raise ImpossibleSupplyError(f"a year of {law.year_days} days")
    if (law.bands is not None) is not (law.power_control is PowerControl.BANDS):
        raise ImpossibleSupplyError("bands of power belong to the rule of bands, and it to them")
    bands = law.bands or _NO_BANDS
    n_power = grid.n_power_periods
    power_tolls = spread_over(law.power_tolls_eur_per_kw_year, n_power, "power tolls")
    energy_tolls = spread_over(law.energy_tolls_eur_per_kwh, grid.n_periods, "energy tolls")
    excess = spread_over(law.excess_eur_per_kw, n_power, "excess prices")
    reactive = law.reactive or _NO_REACTIVE
    prices = (reactive.eur_per_kvarh, reactive.eur_per_kvarh_below_080)
    return {
        "power_toll": scale_figures(power_tolls, PRICE_DECIMALS),
        "energy_toll": scale_figures(energy_tolls, PRICE_DECIMALS),
        "year_days": law.year_days,
        "electricity_tax": scale_figure(law.electricity_tax_share, SHARE_DECIMALS),
        "electricity_least": scale_figure(law.electricity_tax_least_eur_per_mwh, PRICE_DECIMALS),
        "sales_tax": scale_figure(law.sales_tax_share, SHARE_DECIMALS),
        "sales_tax_name": SALES_TAX_NAMES.index(law.sales_tax),
        "meter_tax": _state_own_tax(law.meter_tax_share),
        "services_tax": _state_own_tax(law.services_tax_share),
        "bonus_fee": _state_fee(law.social_bonus_financing),
        "control": CONTROLS.index(law.power_control),
        "excess_price": scale_figures(excess, PRICE_DECIMALS),
        "bands": scale_figures((bands.least_share, bands.most_share, bands.excess_factor), 2),
        "reactive_free": scale_figure(reactive.free_share, SHARE_DECIMALS),
        "reactive_prices": scale_figures(prices, PRICE_DECIMALS),
    }


def _state_price(price: EnergyPrice, n_places: int, curves: Sequence[str]) -> tuple[list[int], int]:
    """Give a price by period, what comes on top of a curve included, and its curve's place."""
    if isinstance(price, ConstantPrice):
        figures, curve = price.eur_per_kwh, NO_CURVE
    elif price.curve in curves:
        figures, curve = price.adder_eur_per_kwh, curves.index(price.curve)
    else:
        raise ImpossibleSupplyError(f"energy was not summed by the price curve {price.curve!r}")
    spread = spread_over(figures, n_places, "energy price")
    return scale_figures(spread, PRICE_DECIMALS), curve


def _state_own_tax(share: Decimal | None) -> int:
    return SAME_TAX if share is None else scale_figure(share, SHARE_DECIMALS)


def _state_fee(fee: Fee) -> list[int]:
    return [scale_figure(fee.eur, PRICE_DECIMALS), *_TIMES[fee.per]]
