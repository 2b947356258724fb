"""What the networks lose on the way to the meter, by tariff and period (Circular 3/2020)."""

from datetime import date

from models.regulation.dated_figures import PeriodFigures, figure_on, read_period_figures
from models.values.tariff import Tariff


def loss_coefficients_on(day: date, tariff: Tariff) -> PeriodFigures:
    """Give the standard losses on a day.

    Parameters
    ----------
    day : date
        Local day.
    tariff : Tariff
        Access tariff.

    Returns
    -------
    PeriodFigures
        Losses by energy period [share of the energy at the meter].

    Raises
    ------
    UnknownFigureError
        If the table does not reach back to the day.

    Examples
    --------
    >>> loss_coefficients_on(date(2026, 1, 1), Tariff.LOW_VOLTAGE_UP_TO_15_KW).values
    (Decimal('0.167'), Decimal('0.163'), Decimal('0.180'))
    """
    table = read_period_figures("loss_coefficients")
    return figure_on(f"losses of {tariff}", table[tariff], day)
