"""Prices per hour of series that change every quarter of an hour."""

from dataclasses import replace

import numpy as np

from loaders.price_files.records import PriceSeries
from models.values.calendar import Step
from models.values.errors import InvalidDataError


class IncompleteHourError(InvalidDataError):
    """An hour has not all its quarters, so that it has no price.

    Attributes
    ----------
    start : datetime64[s]
        The first such hour.
    """

    def __init__(self, start: np.datetime64) -> None:
        super().__init__(f"hour {start}Z has not all its four quarters; import the whole day")
        self.start = start


def average_quarters(series: PriceSeries) -> PriceSeries:
    """Make the price of each hour the mean of its four quarters.

    Parameters
    ----------
    series : PriceSeries
        Quarter-hours, or hours, which are given back as they are.

    Returns
    -------
    PriceSeries
        Hours; halves of a billionth of a euro go to the even neighbour.

    Raises
    ------
    IncompleteHourError
        If an hour lacks a quarter.

    Notes
    -----
    OMIE's market since 1 October 2025: the price of the hour is the mean of its quarters
    (REGULATION, section 5).

    Examples
    --------
    >>> from loaders.price_files.records import PriceSubject
    >>> starts = np.datetime64("2025-10-01T08:00:00") + np.arange(4) * np.timedelta64(900, "s")
    >>> prices = np.array([125_500_000, 105_010_000, 92_240_000, 60_000_000])
    >>> day_ahead = PriceSeries(PriceSubject.DAY_AHEAD, None, Step.QUARTER_HOUR, starts, prices)
    >>> average_quarters(day_ahead).nano_eur_per_kwh
    array([95687500])
    """
    if series.step is Step.HOUR:
        return series
    hours = series.starts.astype("datetime64[h]").astype("datetime64[s]")
    starts, counts = np.unique(hours, return_counts=True)
    short = np.flatnonzero(counts != Step.QUARTER_HOUR.per_hour)
    if short.size:
        raise IncompleteHourError(starts[short[0]])
    totals = series.nano_eur_per_kwh.reshape(-1, Step.QUARTER_HOUR.per_hour).sum(axis=1)
    whole, rest = np.divmod(totals, Step.QUARTER_HOUR.per_hour)
    rounds_up = (rest == 3) | ((rest == 2) & (whole % 2 == 1))
    return replace(series, step=Step.HOUR, starts=starts, nano_eur_per_kwh=whole + rounds_up)
