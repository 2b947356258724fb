"""How near a consumption meter must be to the plant (RD 244/2019, article 3.g)."""

from datetime import date
from enum import StrEnum

from models.regulation.dated_figures import Figure, figure_on, read_figures


class ProximityCase(StrEnum):
    """Why a plant through the network counts as near."""

    LOW_VOLTAGE = "low_voltage"
    PV_THROUGH_NETWORK = "pv_through_network"


def distance_limit_on(day: date, case: ProximityCase = ProximityCase.PV_THROUGH_NETWORK) -> Figure:
    """Give the limit in force on a day.

    Parameters
    ----------
    day : date
        Local day.
    case : ProximityCase
        Why the plant counts as near.

    Returns
    -------
    Figure
        Limit [m]; a distance must be strictly below it.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> distance_limit_on(date(2026, 3, 21)).value, distance_limit_on(date(2026, 3, 22)).value
    (Decimal('2000'), Decimal('5000'))
    """
    return figure_on(f"distance limit ({case})", read_figures("distance_limits")[case], day)
