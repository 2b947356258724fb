"""What a meter costs that belongs to the distributor (IET/1491/2013)."""

from datetime import date
from enum import StrEnum

from models.regulation.dated_figures import Figure, figure_on, read_figures


class MeterKind(StrEnum):
    """Kind of a meter with periods and remote reading."""

    SINGLE_PHASE = "single_phase"
    THREE_PHASE = "three_phase"


def meter_rental_on(day: date, kind: MeterKind) -> Figure:
    """Give the rent on a day.

    Parameters
    ----------
    day : date
        Local day.
    kind : MeterKind
        Of the meter.

    Returns
    -------
    Figure
        Rent [EUR/month], before taxes.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> meter_rental_on(date(2026, 1, 1), MeterKind.SINGLE_PHASE).value
    Decimal('0.81')
    """
    return figure_on(f"rent of a meter ({kind})", read_figures("meter_rental")[kind], day)
