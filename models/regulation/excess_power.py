"""What demand above the contracted power costs (Circular 3/2020, article 9.4).

Types of metering point follow from power (RD 1110/2007, article 6). A point of type 5 is cut off
when it asks for more than it has contracted, and pays nothing for it; one that cannot be cut off
pays as type 4 does.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.regulation.dated_figures import (
    PeriodFigures,
    figure_on,
    read_figures,
    read_period_figures,
)
from models.values.errors import InvalidArgumentError
from models.values.tariff import Tariff


class ExcessRule(StrEnum):
    """How power above the contracted one is billed."""

    SWITCH = "switch"
    """Not at all: the meter cuts the supply off (type 5)."""
    MAXIMETER = "maximeter"
    """Price x (maximum - contracted) x days of the bill (type 4, and 5 that is not cut off)."""
    QUARTER_HOURS = "quarter-hours"
    """Price x root of the month's summed squares of the excess, quarter-hours (types 1 to 3)."""


class NoExcessPriceError(InvalidArgumentError):
    """A tariff has no price for excess under a rule.

    Attributes
    ----------
    tariff : Tariff
        The tariff.
    rule : ExcessRule
        The rule.
    """

    def __init__(self, tariff: Tariff, rule: ExcessRule) -> None:
        super().__init__(
            f"{tariff} has no price for excess power by {rule}: ask excess_rule_on for the rule"
        )
        self.tariff = tariff
        self.rule = rule


def excess_rule_on(day: date, contracted_kw: Decimal, cut_off: bool = True) -> ExcessRule:
    """Tell how excess power of a supply is billed.

    Parameters
    ----------
    day : date
        Local day.
    contracted_kw : Decimal
        The greatest of its contracted powers [kW].
    cut_off : bool
        Whether a supply of type 5 may be cut off, as nearly all may.

    Returns
    -------
    ExcessRule
        The rule.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> [excess_rule_on(date(2026, 1, 1), Decimal(kw)).value for kw in (15, 50, 51)]
    ['switch', 'maximeter', 'quarter-hours']
    """
    limits = read_figures("metering_points")
    if contracted_kw > figure_on("power of type 4", limits["type_4"], day).value:
        return ExcessRule.QUARTER_HOURS
    if contracted_kw > figure_on("power of type 5", limits["type_5"], day).value:
        return ExcessRule.MAXIMETER
    return ExcessRule.SWITCH if cut_off else ExcessRule.MAXIMETER


def excess_prices_on(day: date, tariff: Tariff, rule: ExcessRule) -> PeriodFigures:
    """Give the prices of excess power on a day.

    Parameters
    ----------
    day : date
        Local day.
    tariff : Tariff
        Access tariff.
    rule : ExcessRule
        ``MAXIMETER`` or ``QUARTER_HOURS``.

    Returns
    -------
    PeriodFigures
        Prices by power period [EUR/kW/day, or EUR/kW by month].

    Raises
    ------
    NoExcessPriceError
        If the tariff has none under the rule: nothing is billed for a supply that is cut off, and
        2.0TD has no quarter-hours.
    UnknownFigureError
        If the prices of the day's year are not known.

    Examples
    --------
    >>> tariff = Tariff.LOW_VOLTAGE_ABOVE_15_KW
    >>> excess_prices_on(date(2026, 1, 1), tariff, ExcessRule.MAXIMETER).values[0]
    Decimal('0.171373')
    """
    prices = read_period_figures("excess_power").get(f"{rule} {tariff}")
    if prices is None:
        raise NoExcessPriceError(tariff, rule)
    return figure_on(f"price of excess power ({tariff}, {rule})", prices, day)
