"""Dates, times and numbers of intervals as meter files write them, many texts at once.

A file has few distinct ones, so readers parse those and gather. What cannot be read becomes
``NaT`` or a number below zero, for ``stamps`` to mark.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.meter_files.clock_days import DAY, Days, Seconds

_YEAR_FIRST = r"^(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})$"
_DAY_FIRST = r"^(?P<day>[0-9]{1,2})[-/](?P<month>[0-9]{1,2})[-/](?P<year>[0-9]{4})$"
_TIME = r"^(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::00)?$"
_MOMENT = r"^(?P<date>[^ T]+)[ T]+(?P<time>[^ T]+)$"
_NUMBER = r"^(?P<number>[0-9]{1,3})$"

_MONTHS = 12
_MINUTES = 60


def parse_days(texts: pa.StringArray) -> Days:
    """Read dates written as 2023/10/29, 2023-10-29 or 29/10/2023.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without spaces around them.

    Returns
    -------
    ndarray of datetime64[D], shape (n,)
        ``NaT`` where a text is no date of the calendar.

    Examples
    --------
    >>> parse_days(pa.array(["2023/10/29", "29/10/2023", "29/02/2023"]))
    array(['2023-10-29', '2023-10-29',        'NaT'], dtype='datetime64[D]')
    """
    days = np.full(len(texts), np.datetime64("NaT", "D"))
    for pattern in (_YEAR_FIRST, _DAY_FIRST):
        is_read, year, month, day = _parse_parts(texts, pattern, ("year", "month", "day"))
        is_read &= (month >= 1) & (month <= _MONTHS)
        months = ((year - 1970) * _MONTHS + month - 1).astype("datetime64[M]")
        found = months.astype("datetime64[D]") + (day - 1)
        is_read &= found.astype("datetime64[M]") == months
        days[is_read] = found[is_read]
    return days


def parse_times(texts: pa.StringArray) -> Seconds:
    """Read times of the day written as 01:00, 1:00 or 01:00:00.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without spaces around them.

    Returns
    -------
    ndarray of int64, shape (n,)
        Seconds since midnight, 0 to 86,400; -1 where a text is no such time.

    Examples
    --------
    >>> parse_times(pa.array(["01:00", "24:00", "24:15", "1"]))
    array([ 3600, 86400,    -1,    -1])
    """
    is_read, hour, minute = _parse_parts(texts, _TIME, ("hour", "minute"))
    seconds = (hour * _MINUTES + minute) * _MINUTES
    is_read &= (minute < _MINUTES) & (seconds <= DAY)
    return np.where(is_read, seconds, -1)


def parse_numbers(texts: pa.StringArray) -> Seconds:
    """Read numbers of intervals.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without spaces around them.

    Returns
    -------
    ndarray of int64, shape (n,)
        The numbers; -1 where a text is none of at most three digits.

    Examples
    --------
    >>> parse_numbers(pa.array(["1", "025", "-1", "01:00"]))
    array([ 1, 25, -1, -1])
    """
    is_read, number = _parse_parts(texts, _NUMBER, ("number",))
    return np.where(is_read, number, -1)


def parse_moments(texts: pa.StringArray) -> NDArray[np.datetime64]:
    """Read a date and a time with a space or a T between them.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without spaces around them.

    Returns
    -------
    ndarray of datetime64[s], shape (n,)
        What the clock shows; 24:00 is 00:00 of the next day. ``NaT`` where a text is no such time.

    Examples
    --------
    >>> moments = parse_moments(pa.array(["29/10/2023 24:00", "2023/10/29 1:00", "29/10/2023"]))
    >>> moments.astype(str).tolist()
    ['2023-10-30T00:00:00', '2023-10-29T01:00:00', 'NaT']
    """
    parts = pc.extract_regex(texts, _MOMENT)
    dates, times = (pc.struct_field(parts, name).fill_null("") for name in ("date", "time"))
    seconds = parse_times(times)
    moments = parse_days(dates).astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return np.where(seconds < 0, np.datetime64("NaT", "s"), moments)


def _parse_parts(
    texts: pa.StringArray, pattern: str, names: tuple[str, ...]
) -> tuple[NDArray[np.int64], ...]:
    """Tell which texts match, and give their numbers; zero where they do not."""
    parts = pc.extract_regex(texts, pattern)
    is_read = parts.is_valid().to_numpy(zero_copy_only=False)
    fields = (pc.struct_field(parts, name).fill_null("0") for name in names)
    return is_read, *(field.cast(pa.int64()).to_numpy() for field in fields)
