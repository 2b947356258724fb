"""Stamps and hour numbers without a season flag: what the order of rows must tell.

On the day of 25 hours a clock shows one hour twice. Files then repeat 03:00 (they name an hour by
the clock at its start, one later) or 02:00 (they name it by the clock at its end), and on the day
of 23 hours they leave out the other one of the two.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.clock_days import (
    DAY,
    FIRST_DAY,
    Days,
    Seconds,
    are_days,
    describe_days,
)
from loaders.meter_files.number_counts import find_clock_numbers
from loaders.meter_files.stamps import (
    Groups,
    StampFault,
    Starts,
    number_groups,
    starts_of_positions,
)

_HOUR = 3600


def starts_of_clock_stamps(
    meters: Groups, days: Days, times: Seconds, steps: Seconds, timezone: str
) -> Starts:
    """Find intervals by local day and time without a season flag.

    Parameters
    ----------
    meters : ndarray of int, shape (n_rows,)
        Number of each row's meter.
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days as the file dates them; ``NaT`` where that is unreadable.
    times : ndarray of int64, shape (n_rows,)
        Time of each day [s since midnight], 0 to 86,400; negative where that is unreadable.
    steps : ndarray of int64, shape (n_rows,)
        Length of each interval [s], as ``find_steps`` gives it.
    timezone : str
        IANA name.

    Returns
    -------
    Starts
        Notes tell of days whose stamps begin their intervals, and of days of 25 hours on which no
        stamp comes twice.

    Notes
    -----
    REGULATION 6.1: stamps END their interval, except on a meter's day that has 00:00 and not
    24:00, or neither while the nearest days of the meter that have one of them begin. Of a stamp
    that comes twice on the day of 25 hours the first is summer time, or the last if the day's rows
    run backwards; one that comes once is summer time too, and the hour of winter time is missing.

    Examples
    --------
    >>> days = np.array(["2023-10-29"] * 3, dtype="datetime64[D]")
    >>> times, steps = np.array([7200, 10800, 10800]), np.full(3, 3600)
    >>> starts = starts_of_clock_stamps(np.zeros(3, int), days, times, steps, "Europe/Madrid")
    >>> starts.seconds.astype("datetime64[s]").astype(str).tolist()
    ['2023-10-28T23:00:00', '2023-10-29T00:00:00', '2023-10-29T01:00:00']
    """
    faults = np.zeros(days.size, dtype=np.uint8)
    is_day = are_days(days)
    days = np.where(is_day, days, FIRST_DAY)
    groups = number_groups(meters, days.astype(np.int64))
    n_groups = int(groups.max(initial=-1)) + 1
    first = _has(groups, is_day & (times == 0), n_groups)
    last = _has(groups, times == DAY, n_groups)
    is_begin, is_guessed = _find_begun(groups, meters, days, first, last)
    has_quarters = _has(groups, times % _HOUR != 0, n_groups)
    faults[(steps != _HOUR) & ~has_quarters[groups]] = StampFault.STEP
    clock = describe_days(days, timezone)
    begun = np.where(is_begin[groups], times, times - steps)
    elapsed = begun.copy()
    rows = np.flatnonzero(clock.changes)
    changed = _ChangedRows(
        groups=np.unique(groups[rows], return_inverse=True)[1],
        times=times[rows],
        begun=begun[rows],
        steps=steps[rows],
        changes=clock.changes[rows],
        is_long=clock.lengths[rows] > DAY,
        is_begin=is_begin[groups[rows]],
    )
    elapsed[rows], is_skipped, n_lone = changed.elapsed()
    faults[rows[is_skipped]] = StampFault.SKIPPED
    faults[(times < 0) | (times > DAY) | (times % steps != 0) | (begun < 0)] = StampFault.TIME
    faults[~is_day] = StampFault.DATE
    seconds = np.where(faults == 0, clock.midnights + elapsed, 0)
    return Starts(seconds, faults, _notes(is_begin, is_guessed, n_lone))


def starts_of_hour_numbers(
    meters: Groups, days: Days, numbers: Seconds, steps: Seconds, timezone: str
) -> Starts:
    """Find intervals by local day and number, whichever way a file counts on days of a change.

    Parameters
    ----------
    meters : ndarray of int, shape (n_rows,)
        Number of each row's meter.
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days; ``NaT`` where the file does not tell one.
    numbers : ndarray of int64, shape (n_rows,)
        Number of the interval, from 1; below 1 where that is unreadable.
    steps : ndarray of int64, shape (n_rows,)
        Length of each interval [s].
    timezone : str
        IANA name.

    Returns
    -------
    Starts

    Notes
    -----
    REGULATION 6.2: numbers count what passes, 1 to 23 in March and 1 to 25 in October. Those of
    days for which ``find_clock_numbers`` says so are what the clock shows at the end, and are read
    as ``starts_of_clock_stamps`` reads them.

    Examples
    --------
    >>> days = np.array(["2023-03-26"] * 2, dtype="datetime64[D]")
    >>> meters, steps = np.zeros(2, int), np.full(2, 3600)
    >>> by_clock = starts_of_hour_numbers(meters, days, np.array([4, 24]), steps, "Europe/Madrid")
    >>> by_clock.seconds.astype("datetime64[s]").astype(str).tolist()
    ['2023-03-26T01:00:00', '2023-03-26T21:00:00']
    """
    starts = starts_of_positions(days, numbers, steps, timezone)
    is_day = are_days(days)
    known = np.where(is_day, days, FIRST_DAY)
    changed = np.flatnonzero((describe_days(known, timezone).changes > 0) & is_day)
    if not changed.size:
        return starts
    is_by_clock, notes = find_clock_numbers(
        meters[changed], days[changed], (numbers * steps)[changed], steps[changed], timezone
    )
    rows = changed[is_by_clock]
    # zero is no number, and unlike the stamp 00:00 it never begins a day
    times = np.where(numbers[rows] > 0, numbers[rows] * steps[rows], -1)
    by_clock = starts_of_clock_stamps(meters[rows], days[rows], times, steps[rows], timezone)
    starts.seconds[rows] = by_clock.seconds
    starts.faults[rows] = by_clock.faults
    return Starts(starts.seconds, starts.faults, (*notes, *by_clock.notes))


@dataclass(frozen=True, slots=True)
class _ChangedRows:
    """Rows on days whose clock jumps.

    A stamp names its interval by what the clock shows at the start of it, or by what it shows at
    the end; around a jump the two differ by the hour of the jump.
    """

    groups: NDArray[np.intp]
    times: Seconds
    begun: Seconds
    steps: Seconds
    changes: Seconds
    is_long: NDArray[np.bool_]
    is_begin: NDArray[np.bool_]

    def elapsed(self) -> tuple[Seconds, NDArray[np.bool_], int]:
        """Tell how long after midnight intervals begin, which the clock skips, and lone days."""
        is_again, is_lone = self._find_repeated()
        is_by_end = self._are_by_end()
        shown = np.where(is_by_end, self.times, self.begun)
        is_past = shown >= np.where(self.is_long, self.changes, self.changes + _HOUR)
        is_skipped = ~self.is_long & ~is_past & (shown >= self.changes)
        jump = np.where(self.is_long, _HOUR, -_HOUR) * (
            is_past | (self._are_twice(shown) & is_again)
        )
        begun = shown + jump - np.where(is_by_end, self.steps, 0)
        lone_days = np.unique(self.groups[is_lone & self._are_twice(shown)])
        return begun, is_skipped, lone_days.size

    def _are_twice(self, shown: Seconds) -> NDArray[np.bool_]:
        """Tell which times the clock shows twice."""
        return self.is_long & (shown >= self.changes - _HOUR) & (shown < self.changes)

    def _find_repeated(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which stamps come for the second time, and which days have none that comes twice."""
        stamps = number_groups(self.groups, self.times + DAY)
        counts = np.bincount(stamps)[stamps]
        order = np.argsort(stamps, kind="stable")
        firsts = np.flatnonzero(np.diff(stamps[order], prepend=-1))
        earlier = np.empty_like(stamps)
        earlier[order] = np.arange(stamps.size) - np.repeat(
            firsts, np.diff(firsts, append=stamps.size)
        )
        is_more = counts > self._usual(counts)[self.groups]
        is_lone = ~np.isin(self.groups, self.groups[is_more])
        return is_more & ((earlier % 2 == 1) ^ self._are_falling()), is_lone

    def _are_falling(self) -> NDArray[np.bool_]:
        """Tell which days have their rows newest first, as most rows beside each other show."""
        order = np.argsort(self.groups, kind="stable")
        groups = self.groups[order]
        is_same = groups[1:] == groups[:-1]
        rises = np.sign(np.diff(self.times[order])) * is_same
        return (np.bincount(groups[1:], weights=rises, minlength=order.size) < 0)[self.groups]

    def _usual(self, counts: Seconds) -> Seconds:
        """Count how often each day has a stamp far from the jump: twice if all rows are double."""
        usual = np.ones(int(self.groups.max(initial=-1)) + 1, dtype=np.int64)
        is_far = np.abs(self.times - self.changes) > _HOUR
        np.maximum.at(usual, self.groups[is_far], counts[is_far])
        return usual

    def _are_by_end(self) -> NDArray[np.bool_]:
        """Tell which days name their intervals by the clock at the end.

        Of the day of 25 hours such a file repeats 02:00 and not 03:00; of the day of 23 hours it
        has 03:00 and not 02:00, which only counts when both neighbours are there.
        """
        at_jump, later, earlier = (self._count(shift) for shift in (0, _HOUR, -_HOUR))
        # in the Canaries the hour before the jump begins at midnight: nothing ends sooner
        has_before = (self._count(-self.steps) > 0) | (self.changes == self.steps)
        has_both = has_before & (self._count(_HOUR + self.steps) > 0)
        is_short = (at_jump == 0) & (later > 0) & has_both
        return ~self.is_begin & np.where(self.is_long, earlier > at_jump, is_short)

    def _count(self, shift: int | Seconds) -> Seconds:
        """Count in each row's day the stamps that far from the jump."""
        is_there = self.times == self.changes + shift
        return np.bincount(self.groups, weights=is_there)[self.groups].astype(np.int64)


def _has(groups: NDArray[np.intp], mask: NDArray[np.bool_], n_groups: int) -> NDArray[np.bool_]:
    """Tell which groups have a row of a kind."""
    found = np.zeros(n_groups, dtype=np.bool_)
    found[groups[mask]] = True
    return found


def _find_begun(
    groups: NDArray[np.intp],
    meters: Groups,
    days: Days,
    has_first: NDArray[np.bool_],
    has_last: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which days of meters begin their stamps, and of which only other days tell that."""
    is_begin = has_first & ~has_last
    is_known = has_first | has_last
    if is_known.all() or not is_begin.any():
        return is_begin, np.zeros_like(is_begin)
    keys = np.zeros((2, is_begin.size), dtype=np.int64)
    keys[:, groups] = days.astype(np.int64), meters
    order = np.lexsort(keys)
    before = _find_nearest(is_known[order])
    after = is_begin.size - 1 - _find_nearest(is_known[order][::-1])[::-1]
    says_begin, says_end = np.zeros_like(is_begin), np.zeros_like(is_begin)
    for nearest in (before, after):
        is_there = (nearest >= 0) & (nearest < order.size)
        other = order[np.where(is_there, nearest, 0)]
        is_there &= keys[1, other] == keys[1, order]
        says_begin[order] |= is_there & is_begin[other]
        says_end[order] |= is_there & ~is_begin[other]
    is_guessed = ~is_known & says_begin & ~says_end
    return is_begin | is_guessed, is_guessed


def _find_nearest(is_known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the last place that is known up to each place, -1 where there is none."""
    return np.maximum.accumulate(np.where(is_known, np.arange(is_known.size), -1))


def _notes(
    is_begin: NDArray[np.bool_], is_guessed: NDArray[np.bool_], n_lone: int
) -> tuple[str, ...]:
    notes = []
    n_guessed = int(is_guessed.sum())
    n_begin = int(is_begin.sum()) - n_guessed
    if n_begin:
        notes.append(
            "days of a meter with 00:00 and without 24:00, whose stamps were read as the "
            f"beginnings of their intervals: {n_begin}"
        )
    if n_guessed:
        notes.append(
            "days of a meter with neither 00:00 nor 24:00, whose stamps were read as the "
            f"beginnings of their intervals, as those of the neighbouring days: {n_guessed}"
        )
    if n_lone:
        notes.append(
            "days of a meter that have 25 hours and no stamp twice, whose hour was read as "
            f"summer time while that of winter time is missing: {n_lone}"
        )
    return tuple(notes)
