"""Days of the Iberian market and of Red Eléctrica, which both live by the clock of Madrid."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np

from loaders.decoding import UnreadableFileError
from loaders.meter_files.clock_days import FIRST_DAY, LAST_DAY, Seconds, are_days, describe_days
from loaders.meter_files.stamps import starts_of_positions
from loaders.number_text import excerpt_of
from models.values.calendar import Step

MARKET_CLOCK = "Europe/Madrid"

_HOURS_TOLD = 5
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.0{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


def number_intervals(day: date, step: Step = Step.HOUR) -> Seconds:
    """List the starts of the intervals of a day.

    Parameters
    ----------
    day : date
        Day in Madrid.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray of int64, shape (n_intervals,)
        Starts [s since 1970, UTC]: of 23, 24 or 25 hours, or of 92, 96 or 100 quarter-hours.

    Raises
    ------
    UnreadableFileError
        If the day is not one of prices.

    Examples
    --------
    >>> number_intervals(date(2025, 3, 30), Step.QUARTER_HOUR).size
    92
    """
    days = np.array([day], dtype="datetime64[D]")
    if not are_days(days).all():
        raise UnreadableFileError(f"day {day} is not from {FIRST_DAY} to {LAST_DAY}")
    count = int(describe_days(days, MARKET_CLOCK).lengths[0]) // step.seconds
    numbers = np.arange(1, count + 1)
    return starts_of_positions(days.repeat(count), numbers, step, MARKET_CLOCK).seconds


def show_hours(day: date) -> list[int]:
    """List what the clock shows when the hours of a day begin.

    Parameters
    ----------
    day : date
        Day in Madrid.

    Returns
    -------
    list of int
        Hours from 0 to 23; one is missing on the short day, one comes twice on the long one.

    Raises
    ------
    UnreadableFileError
        If the day is not one of prices.

    Examples
    --------
    >>> show_hours(date(2025, 3, 30))[:4], show_hours(date(2025, 10, 26))[:5]
    ([0, 1, 3, 4], [0, 1, 2, 2, 3])
    """
    n_hours = number_intervals(day).size
    days = np.array([day], dtype="datetime64[D]")
    change = int(describe_days(days, MARKET_CLOCK).changes[0]) // Step.HOUR.seconds
    return [hour if hour < change else hour + 24 - n_hours for hour in range(n_hours)]


def find_step(day: date, n_intervals: int) -> Step:
    """Tell from how many intervals a day has whether they are hours or quarter-hours.

    Parameters
    ----------
    day : date
        Day in Madrid.
    n_intervals : int
        How many a file has for it.

    Returns
    -------
    Step
        The only length that fits.

    Raises
    ------
    UnreadableFileError
        If none fits, or the day is not one of prices.

    Examples
    --------
    >>> find_step(date(2025, 10, 26), 100)
    <Step.QUARTER_HOUR: 'PT15M'>
    """
    n_hours = number_intervals(day).size
    for step in Step:
        if n_intervals == n_hours * step.per_hour:
            return step
    raise UnreadableFileError(
        f"{day} has {n_hours} hours or {n_hours * 4} quarter-hours, the file {n_intervals} prices"
    )


def place_hours(day: date, hours: Sequence[int]) -> Seconds:
    """Find the instants of prices that are told by their hours.

    Parameters
    ----------
    day : date
        Day in Madrid.
    hours : sequence of int
        Either what the clock shows (0, 1, 3, ... 23 on the short day; 0, 1, 2, 2, 3, ... 23 on the
        long one) or a running number from 0.

    Returns
    -------
    ndarray of int64, shape (n_hours,)
        Starts [s since 1970, UTC].

    Raises
    ------
    UnreadableFileError
        If they are neither, or the day is not one of prices.
    """
    expected = show_hours(day)
    if list(hours) not in (expected, list(range(len(expected)))):
        raise UnreadableFileError(_explain_hours(day, hours, expected))
    return number_intervals(day)


def _explain_hours(day: date, hours: Sequence[int], expected: list[int]) -> str:
    found, due = Counter(hours), Counter(expected)
    what = [f"hour {hour} is missing" for hour in sorted((due - found).elements())]
    what += [f"hour {hour} is too much" for hour in sorted((found - due).elements())]
    told = "; ".join(what[:_HOURS_TOLD]) or "they are out of order"
    return f"{day} has {len(expected)} hours, the file {len(hours)}: {told}"


def parse_day(text: str, form: str) -> date:
    """Read a day.

    Parameters
    ----------
    text : str
        Such as ``30/10/2021``.
    form : str
        Such as ``%d/%m/%Y``.

    Returns
    -------
    date
        The day.

    Raises
    ------
    UnreadableFileError
        If the calendar has no such day.

    Examples
    --------
    >>> parse_day("30/10/2021", "%d/%m/%Y")
    datetime.date(2021, 10, 30)
    """
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).date()
    except ValueError as error:
        raise UnreadableFileError(f"{excerpt_of(text)} is not a day") from error


def parse_instant(text: str) -> int:
    """Read an instant that says how far it is from UTC.

    Parameters
    ----------
    text : str
        Such as ``2021-10-31T02:00:00.000+01:00`` or ``2023-01-01T00:00:00Z``.

    Returns
    -------
    int
        Seconds since 1970.

    Raises
    ------
    UnreadableFileError
        If it has another form, is not on a quarter-hour, or the day is not one of prices.

    Examples
    --------
    >>> parse_instant("2001-01-01T01:00:00+01:00")
    978307200
    """
    if not _INSTANT.fullmatch(text):
        raise UnreadableFileError(
            f"{excerpt_of(text)} is not an instant such as 2026-07-01T00:00:00+02:00"
        )
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableFileError(f"{excerpt_of(text)} is not in the calendar") from error
    if not are_days(np.array([instant.date()], dtype="datetime64[D]")).all():
        raise UnreadableFileError(f"{text} is not from {FIRST_DAY} to {LAST_DAY}")
    second = int(instant.timestamp())
    if second % Step.QUARTER_HOUR.seconds:
        raise UnreadableFileError(f"{text} is not the start of a quarter-hour")
    return second
