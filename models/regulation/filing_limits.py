"""What an agreement must keep to be filed with the distributor (RD 244/2019)."""

from datetime import date
from enum import StrEnum

from models.regulation.dated_figures import Figure, figure_on, read_figures


class FilingLimit(StrEnum):
    """A figure that filings are held against."""

    MONTHS_BETWEEN_CHANGES = "months_between_changes"
    EXEMPT_MONTHS_TO_HOURLY = "exempt_months_to_hourly"
    LAST_DAY_FOR_NEXT_MONTH = "last_day_for_next_month"
    YEARS_OF_FILES = "years_of_files"
    COMPENSATED_POWER = "compensated_power"


def filing_limit_on(day: date, limit: FilingLimit) -> Figure:
    """Give the figure in force on a day.

    Parameters
    ----------
    day : date
        Local day.
    limit : FilingLimit
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
    >>> filing_limit_on(date(2026, 11, 21), FilingLimit.COMPENSATED_POWER).value
    Decimal('100')
    """
    return figure_on(f"limit of filings ({limit})", read_figures("filing_limits")[limit], day)
