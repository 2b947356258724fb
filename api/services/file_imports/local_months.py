"""Local months: where a series of intervals crosses their borders."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, local_day
from models.values.errors import InvalidDataError
from models.values.local_month import LocalMonth, list_year


class UnalignedIntervalsError(InvalidDataError):
    """Intervals do not begin where those of a meter or a market do.

    Attributes
    ----------
    name : str
        Whose intervals.
    instant : datetime64
        Start of the first that does not fit [UTC].
    step : Step
        Length of the other intervals.
    """

    def __init__(self, name: str, instant: np.datetime64, step: Step) -> None:
        super().__init__(
            f"an interval of {name} begins at {instant}Z, between two intervals of {step.value}"
        )
        self.name = name
        self.instant = instant
        self.step = step


def split_by_month(
    starts: Instants, timezone: str, step: Step, name: str
) -> Iterator[tuple[LocalMonth, slice, NDArray[np.intp]]]:
    """Cut a series at the borders of local months.

    Parameters
    ----------
    starts : ndarray of datetime64[s], shape (n_intervals,)
        Starts of intervals in UTC, rising.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.
    name : str
        Whose series it is, for the error.

    Yields
    ------
    month : LocalMonth
        A month that has some of them.
    place : slice
        Which ones.
    positions : ndarray of int
        The places of these in the month.

    Raises
    ------
    UnalignedIntervalsError
        If an interval begins between two of a month's.
    """
    if not starts.size:
        return
    first, last = (local_day(_aware(instant), timezone).year for instant in starts[[0, -1]])
    length = np.timedelta64(step.seconds, "s")
    for year in range(first, last + 1):
        for month in list_year(year, timezone):
            begin, end = np.searchsorted(starts, [month.begins, month.ends]).tolist()
            if begin < end:
                offsets = starts[begin:end] - month.begins
                if (odd := np.flatnonzero(offsets % length)).size:
                    raise UnalignedIntervalsError(name, starts[begin + odd[0]], step)
                yield month, slice(begin, end), (offsets // length).astype(np.intp)


def _aware(instant: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(instant.astype(np.int64)), UTC)
