"""Tolls of the networks and charges of the system, by tariff and period (Circular 3/2020)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.regulation.dated_figures import PeriodFigures, figure_on, read_period_figures
from models.values.tariff import Tariff


class AccessTerm(StrEnum):
    """What access to the networks is paid by."""

    POWER = "power"
    ENERGY = "energy"


@dataclass(frozen=True, slots=True)
class AccessPrices:
    """What access costs by tariff period, in its two parts.

    Attributes
    ----------
    tolls : PeriodFigures
        For the networks.
    charges : PeriodFigures
        For other costs of the system.
    """

    tolls: PeriodFigures
    charges: PeriodFigures

    @property
    def totals(self) -> tuple[Decimal, ...]:
        """Both together, of P1 first, in the unit of either."""
        return tuple(
            toll + charge
            for toll, charge in zip(self.tolls.values, self.charges.values, strict=True)
        )


def access_prices_on(day: date, tariff: Tariff, term: AccessTerm) -> AccessPrices:
    """Give what access costs on a day.

    Parameters
    ----------
    day : date
        Local day.
    tariff : Tariff
        Access tariff.
    term : AccessTerm
        By contracted power [EUR/kW/year] (2 periods for 2.0TD, else 6), or by energy from the grid
        [EUR/kWh] (3 periods for 2.0TD, else 6).

    Returns
    -------
    AccessPrices
        Tolls and charges, before taxes.

    Raises
    ------
    UnknownFigureError
        If the prices of the day's year are not known.

    Examples
    --------
    >>> power = access_prices_on(
    ...     date(2026, 11, 21), Tariff.LOW_VOLTAGE_UP_TO_15_KW, AccessTerm.POWER
    ... )
    >>> power.tolls.values[0], power.charges.values[0], power.totals[0]
    (Decimal('23.324952'), Decimal('4.379461'), Decimal('27.704413'))
    """
    return AccessPrices(
        tolls=_prices_on(day, f"{tariff} {term} tolls"),
        charges=_prices_on(day, f"{tariff} {term} charges"),
    )


def _prices_on(day: date, name: str) -> PeriodFigures:
    return figure_on(name, read_period_figures("access_charges")[name], day)
