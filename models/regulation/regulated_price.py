"""The regulated price for small consumers (PVPC, RD 216/2014)."""

from datetime import date

from models.regulation.dated_figures import Figure, figure_on, read_figures


def regulated_margin_on(day: date) -> Figure:
    """Give the retailer's margin within the regulated price.

    Parameters
    ----------
    day : date
        Local day.

    Returns
    -------
    Figure
        Margin by contracted power of P1 [EUR/kW/year].

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> regulated_margin_on(date(2026, 1, 1)).value
    Decimal('3.113')
    """
    return figure_on(
        "margin of the regulated price", read_figures("regulated_price")["margin"], day
    )


def regulated_power_limit_on(day: date) -> Figure:
    """Give the most power with which a supply may have the regulated price.

    Parameters
    ----------
    day : date
        Local day.

    Returns
    -------
    Figure
        Limit of the contracted power of every period [kW]; a power equal to it may.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> regulated_power_limit_on(date(2026, 1, 1)).value
    Decimal('10')
    """
    figures = read_figures("regulated_price")["power_limit"]
    return figure_on("power limit of the regulated price", figures, day)
