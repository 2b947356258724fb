"""By how many days a price by year is divided, to bill it by days."""

from calendar import isleap
from dataclasses import replace
from datetime import date

from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import Figure, figure_on, read_figures
from models.values.period import Period


def days_of_power_year_on(day: date, assumed: Assumptions = NOTHING) -> Figure:
    """Give the days of the year that a day lies in, as prices by year count them.

    Parameters
    ----------
    day : date
        Local day.
    assumed : frozenset of Assumption
        ``POWER_YEAR_OF_365_DAYS`` leaves 29 February out.

    Returns
    -------
    Figure
        Days [days], held for the calendar year.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> days_of_power_year_on(date(2024, 5, 1)).value, days_of_power_year_on(date(2026, 5, 1)).value
    (Decimal('366'), Decimal('365'))
    """
    kind = "leap_year" if isleap(day.year) else "common_year"
    figure = figure_on("days of a year", read_figures("power_year")[kind], day)
    year = Period(
        max(figure.period.start, date(day.year, 1, 1)),
        min(figure.period.end or date.max, date(day.year + 1, 1, 1)),
    )
    return replace(figure.under(assumed), period=year)
