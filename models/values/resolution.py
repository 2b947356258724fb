"""How finely energy is told: calendar intervals over which meters are summed for a reader."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Step, day_starts, month_starts, year_steps
from models.values.errors import InvalidArgumentError
from models.values.local_month import LocalMonth


class Resolution(StrEnum):
    """Calendar interval over which energy is summed for a reader."""

    QUARTER_HOUR = "quarter of an hour"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    @property
    def iso_name(self) -> str:
        """Its length as ISO 8601 has it."""
        return _ISO_NAMES[self]


_ISO_NAMES = {
    Resolution.QUARTER_HOUR: "PT15M",
    Resolution.HOUR: "PT1H",
    Resolution.DAY: "P1D",
    Resolution.MONTH: "P1M",
    Resolution.YEAR: "P1Y",
}


class FinerThanMeteredError(InvalidArgumentError):
    """Shorter intervals were asked for than the meters have.

    Attributes
    ----------
    resolution : Resolution
        What was asked for.
    """

    def __init__(self, resolution: Resolution) -> None:
        super().__init__(f"the meters count by the hour, not by the {resolution}: ask for hours")
        self.resolution = resolution


def sum_starts(year: int, timezone: str, step: Step, resolution: Resolution) -> NDArray[np.intp]:
    """Find where the sums of a local year begin.

    Parameters
    ----------
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval that is summed.
    resolution : Resolution
        Length of a sum.

    Returns
    -------
    ndarray of int, shape (n_sums,)
        Positions into ``year_steps``; a local day has 23, 24 or 25 hours.

    Raises
    ------
    FinerThanMeteredError
        If a sum would be shorter than an interval.

    Examples
    --------
    >>> sum_starts(2023, "Europe/Madrid", Step.QUARTER_HOUR, Resolution.HOUR)[:3]
    array([0, 4, 8])
    """
    if resolution is Resolution.YEAR:
        return np.zeros(1, np.intp)
    if resolution is Resolution.MONTH:
        return month_starts(year, timezone, step)
    if resolution is Resolution.DAY:
        return day_starts(year, timezone, step)
    if resolution is Resolution.QUARTER_HOUR and step is Step.HOUR:
        raise FinerThanMeteredError(resolution)
    each = step.per_hour if resolution is Resolution.HOUR else 1
    return np.arange(0, year_steps(year, timezone, step).size, each)


def starts_within(
    month: LocalMonth, step: Step, resolution: Resolution, span: slice
) -> NDArray[np.intp]:
    """Find where the sums of a local month, or of a part of it, begin.

    Parameters
    ----------
    month : LocalMonth
        The month.
    step : Step
        Length of an interval that is summed.
    resolution : Resolution
        Length of a sum.
    span : slice
        The part, among the month's intervals.

    Returns
    -------
    ndarray of int, shape (n_sums,)
        Positions into the part; what begins before it is cut.

    Raises
    ------
    FinerThanMeteredError
        If a sum would be shorter than an interval.

    Examples
    --------
    >>> from datetime import date
    >>> month = LocalMonth(date(2023, 3, 1), "Europe/Madrid")
    >>> starts_within(month, Step.HOUR, Resolution.DAY, slice(600, 743)).tolist()
    [0, 23, 47, 71, 95, 119]
    """
    begins = month.span(step).start
    starts = sum_starts(month.year, month.timezone, step, resolution) - begins - span.start
    inside = starts[(starts > 0) & (starts < span.stop - span.start)]
    return np.concatenate([np.zeros(1, np.intp), inside])
