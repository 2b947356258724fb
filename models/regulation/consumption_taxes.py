"""Taxes on consumption by place: VAT, IGIC in the Canary Islands, IPSI in Ceuta and Melilla."""

from datetime import date
from enum import StrEnum

from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import Figure, figure_on, for_supply, read_figures
from models.regulation.supply_scopes import Supply
from models.values.calendar import Zone
from models.values.invoicing import TaxKind


class Taxed(StrEnum):
    """What is taxed."""

    ELECTRICITY = "electricity"
    METER = "meter"
    """Rent of the meter: as the electricity under VAT, at a rate of its own elsewhere."""
    SERVICES = "services"
    """What a community sells besides energy; cuts for electricity do not reach it."""


_TAX_OF_ZONE = {
    Zone.PENINSULA: TaxKind.VAT,
    Zone.BALEARES: TaxKind.VAT,
    Zone.CANARIAS: TaxKind.IGIC,
    Zone.CEUTA: TaxKind.IPSI,
    Zone.MELILLA: TaxKind.IPSI,
}

_ROWS = {
    (TaxKind.VAT, Taxed.ELECTRICITY): "vat",
    (TaxKind.VAT, Taxed.METER): "vat",
    (TaxKind.VAT, Taxed.SERVICES): "vat_general",
    (TaxKind.IGIC, Taxed.ELECTRICITY): "igic",
    (TaxKind.IGIC, Taxed.METER): "igic_general",
    (TaxKind.IGIC, Taxed.SERVICES): "igic_general",
    (TaxKind.IPSI, Taxed.ELECTRICITY): "ipsi",
    (TaxKind.IPSI, Taxed.METER): "ipsi_services",
    (TaxKind.IPSI, Taxed.SERVICES): "ipsi_services",
}


def consumption_tax_of(zone: Zone) -> TaxKind:
    """Tell which tax on consumption a place has.

    Parameters
    ----------
    zone : Zone
        Tariff zone.

    Returns
    -------
    TaxKind
        The tax.

    Examples
    --------
    >>> consumption_tax_of(Zone.CANARIAS).value
    'igic'
    """
    return _TAX_OF_ZONE[zone]


def consumption_tax_on(
    day: date, zone: Zone, supply: Supply, taxed: Taxed, assumed: Assumptions = NOTHING
) -> Figure:
    """Give the rate of the tax on consumption.

    Parameters
    ----------
    day : date
        Local day. In 2024 that of VAT is by law the last of the bill's period.
    zone : Zone
        Tariff zone.
    supply : Supply
        What the law asks about the supply.
    taxed : Taxed
        What is taxed.
    assumed : frozenset of Assumption
        ``TAX_CUT_IN_NOVEMBER_2026`` and ``TAX_CUT_IN_DECEMBER_2026`` take 10 % VAT in their month.

    Returns
    -------
    Figure
        Rate [share]; its period is that for this supply.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from models.regulation.supply_scopes import SupplyUse
    >>> home = Supply(Decimal("4.6"), SupplyUse.DWELLING)
    >>> consumption_tax_on(date(2026, 4, 1), Zone.PENINSULA, home, Taxed.ELECTRICITY).value
    Decimal('0.10')
    """
    tax = consumption_tax_of(zone)
    figures = for_supply(read_figures("consumption_taxes")[_ROWS[tax, taxed]], supply)
    return figure_on(f"rate of {tax.name} on {taxed}", figures, day).under(assumed)
