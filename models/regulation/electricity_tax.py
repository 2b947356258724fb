"""The special tax on electricity (Law 38/1992, articles 95 to 99)."""

from datetime import date
from enum import StrEnum

from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import Figure, figure_on, read_figures
from models.values.tariff import Tariff


class TaxedUse(StrEnum):
    """What electricity is used for, as the least tax tells it apart."""

    INDUSTRIAL = "industrial"
    OTHER = "other"


def taxed_use_of(tariff: Tariff) -> TaxedUse:
    """Tell the use that a tariff stands for, unless more is known of the supply.

    Parameters
    ----------
    tariff : Tariff
        Access tariff.

    Returns
    -------
    TaxedUse
        Industrial for high voltage. In low voltage industrial plants and irrigation are too, which
        no tariff tells.

    Examples
    --------
    >>> taxed_use_of(Tariff.HIGH_VOLTAGE_1_TO_30_KV).value
    'industrial'
    """
    high = tariff is Tariff.HIGH_VOLTAGE_1_TO_30_KV
    return TaxedUse.INDUSTRIAL if high else TaxedUse.OTHER


def electricity_tax_on(day: date, assumed: Assumptions = NOTHING) -> Figure:
    """Give the rate of the tax on a day.

    Parameters
    ----------
    day : date
        Local day.
    assumed : frozenset of Assumption
        ``TAX_CUT_IN_NOVEMBER_2026`` and ``TAX_CUT_IN_DECEMBER_2026`` take 0.5 % in their month.

    Returns
    -------
    Figure
        Rate [share of the amount before taxes].

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> electricity_tax_on(date(2026, 3, 21)).value, electricity_tax_on(date(2026, 3, 22)).value
    (Decimal('0.0511269632'), Decimal('0.005'))
    """
    figures = read_figures("electricity_tax")["rate"]
    return figure_on("rate of the electricity tax", figures, day).under(assumed)


def least_electricity_tax_on(day: date, use: TaxedUse) -> Figure:
    """Give the least tax by energy.

    Parameters
    ----------
    day : date
        Local day.
    use : TaxedUse
        What the electricity is used for.

    Returns
    -------
    Figure
        Least tax [EUR/MWh] of the energy from the grid.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> least_electricity_tax_on(date(2026, 1, 1), TaxedUse.OTHER).value
    Decimal('1')
    """
    figures = read_figures("electricity_tax")[f"least_{use}"]
    return figure_on(f"least electricity tax ({use})", figures, day)
