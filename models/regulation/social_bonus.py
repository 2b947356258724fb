"""What the social bonus costs every supply, and what it takes off bills (RD 897/2017)."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import Figure, figure_on, read_figures
from models.regulation.power_year import days_of_power_year_on

_BILLIONTH = Decimal("1e-9")


class Vulnerability(StrEnum):
    """How the law protects the holder of a supply who draws the bonus."""

    VULNERABLE = "vulnerable"
    SEVERE = "severe"


def bonus_financing_on(day: date, assumed: Assumptions = NOTHING) -> Figure:
    """Give what a supply pays towards the social bonus.

    Parameters
    ----------
    day : date
        Local day.
    assumed : frozenset of Assumption
        ``BONUS_FINANCING_FROM_JULY_2026`` keeps the earlier amount for five days more;
        ``POWER_YEAR_OF_365_DAYS`` counts where the amount is by year.

    Returns
    -------
    Figure
        Amount [EUR/day], before taxes. An amount by year is divided and rounded to a billionth,
        the smallest part of a euro that bills are reckoned with.

    Raises
    ------
    UnknownFigureError
        If the amount of the day's year is not known.

    Examples
    --------
    >>> bonus_financing_on(date(2025, 3, 1)).value
    Decimal('0.012742')
    """
    figures = read_figures("social_bonus")["financing"]
    figure = figure_on("financing of the social bonus", figures, day).under(assumed)
    if figure.unit == "EUR/day":
        return figure
    days = days_of_power_year_on(day, assumed).value
    return replace(
        figure,
        value=_by_day(figure.value, days),
        unit="EUR/day",
        alternatives=tuple((each, _by_day(value, days)) for each, value in figure.alternatives),
    )


def _by_day(eur_by_year: Decimal, days: Decimal) -> Decimal:
    return (eur_by_year / days).quantize(_BILLIONTH, ROUND_HALF_UP)


def bonus_discount_on(day: date, vulnerability: Vulnerability) -> Figure:
    """Give what the social bonus takes off the terms of the regulated price.

    Parameters
    ----------
    day : date
        Local day.
    vulnerability : Vulnerability
        Of the holder; those at risk of exclusion count as severe.

    Returns
    -------
    Figure
        Discount [share], after compensation and before taxes. On the energy term it counts only for
        the part of the energy up to the holder's limit (RD 897/2017, article 6.3 and annex I),
        which depends on the household and is not in this table.

    Raises
    ------
    UnknownFigureError
        If the discount of the day's year is not known.

    Examples
    --------
    >>> bonus_discount_on(date(2026, 1, 1), Vulnerability.VULNERABLE).value
    Decimal('0.425')
    """
    figures = read_figures("social_bonus")[f"discount_{vulnerability}"]
    return figure_on(f"discount of the social bonus ({vulnerability})", figures, day)
