"""What a change of contracted power costs, and how often it may be asked for."""

from datetime import date
from enum import StrEnum

from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import Figure, figure_on, read_figures
from models.values.tariff import Tariff


class PowerRight(StrEnum):
    """What a distributor charges for a change of power, before VAT."""

    ACCESS = "access"
    """By each kW more."""
    EXTENSION = "extension"
    """By each kW above the power that the supply has rights to."""
    HOOK_UP = "hook_up"
    """Once, for more power."""
    REDUCTION = "reduction"
    """Once, for less power."""
    VERIFICATION = "verification"
    """Once, where the installation must be checked."""


class PowerChangeRule(StrEnum):
    """A rule about changes of power."""

    MONTHS_BETWEEN = "months_between"
    CONTRACT_YEARS_TO_VERIFICATION = "contract_years_to_verification"
    YEARS_OF_EXTENSION = "years_of_extension"


def power_right_on(
    day: date, right: PowerRight, tariff: Tariff, assumed: Assumptions = NOTHING
) -> Figure:
    """Give the price of a right on a day.

    Parameters
    ----------
    day : date
        Local day.
    right : PowerRight
        What is charged.
    tariff : Tariff
        Access tariff, which tells low voltage from high.
    assumed : frozenset of Assumption
        ``POWER_REDUCTIONS_ARE_FREE`` takes 0 for less power.

    Returns
    -------
    Figure
        Price [EUR/kW, or EUR], before VAT.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> low = Tariff.LOW_VOLTAGE_UP_TO_15_KW
    >>> power_right_on(date(2026, 1, 1), PowerRight.HOOK_UP, low).value
    Decimal('9.044760')
    """
    voltage = "high" if tariff is Tariff.HIGH_VOLTAGE_1_TO_30_KV else "low"
    figures = read_figures("power_changes")[f"{right} {voltage}"]
    return figure_on(f"price of {right} ({voltage} voltage)", figures, day).under(assumed)


def power_change_rule_on(
    day: date, rule: PowerChangeRule, assumed: Assumptions = NOTHING
) -> Figure:
    """Give the figure of a rule about changes of power.

    Parameters
    ----------
    day : date
        Local day.
    rule : PowerChangeRule
        Which one.
    assumed : frozenset of Assumption
        ``BUSINESS_CHANGES_POWER_FREELY`` takes 0 months where a decree allows it.

    Returns
    -------
    Figure
        With its unit and source.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> power_change_rule_on(date(2026, 1, 1), PowerChangeRule.MONTHS_BETWEEN).value
    Decimal('12')
    """
    figures = read_figures("power_changes")[rule]
    return figure_on(f"rule of power changes ({rule})", figures, day).under(assumed)
