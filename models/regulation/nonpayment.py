"""What passes between a demand for payment and the end of a contract."""

from datetime import date
from enum import StrEnum

from models.regulation.dated_figures import Figure, figure_on, read_figures


class Nonpayment(StrEnum):
    """A figure of the timeline of a debt."""

    DAYS_TO_PAY = "days_to_pay"
    DAYS_OF_NOTICE = "days_of_notice"
    MONTHS_TO_END = "months_to_end"


def nonpayment_on(day: date, figure: Nonpayment) -> Figure:
    """Give a figure of the timeline of a debt.

    Parameters
    ----------
    day : date
        Local day.
    figure : Nonpayment
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
    >>> nonpayment_on(date(2026, 1, 1), Nonpayment.DAYS_TO_PAY).value
    Decimal('20')
    """
    return figure_on(f"non-payment ({figure})", read_figures("nonpayment")[figure], day)
