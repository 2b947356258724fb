"""Which way a file numbers the hours of days whose clock changes.

Some number what passes, 1 to 23 and 1 to 25; others what the clock shows, and leave out or repeat
the hour of the change. A day that is not whole may not tell; other days of the file then do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.clock_days import DAY, Days, Seconds, describe_days
from loaders.meter_files.stamps import Groups, number_groups

_HOUR = 3600
_LONGEST = DAY + _HOUR
_BITS = 31


def find_clock_numbers(
    meters: Groups, days: Days, ends: Seconds, steps: Seconds, timezone: str
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Tell which rows are numbered by what the clock shows at the end of the interval.

    Parameters
    ----------
    meters : ndarray of int, shape (n_rows,)
        Number of each row's meter.
    days : ndarray of datetime64[D], shape (n_rows,)
        Local days, all of which have 23 or 25 hours.
    ends : ndarray of int64, shape (n_rows,)
        Number of each interval times its length [s]; below 1 where that is unreadable.
    steps : ndarray of int64, shape (n_rows,)
        Length of each interval [s].
    timezone : str
        IANA name.

    Returns
    -------
    is_by_clock : ndarray of bool, shape (n_rows,)
        False where numbers count what passes.
    notes : tuple of str
        What was decided that the days themselves do not say.

    Notes
    -----
    Of the day of 23 hours the clock's numbers end with 24 or lack only the hour of the jump; of the
    day of 25 hours they repeat one beside it. Numbers that count what passes lack none there, and
    go to 25. Where a day shows neither, the meter's other such days decide, then other meters'; if
    these are silent or at odds, a last number of 24 is the clock's.

    Examples
    --------
    >>> days = np.full(3, np.datetime64("2023-10-29"))
    >>> ends, steps = np.array([2, 3, 3]) * 3600, np.full(3, 3600)
    >>> find_clock_numbers(np.zeros(3, int), days, ends, steps, "Europe/Madrid")
    (array([ True,  True,  True]), ())
    """
    groups = number_groups(meters, days.astype(np.int64))
    _, firsts = np.unique(groups, return_index=True)
    clock = describe_days(days[firsts], timezone)
    is_read = (ends > 0) & (ends <= _LONGEST)
    numbered = _NumberedDays.count(
        groups[is_read], ends[is_read], steps[firsts], clock.changes, clock.lengths > DAY
    )
    has_hole = numbered.have_hole_at_jump()
    verdicts = numbered.judge(has_hole)
    usual = numbered.last == DAY
    told = _ask_others(verdicts, meters[firsts])
    is_by_clock = np.where(told == 0, usual, told > 0)
    is_told = (verdicts == 0) & (is_by_clock != usual) & (numbered.last > 0)
    notes = _notes(int((has_hole & (numbered.last < DAY)).sum()), int(is_told.sum()))
    return is_by_clock[groups], notes


@dataclass(frozen=True, slots=True)
class _NumberedDays:
    """Numbers of days of meters, each once: of which day, its end, and how often it comes."""

    groups: NDArray[np.int64]
    ends: Seconds
    counts: Seconds
    first: Seconds
    last: Seconds
    steps: Seconds
    changes: Seconds
    is_long: NDArray[np.bool_]

    @staticmethod
    def count(
        groups: NDArray[np.intp],
        ends: Seconds,
        steps: Seconds,
        changes: Seconds,
        is_long: NDArray[np.bool_],
    ) -> "_NumberedDays":
        """Count the numbers of each day."""
        keys, counts = np.unique((groups.astype(np.int64) << _BITS) + ends, return_counts=True)
        groups, ends = keys >> _BITS, keys & ((1 << _BITS) - 1)
        first, last = np.full(changes.size, _LONGEST), np.zeros(changes.size, dtype=np.int64)
        np.minimum.at(first, groups, ends)
        np.maximum.at(last, groups, ends)
        return _NumberedDays(groups, ends, counts, first, last, steps, changes, is_long)

    def have_hole_at_jump(self) -> NDArray[np.bool_]:
        """Tell which short days lack the hour of the jump, and no other between first and last."""
        n_numbers = np.bincount(self.groups, minlength=self.changes.size)
        missing = self.last - self.first + self.steps - n_numbers * self.steps
        lacks_start = ~self._has_hour(after=self.steps) & (self.first <= self.changes)
        lacks_end = ~self._has_hour(after=0) & (self.first < self.changes)
        have_hole: NDArray[np.bool_] = (missing == _HOUR) & (lacks_start | lacks_end)
        return have_hole & ~self.is_long

    def judge(self, has_hole: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Give 1 to days numbered by the clock, -1 to those that count what passes, else 0."""
        passes_jump = self._has_hour(after=self.steps) & self._has_hour(after=0)
        is_counted = np.where(self.is_long, self.last > DAY, passes_jump & (self.last < DAY))
        is_short_clock = ~self.is_long & ((self.last == DAY) | has_hole)
        is_long_clock = self.is_long & self._repeat_at_jump()
        is_clock = ~is_counted & (is_short_clock | is_long_clock)
        judged: NDArray[np.int8] = is_clock.astype(np.int8) - is_counted.astype(np.int8)
        return judged

    def _has_hour(self, after: int | Seconds) -> NDArray[np.bool_]:
        """Tell which days have a number of the hour that begins so long after the jump."""
        begins = (self.changes + after)[self.groups]
        return self._any((self.ends >= begins) & (self.ends < begins + _HOUR))

    def _repeat_at_jump(self) -> NDArray[np.bool_]:
        """Tell which days have a number of the hour before the jump more often than others."""
        distance = self.ends - self.changes[self.groups]
        is_far = np.abs(distance) > _HOUR
        usual = np.ones(self.changes.size, dtype=np.int64)
        np.maximum.at(usual, self.groups[is_far], self.counts[is_far])
        is_near = (distance >= -_HOUR) & (distance <= 0)
        return self._any(is_near & (self.counts > usual[self.groups]))

    def _any(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.bincount(self.groups[mask], minlength=self.changes.size) > 0


def _ask_others(verdicts: NDArray[np.int8], meters: Groups) -> NDArray[np.int8]:
    """Let the meter's other days, then other meters', speak for days that do not tell."""
    _, places = np.unique(meters, return_inverse=True)
    n_meters = int(places.max(initial=-1)) + 1
    of_meters = np.zeros(n_meters, dtype=np.int8)
    for way in (1, -1):
        of_meters += (np.bincount(places[verdicts == way], minlength=n_meters) > 0) * np.int8(way)
    of_file = np.int8((verdicts > 0).any()) - np.int8((verdicts < 0).any())
    by_meter = np.where(verdicts == 0, of_meters[places], verdicts)
    return np.where(by_meter == 0, of_file, by_meter).astype(np.int8)


def _notes(n_holes: int, n_told: int) -> tuple[str, ...]:
    notes = []
    if n_holes:
        notes.append(
            "days of a meter that have 23 hours and lack only numbers that the clock skips, whose "
            f"numbers were read as what it shows at the end: {n_holes}"
        )
    if n_told:
        notes.append(
            "days of a meter whose numbers do not tell how they count the change of the clock, and "
            f"were read as those of other such days of the file: {n_told}"
        )
    return tuple(notes)
