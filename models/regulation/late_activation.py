"""The discount for self-consumption that is activated late (RD 244/2019, article 16 bis)."""

from datetime import date
from enum import StrEnum

from models.regulation.dated_figures import Figure, figure_on, read_figures


class LateActivation(StrEnum):
    """A figure of the discount for self-consumption that is activated late."""

    EQUIVALENT_HOURS = "equivalent_hours"
    MONTHS_TO_ACTIVATE = "months_to_activate"
    MOST_POWER = "most_power"


def late_activation_on(day: date, figure: LateActivation) -> Figure:
    """Give a figure of the discount for late activation.

    Parameters
    ----------
    day : date
        Local day.
    figure : LateActivation
        Which one.

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
    >>> late_activation_on(date(2026, 1, 1), LateActivation.EQUIVALENT_HOURS).value
    Decimal('1200')
    """
    return figure_on(f"late activation ({figure})", read_figures("late_activation")[figure], day)
