"""Years that might have been: weeks drawn anew, months left out, other weather, all end to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError, InvalidDataError
from planner.member_prices import join_intervals, take_intervals
from planner.sharing_year import SharingYear

Values = NDArray[np.float64]
Steps = NDArray[np.intp]

HOURS_PER_WEEK = 168


class ResamplingError(InvalidArgumentError):
    """Years cannot be drawn by such figures.

    Attributes
    ----------
    name : str
        Which figure.
    value : int
        What it is.
    least : int
        The least it may be.
    """

    def __init__(self, name: str, value: int, least: int) -> None:
        super().__init__(f"{name} is {value}, should be at least {least}")
        self.name = name
        self.value = value
        self.least = least


class ShortYearError(InvalidDataError):
    """A year is too short to leave a part of it out.

    Attributes
    ----------
    found, needed : int
        Weeks or months that it has, and that it should have at least.
    """

    def __init__(self, noun: str, found: int, needed: int) -> None:
        super().__init__(f"the year has {found} whole {noun}, fewer than {needed}; give it whole")
        self.found = found
        self.needed = needed


class ForeignGenerationError(InvalidDataError):
    """Another year's generation does not fit the planned year."""


class UnequalScenariosError(InvalidArgumentError):
    """Scenarios are none at all, or not of the same members."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How years are drawn from the weeks of one.

    Attributes
    ----------
    n_years : int
        Years to draw.
    steps_per_week : int
        Metering intervals of a week: 168 hours or 672 quarter-hours.
    reach_weeks : int
        How far from its own place of the year a week may be drawn, to either side [weeks].
    seed : int
        The same seed draws the same years.

    Raises
    ------
    ResamplingError
        If the seed is below zero, or another figure below one.
    """

    n_years: int = 200
    steps_per_week: int = HOURS_PER_WEEK
    reach_weeks: int = 3
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in (("n_years", 1), ("steps_per_week", 1), ("reach_weeks", 1), ("seed", 0)):
            value = getattr(self, name)
            if value < least:
                raise ResamplingError(name, value, least)


def draw_weeks(n_steps: int, resampling: Resampling) -> Iterator[Steps]:
    """Draw which interval of the year stands at each interval of a drawn year.

    Parameters
    ----------
    n_steps : int
        Intervals of the year.
    resampling : Resampling
        How to draw.

    Yields
    ------
    ndarray of int, shape (n_steps,)
        Positions into the year; each leaves at least one week out.

    Raises
    ------
    ShortYearError
        If the year has no more whole weeks than a place may draw from.

    Notes
    -----
    Moving-block bootstrap with weeks for blocks: weeks begin where the year begins, every one on
    the same day of the week. Each place takes, with replacement, one of the weeks at most
    ``reach_weeks`` away, December and January being neighbours. The one or two days behind the
    last whole week take the first days of a drawn week, which fall on the same days of the week.

    Examples
    --------
    >>> year, = draw_weeks(8, Resampling(n_years=1, steps_per_week=2, reach_weeks=1))
    >>> year.tolist()
    [0, 1, 2, 3, 6, 7, 0, 1]
    """
    week, reach = resampling.steps_per_week, resampling.reach_weeks
    n_weeks = n_steps // week
    if n_weeks <= 2 * reach:
        raise ShortYearError("weeks", n_weeks, 2 * reach + 1)
    random = np.random.default_rng(resampling.seed)
    places = np.arange(-(-n_steps // week))
    for _ in range(resampling.n_years):
        drawn = places[:n_weeks]
        while np.unique(drawn).size == n_weeks:
            shifts = random.integers(-reach, reach, places.size, endpoint=True)
            drawn = (places + shifts) % n_weeks
        yield (drawn[:, np.newaxis] * week + np.arange(week)).ravel()[:n_steps]


def resample_year(year: SharingYear, source: Steps) -> SharingYear:
    """Make the year whose intervals hold others of a year; months stay where they are.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    source : ndarray of int, shape (n_steps,)
        Which interval of the year each interval takes.

    Returns
    -------
    SharingYear
        Generation, consumption and prices of an interval moved together.
    """
    return replace(
        year,
        generation_kwh=year.generation_kwh[source],
        consumption_kwh=np.take(year.consumption_kwh, source, axis=1),
        prices=year.prices and take_intervals(year.prices, source),
    )


def keep_steps(year: SharingYear, steps: Steps) -> SharingYear:
    """Keep a part of a year; what is left of a month is billed as a month.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    steps : ndarray of int, shape (n_kept,)
        Intervals to keep, ascending, at least one.

    Returns
    -------
    SharingYear
        Months without any interval drop out.
    """
    month = np.searchsorted(year.month_starts, steps, side="right")
    starts = np.flatnonzero(np.concatenate(([True], month[1:] != month[:-1])))
    return replace(resample_year(year, steps), month_starts=starts)


def leave_months_out(year: SharingYear) -> Iterator[tuple[SharingYear, SharingYear]]:
    """Part a year into eleven months and the twelfth, once for every month.

    Parameters
    ----------
    year : SharingYear
        At least two months.

    Yields
    ------
    tuple of SharingYear
        The year without the month, and the month.

    Raises
    ------
    ShortYearError
        If there is one month only.
    """
    if year.month_starts.size == 1:
        raise ShortYearError("months", 1, 2)
    steps = np.arange(year.generation_kwh.size)
    for start, end in pairwise([*year.month_starts.tolist(), steps.size]):
        others = np.delete(steps, slice(start, end))
        yield keep_steps(year, others), keep_steps(year, steps[start:end])


def replace_generation(year: SharingYear, generation_kwh: Values) -> SharingYear:
    """Put another year's sun over the same consumption.

    Parameters
    ----------
    year : SharingYear
        The planned year.
    generation_kwh : ndarray, shape (n_steps,)
        Net generation of another year of the same plant, by the intervals of the planned year
        [kWh].

    Returns
    -------
    SharingYear
        Consumption, prices and members as they were.

    Raises
    ------
    ForeignGenerationError
        If it has another number of intervals, or values that are negative or not finite.
    """
    n_steps, n_found = year.generation_kwh.size, generation_kwh.size
    if n_found != n_steps:
        raise ForeignGenerationError(
            f"the other year's generation has {n_found} intervals, the planned year {n_steps}"
        )
    good = (generation_kwh >= 0) & np.isfinite(generation_kwh)
    if not good.all():
        first = int(np.flatnonzero(~good)[0])
        raise ForeignGenerationError(
            f"the other year's generation is {generation_kwh[first]} in interval {first + 1}, "
            "should be a number of at least 0"
        )
    return replace(year, generation_kwh=generation_kwh)


def lay_end_to_end(scenarios: Sequence[SharingYear]) -> SharingYear:
    """Lay scenarios end to end into one long year, whose sum is the sum of theirs.

    Parameters
    ----------
    scenarios : sequence of SharingYear
        Of the same members, with prices in all or none.

    Returns
    -------
    SharingYear
        All intervals and billing months in order; members as in the first.

    Raises
    ------
    UnequalScenariosError
        If there are none, or their members or the presence of prices differ.
    """
    require_alike(scenarios)
    lengths = [scenario.generation_kwh.size for scenario in scenarios]
    begins = np.cumsum([0, *lengths[:-1]])
    priced = [scenario.prices for scenario in scenarios if scenario.prices is not None]
    return replace(
        scenarios[0],
        generation_kwh=np.concatenate([scenario.generation_kwh for scenario in scenarios]),
        consumption_kwh=np.concatenate([each.consumption_kwh for each in scenarios], axis=1),
        month_starts=np.concatenate(
            [begin + each.month_starts for begin, each in zip(begins, scenarios, strict=True)]
        ),
        prices=join_intervals(priced) if priced else None,
    )


def require_alike(scenarios: Sequence[SharingYear]) -> None:
    """Refuse scenarios that cannot be summed.

    Parameters
    ----------
    scenarios : sequence of SharingYear
        Years of the same members.

    Raises
    ------
    UnequalScenariosError
        If there are none, or their members or the presence of prices differ.
    """
    if not scenarios:
        raise UnequalScenariosError("there are no scenarios; give at least one")
    counts = sorted({scenario.n_members for scenario in scenarios})
    if len(counts) > 1:
        raise UnequalScenariosError(f"scenarios have from {counts[0]} to {counts[-1]} members")
    if len({scenario.prices is None for scenario in scenarios}) > 1:
        raise UnequalScenariosError("some scenarios have prices and others have none")
