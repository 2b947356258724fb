"""The lines of a bill: what kinds there are, as arrays for many bills and as text for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from models.values.invoicing import TaxKind
from models.values.period import Period
from planner.billing.retail.contract import Per
from planner.billing.retail.exact_cents import PRICE_DECIMALS, SHARE_DECIMALS, Whole


class LineKind(StrEnum):
    """What a line of a bill is for, in the order of the bill."""

    POWER = "power"
    POWER_TOLLS = "power-tolls"
    POWER_DISCOUNT = "power-discount"
    EXCESS_BY_MAXIMETER = "excess-by-maximeter"
    EXCESS_BY_QUARTER_HOURS = "excess-by-quarter-hours"
    ENERGY = "energy"
    INDEXED_ENERGY = "indexed-energy"
    ENERGY_TOLLS = "energy-tolls"
    ENERGY_DISCOUNT = "energy-discount"
    REACTIVE_ENERGY = "reactive-energy"
    SURPLUS = "surplus"
    INDEXED_SURPLUS = "indexed-surplus"
    COMPENSATION_LIMIT = "compensation-limit"
    SOCIAL_BONUS_DISCOUNT = "social-bonus-discount"
    SOCIAL_BONUS_FINANCING = "social-bonus-financing"
    FIXED_DISCOUNT = "fixed-discount"
    ELECTRICITY_TAX = "electricity-tax"
    LEAST_ELECTRICITY_TAX = "least-electricity-tax"
    METER_RENTAL = "meter-rental"
    SERVICES = "services"
    SALES_TAX = "sales-tax"
    METER_TAX = "meter-tax"
    SERVICES_TAX = "services-tax"

    @property
    def is_tax(self) -> bool:
        """Whether it is a tax, which is shown at no rate too and is of all days of that rate."""
        return self in ELECTRICITY_TAXES or self in SALES_TAXES


ELECTRICITY_TAXES = (LineKind.ELECTRICITY_TAX, LineKind.LEAST_ELECTRICITY_TAX)
SALES_TAXES = (LineKind.SALES_TAX, LineKind.METER_TAX, LineKind.SERVICES_TAX)


class LineForm(NamedTuple):
    """How the whole numbers of a kind are read: the decimals that they stand for, and units."""

    unit: str
    decimals: int
    price_decimals: int | None = PRICE_DECIMALS
    """None where hours had a price each."""
    has_periods: bool = False
    """Whether there is a line a tariff period, of power or of energy."""


_POWER = LineForm("kW", 3, has_periods=True)
_ENERGY = LineForm("kWh", 3, has_periods=True)
_SHARE = LineForm("EUR", 2, SHARE_DECIMALS)
_TIME = LineForm("day", 0)

FORMS: Mapping[LineKind, LineForm] = {
    LineKind.POWER: _POWER,
    LineKind.POWER_TOLLS: _POWER,
    LineKind.POWER_DISCOUNT: _SHARE,
    LineKind.EXCESS_BY_MAXIMETER: _POWER,
    LineKind.EXCESS_BY_QUARTER_HOURS: _POWER,
    LineKind.ENERGY: _ENERGY,
    LineKind.INDEXED_ENERGY: LineForm("kWh", 3, None),
    LineKind.ENERGY_TOLLS: _ENERGY,
    LineKind.ENERGY_DISCOUNT: _SHARE,
    LineKind.REACTIVE_ENERGY: LineForm("kvarh", 3, has_periods=True),
    LineKind.SURPLUS: LineForm("kWh", 3),
    LineKind.INDEXED_SURPLUS: LineForm("kWh", 3, None),
    LineKind.COMPENSATION_LIMIT: LineForm("EUR", 2, 0),
    LineKind.SOCIAL_BONUS_DISCOUNT: _SHARE,
    LineKind.SOCIAL_BONUS_FINANCING: _TIME,
    LineKind.FIXED_DISCOUNT: _TIME,
    LineKind.ELECTRICITY_TAX: _SHARE,
    LineKind.LEAST_ELECTRICITY_TAX: LineForm("MWh", 6),
    LineKind.METER_RENTAL: _TIME,
    LineKind.SERVICES: _TIME,
    LineKind.SALES_TAX: _SHARE,
    LineKind.METER_TAX: _SHARE,
    LineKind.SERVICES_TAX: _SHARE,
}


@dataclass(frozen=True, slots=True, eq=False)
class LineArrays:
    """The lines of one kind on many bills, shape (n_rows, n_segments, n_parts) each.

    A line stands in the last segment of the days that it is for; elsewhere are zeros. Parts are
    tariff periods, or one.

    Attributes
    ----------
    cents, quantity, price : ndarray of int64
        Amount [cents]; quantity and price in the decimals of the kind's form.
    per : ndarray of int64, shape (n_rows, n_segments, 2), or None
        Where the price is for time: how many make a day or a year, and whether it is a year.
    """

    cents: Whole
    quantity: Whole
    price: Whole
    per: Whole | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as it is read.

    Attributes
    ----------
    kind : LineKind
        What it is for.
    tariff_period : int or None
        Which, counted from 1.
    days : Period
        Local days that it is for.
    quantity : Decimal
        How much, in ``unit``.
    unit : str
        kW, kWh, kvarh, MWh, day, or EUR where a share of an amount is taken.
    unit_price : Decimal or None
        EUR a unit, or the share; None where hours had a price each. Amounts that the member is
        given have a negative one.
    price_per : Per or None
        What the price of power or of time is for.
    year_days : int or None
        Days over which a price for a month (a twelfth) or a year is spread.
    amount_eur : Decimal
        Quantity times price, of power also times days, rounded to cents.
    sales_tax : TaxKind or None
        Name of a sales tax.
    """

    kind: LineKind
    tariff_period: int | None
    days: Period
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    price_per: Per | None
    year_days: int | None
    amount_eur: Decimal
    sales_tax: TaxKind | None = None
