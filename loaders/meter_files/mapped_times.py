"""Times of somebody's own table, in any format of ``strptime``, turned into starts of rows."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.clock_days import DAY, are_days
from loaders.meter_files.clock_stamps import starts_of_clock_stamps
from loaders.meter_files.stamps import Groups, StampFault, Starts
from loaders.meter_files.table_mapping import Clock, Marks, TimeMapping
from loaders.meter_files.text_table import TextColumn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT = re.compile(r"(?<![0-9])24(:00(?::00)?)(?![0-9])")
_UNREAD = np.iinfo(np.int64).min


def find_mapped_starts(
    times: TextColumn,
    meters: Groups,
    mapping: TimeMapping,
    timezone: str,
    *,
    is_workbook: bool,
) -> Starts:
    """Find when the interval of each row begins.

    Parameters
    ----------
    times : TextColumn, length n_rows
        What the rows say.
    meters : ndarray of int, shape (n_rows,)
        Number of each row's meter.
    mapping : TimeMapping
        What that means.
    timezone : str
        IANA name of the local clock.
    is_workbook : bool
        Whether times may also be those of a workbook, which are no text there.

    Returns
    -------
    Starts

    Notes
    -----
    A local clock shows one hour twice in October; the first of two equal times is summer time.
    """
    distinct = [_parse(text, mapping, is_workbook=is_workbook) for text in times.texts.to_pylist()]
    shown = np.array(distinct, dtype=np.int64)[times.codes]
    is_read = shown != _UNREAD
    shown = np.where(is_read, shown, 0)
    length = mapping.minutes * 60
    begun = shown if mapping.marks is Marks.BEGIN else shown - length
    days = (begun // DAY).astype("datetime64[D]")
    days[~is_read] = np.datetime64("NaT")
    if mapping.clock is Clock.LOCAL:
        # told as ends of a day's intervals, 24:00 included, whatever the table marks
        ends = begun % DAY + length
        lengths = np.full(ends.size, length)
        return starts_of_clock_stamps(meters, days, ends, lengths, timezone)
    return _check(begun, days, length)


def _check(begun: NDArray[np.int64], days: NDArray[np.datetime64], length: int) -> Starts:
    faults = np.zeros(begun.size, dtype=np.uint8)
    faults[begun % length != 0] = StampFault.TIME
    faults[~are_days(days)] = StampFault.DATE
    return Starts(np.where(faults == 0, begun, 0), faults)


def _parse(text: str, mapping: TimeMapping, *, is_workbook: bool) -> int:
    """Read a time as seconds since 1970, of UTC or of what the clock shows."""
    day = 0
    if _MIDNIGHT.search(text):
        text, day = _MIDNIGHT.sub(r"00\1", text), 1
    try:
        moment = datetime.strptime(text, mapping.format)  # noqa: DTZ007
    except ValueError:
        try:
            moment = datetime.fromisoformat(text if is_workbook else "")
        except ValueError:
            return _UNREAD
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(seconds=1) + day * DAY
