"""Coefficients that hold on some days, laid out over the intervals of a local year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, clock_hours, local_midnight, year_steps
from models.values.period import Period

Millionths = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """One supply point's coefficient on some days.

    Attributes
    ----------
    millionths : int
        The coefficient; of one that differs by the hour, its mean.
    by_hour : ndarray of int64, shape (8760,), or None
        The coefficient of every hour by the clock on the wall, without 29 February; None when it
        is the same in all.
    period : Period or None
        Days on which it holds; None for all.
    """

    millionths: int
    by_hour: Millionths | None = None
    period: Period | None = None

    def holds_within(self, days: Period) -> bool:
        """Tell whether it holds on some of the days."""
        return self.period is None or self.period.overlaps(days)


def lay_out_shares(
    shares: Sequence[Sequence[Share]],
    *,
    year: int,
    timezone: str,
    step: Step,
    span: slice = slice(None),
) -> Millionths:
    """Tell the coefficient of every supply point in every interval.

    Parameters
    ----------
    shares : sequence of sequence of Share, length n_points
        Those of each supply point, no two on the same day.
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.
    span : slice
        Which of the year's intervals.

    Returns
    -------
    ndarray of int64, shape (n_points, n_steps)
        Coefficients [millionths]; zero where none holds.

    Notes
    -----
    A day lasts from one local midnight to the next, so a change of coefficients falls between two
    intervals. RD 244/2019, Annex I: 29 February has the coefficients of 28 February.

    Examples
    --------
    >>> halves = [[Share(500_000, period=Period(date(2023, 1, 1), date(2023, 1, 2)))]]
    >>> laid = lay_out_shares(halves, year=2023, timezone="Europe/Madrid", step=Step.HOUR)
    >>> laid.shape, int(laid.sum()) // 500_000
    ((1, 8760), 24)
    """
    starts = year_steps(year, timezone, step)[span]
    hours = clock_hours(year, timezone, step)[span]
    laid = np.zeros((len(shares), starts.size), dtype=np.int64)
    for row, share, days in _place_shares(shares, starts, timezone):
        laid[row, days] = share.millionths if share.by_hour is None else share.by_hour[hours[days]]
    return laid


def find_holding(
    shares: Sequence[Sequence[Share]],
    *,
    year: int,
    timezone: str,
    step: Step,
    span: slice = slice(None),
) -> NDArray[np.bool_]:
    """Tell who has a coefficient in which intervals, even of zero.

    Parameters
    ----------
    shares : sequence of sequence of Share, length n_points
        Those of each supply point.
    year : int
        Local calendar year.
    timezone : str
        IANA name.
    step : Step
        Length of an interval.
    span : slice
        Which of the year's intervals.

    Returns
    -------
    ndarray of bool, shape (n_points, n_steps)
        On the days on which one of them holds.

    Examples
    --------
    >>> nothing_for_a_day = [[Share(0, period=Period(date(2023, 1, 1), date(2023, 1, 2)))]]
    >>> held = find_holding(nothing_for_a_day, year=2023, timezone="Europe/Madrid", step=Step.HOUR)
    >>> held.shape, int(held.sum())
    ((1, 8760), 24)
    """
    starts = year_steps(year, timezone, step)[span]
    held = np.zeros((len(shares), starts.size), np.bool_)
    for row, _, days in _place_shares(shares, starts, timezone):
        held[row, days] = True
    return held


def _place_shares(
    shares: Sequence[Sequence[Share]], starts: Instants, timezone: str
) -> Iterator[tuple[int, Share, slice]]:
    """Yield each share with its supply point's row and the intervals in which it holds."""
    border = _find_borders(shares, starts, timezone)
    for row, held in enumerate(shares):
        for share in held:
            yield row, share, slice(*_place(share.period, border))


def _find_borders(
    shares: Sequence[Sequence[Share]], starts: Instants, timezone: str
) -> dict[date, int]:
    """Find the intervals with which the days begin on which coefficients change."""
    days = {
        day
        for held in shares
        for share in held
        if share.period is not None
        for day in (share.period.start, share.period.end)
        if day is not None
    }
    return {day: int(np.searchsorted(starts, local_midnight(day, timezone))) for day in days}


def _place(period: Period | None, border: dict[date, int]) -> tuple[int, int | None]:
    """Find the first interval of a period and the first after it."""
    if period is None:
        return 0, None
    return border[period.start], None if period.end is None else border[period.end]
