"""What a kWh from the grid emits, by tariff zone."""

from datetime import date

from models.regulation.dated_figures import Figure, figure_on, read_figures
from models.values.calendar import Zone


def emission_factor_on(day: date, zone: Zone) -> Figure:
    """Give the factor in force on a day.

    Parameters
    ----------
    day : date
        Local day.
    zone : Zone
        Tariff zone of the community.

    Returns
    -------
    Figure
        Factor [kg CO2/kWh], with its source and how sure we are.

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> emission_factor_on(date(2023, 1, 1), Zone.PENINSULA).value
    Decimal('0.331')
    """
    return figure_on(f"emission factor ({zone})", read_figures("emission_factors")[zone], day)
