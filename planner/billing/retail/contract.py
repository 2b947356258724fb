"""A supply described as data: what the contract says, and what the law says beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.values.errors import InvalidDataError
from models.values.invoicing import TaxKind

_NONE = Decimal(0)

POWER_PERIODS = {3: 2, 6: 6}
"""Periods of power of a tariff, by its periods of energy (Circular 3/2020, article 7)."""


class Per(StrEnum):
    """What a price is for: a day, or the twelfth or the whole of a year."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class CapBase(StrEnum):
    """What counts as value of the energy from the grid, which compensation cannot pass."""

    ENERGY_TERM = "energy-term"
    WITHOUT_TOLLS = "without-tolls"


class PowerControl(StrEnum):
    """How demand above the contracted power is billed."""

    SWITCH = "switch"
    """A switch cuts it off: nothing to bill."""
    MAXIMETER = "maximeter"
    """Metering points of types 4 and 5."""
    QUARTER_HOURS = "quarter-hours"
    """Metering points of types 1 to 3."""
    BANDS = "bands"
    """Old rule: within a band about the contracted power, the demand itself is billed."""


class ImpossibleSupplyError(InvalidDataError):
    """A supply lacks a figure for a tariff period or a segment of the bill."""


@dataclass(frozen=True, slots=True)
class Fee:
    """An amount for time that passes [EUR]."""

    eur: Decimal
    per: Per = Per.DAY


@dataclass(frozen=True, slots=True)
class ConstantPrice:
    """A price that is the same in all hours, or in all hours of a tariff period.

    Attributes
    ----------
    eur_per_kwh : tuple of Decimal, length 1 or n_periods
        Price [EUR/kWh].
    """

    eur_per_kwh: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class IndexedPrice:
    """A price that follows an hourly curve.

    Attributes
    ----------
    curve : str
        Name of the curve, among those by which energy was summed.
    adder_eur_per_kwh : tuple of Decimal, length 1 or n_periods
        Margin on it [EUR/kWh].
    """

    curve: str
    adder_eur_per_kwh: tuple[Decimal, ...] = (_NONE,)


EnergyPrice = ConstantPrice | IndexedPrice


@dataclass(frozen=True, slots=True)
class Contract:
    """What retailer and member agreed on.

    Attributes
    ----------
    power_eur_per_kw : tuple of Decimal, length 1 or n_power_periods
        Price of contracted power [EUR/kW], per day, month or year as ``power_per`` says.
    power_per : Per
        What that price is for.
    power_has_tolls : bool
        Whether tolls and charges of power are in that price; else they are lines of their own.
    energy : ConstantPrice or IndexedPrice
        Price of energy from the grid.
    energy_has_tolls : bool
        Whether tolls and charges of energy are in that price.
    surplus : ConstantPrice or IndexedPrice or None
        Price of surplus, of length 1; None where surplus is ceded for nothing.
    surplus_may_cost : bool
        Whether a period whose surplus is worth less than nothing is charged.
    cap_base : CapBase
        What limits the compensation.
    energy_discount_share, power_discount_share : Decimal
        Discount on the energy and the power term [1].
    fixed_discount, meter_rental, services : Fee
        Amounts for time.
    social_bonus_share : Decimal
        Discount of a vulnerable consumer [1].
    social_bonus_kwh_per_year : Decimal or None
        Energy that this discount covers at most [kWh]; None for all.
    """

    power_eur_per_kw: tuple[Decimal, ...]
    energy: EnergyPrice
    power_per: Per = Per.YEAR
    power_has_tolls: bool = True
    energy_has_tolls: bool = True
    surplus: EnergyPrice | None = None
    surplus_may_cost: bool = True
    cap_base: CapBase = CapBase.ENERGY_TERM
    energy_discount_share: Decimal = _NONE
    power_discount_share: Decimal = _NONE
    fixed_discount: Fee = Fee(_NONE)
    meter_rental: Fee = Fee(_NONE)
    services: Fee = Fee(_NONE)
    social_bonus_share: Decimal = _NONE
    social_bonus_kwh_per_year: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReactivePrice:
    """What reactive energy costs above a share of the active one, but for the last period.

    Attributes
    ----------
    free_share : Decimal
        Share of active energy that is free [1].
    eur_per_kvarh, eur_per_kvarh_below_080 : Decimal
        Price with a power factor of at least 0.80, and below it [EUR/kvarh].
    """

    free_share: Decimal
    eur_per_kvarh: Decimal
    eur_per_kvarh_below_080: Decimal


@dataclass(frozen=True, slots=True)
class PowerBands:
    """By what power is billed where the demand itself is (RD 1164/2001, article 9.1).

    Attributes
    ----------
    least_share, most_share : Decimal
        Of the contracted power [1]: billed at least, and up to which the demand is billed.
    excess_factor : Decimal
        How often what passes the latter is billed on top [1].
    """

    least_share: Decimal
    most_share: Decimal
    excess_factor: Decimal


@dataclass(frozen=True, slots=True)
class RegulatedTerms:
    """What the law says of a supply on some days.

    Attributes
    ----------
    energy_tolls_eur_per_kwh : tuple of Decimal, length n_periods
        Tolls and charges of energy [EUR/kWh].
    power_tolls_eur_per_kw_year : tuple of Decimal, length n_power_periods
        Tolls and charges of power [EUR/kW and year].
    year_days : int
        Days over which a yearly price is spread.
    electricity_tax_share, electricity_tax_least_eur_per_mwh : Decimal
        Rate [1] and minimum [EUR/MWh].
    sales_tax : TaxKind
        Which one.
    sales_tax_share : Decimal
        Its rate [1].
    meter_tax_share, services_tax_share : Decimal or None
        Its rates on the meter's rental and on services [1]; None for the same.
    social_bonus_financing : Fee
        What every supply pays for others' social bonus.
    power_control : PowerControl
        How demand above the contracted power is billed.
    excess_eur_per_kw : tuple of Decimal, length 1 or n_power_periods
        Its price: [EUR/kW and day] by maximeter, [EUR/kW] a bill by quarter-hours.
    bands : PowerBands or None
        Of the old rule; None under the others.
    reactive : ReactivePrice or None
        None where reactive energy is not billed.
    """

    energy_tolls_eur_per_kwh: tuple[Decimal, ...]
    power_tolls_eur_per_kw_year: tuple[Decimal, ...]
    year_days: int
    electricity_tax_share: Decimal
    sales_tax_share: Decimal
    electricity_tax_least_eur_per_mwh: Decimal = _NONE
    sales_tax: TaxKind = TaxKind.VAT
    meter_tax_share: Decimal | None = None
    services_tax_share: Decimal | None = None
    social_bonus_financing: Fee = Fee(_NONE)
    power_control: PowerControl = PowerControl.SWITCH
    excess_eur_per_kw: tuple[Decimal, ...] = (_NONE,)
    bands: PowerBands | None = None
    reactive: ReactivePrice | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """A member's supply, by segment of the bills; a tuple of one holds in all segments.

    Attributes
    ----------
    contracts : tuple of Contract
        In force in each segment.
    regulated : tuple of RegulatedTerms
        In force in each segment.
    contracted_power_kw : tuple of tuple of Decimal
        By segment, then by power period [kW].
    """

    contracts: tuple[Contract, ...]
    regulated: tuple[RegulatedTerms, ...]
    contracted_power_kw: tuple[tuple[Decimal, ...], ...]


def spread_over(values: Sequence[Decimal], n_places: int, name: str) -> Sequence[Decimal]:
    """Give every tariff period its figure, one figure for all included.

    Parameters
    ----------
    values : sequence of Decimal, length 1 or n_places
        The figures.
    n_places : int
        Number of tariff periods.
    name : str
        What they are, for the error.

    Returns
    -------
    sequence of Decimal, length n_places
        A figure each.

    Raises
    ------
    ImpossibleSupplyError
        If there are neither one nor as many.

    Examples
    --------
    >>> spread_over([Decimal(2)], 3, "energy price")
    [Decimal('2'), Decimal('2'), Decimal('2')]
    """
    if len(values) == n_places:
        return values
    if len(values) != 1:
        raise ImpossibleSupplyError(f"{name}: {len(values)} figures for {n_places} places")
    return [values[0]] * n_places
