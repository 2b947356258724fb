"""Fill the gaps of one meter's year by rules, one after the other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from api.services.file_imports.merge_months import empty_month
from api.services.readings.metered_point import MeteredPoint
from models.repositories.packed_months import (
    PackedEnergy,
    StoredMonth,
    pack_energy,
    unpack_energy,
)
from models.tables import Channel
from models.values.calendar import Instants, Step
from models.values.local_month import LocalMonth
from models.values.metering import Quality
from planner.metering.gap_filling import (
    LINEAR_HOURS,
    Fill,
    FillRule,
    Mask,
    fill_from_similar_days,
    fill_linearly,
    fill_nights,
)
from planner.metering.sun import find_night


@dataclass(frozen=True, slots=True)
class FilledMonth:
    """What was filled of one month.

    Attributes
    ----------
    month : str
        Name of the month, such as ``2023-01``.
    filled : dict of FillRule to int
        Intervals filled by each rule that filled some.
    left : int
        Intervals, ended by then, that are still missing.
    version : int or None
        Newest version of the month afterwards; None when nothing is stored of it.
    """

    month: str
    filled: dict[FillRule, int]
    left: int
    version: int | None


@dataclass(frozen=True, slots=True)
class MendedMonth:
    """A month as it is to be stored."""

    month: LocalMonth
    step: Step
    packed: PackedEnergy
    version: int


@dataclass(frozen=True, slots=True)
class MeterYear:
    """What became of one channel of one meter.

    Attributes
    ----------
    point : MeteredPoint
        The meter.
    channel : Channel
        What is counted.
    changed : tuple of MendedMonth
        Months that get a further version.
    report : tuple of FilledMonth
        Months that had gaps.
    """

    point: MeteredPoint
    channel: Channel
    changed: tuple[MendedMonth, ...]
    report: tuple[FilledMonth, ...]


def mend_year(
    point: MeteredPoint,
    channel: Channel,
    months: Sequence[LocalMonth],
    stored: Mapping[datetime, StoredMonth],
    rules: Sequence[FillRule],
    ended_by: datetime,
) -> MeterYear:
    """Fill the gaps of one meter's year.

    Parameters
    ----------
    point : MeteredPoint
        The meter.
    channel : Channel
        What is counted.
    months : sequence of LocalMonth
        The year's, with one before and one after it, which are not filled.
    stored : mapping of datetime to StoredMonth
        What is stored, by the first instant of its month.
    rules : sequence of FillRule
        The rules, each for what those before it left.
    ended_by : datetime
        Intervals that end later are no gaps.

    Returns
    -------
    MeterYear
        The months to store and the report.

    Raises
    ------
    DamagedMonthError
        If a stored month differs from its check value.

    Notes
    -----
    A year that is stored by two steps is mended by the one that most of its months have; months of
    the other step are left as they are.
    """
    steps = Counter(reading.step for reading in stored.values())
    step = steps.most_common(1)[0][0] if steps else Step.HOUR
    of_step = {key: reading for key, reading in stored.items() if reading.step is step}
    ours = [
        month
        for month in months[1:-1]
        if month.starts_at in of_step or month.starts_at not in stored
    ]
    span = _lay_out(point, months, of_step, step)
    is_gap = _find_gaps(span, ours, ended_by)
    for rule in rules:
        _take(span, rule, _apply(rule, span, point, channel), is_gap)
    changed, report = [], []
    for month in ours:
        reading = of_step.get(month.starts_at)
        version = None if reading is None else reading.version
        filled, left = _count(span, month, ended_by)
        if filled:
            version = (version or 0) + 1
            changed.append(_mend_month(span, month, version))
        if filled or left:
            report.append(FilledMonth(month.name, filled, left, version))
    return MeterYear(point, channel, tuple(changed), tuple(report))


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """Months on end: what is known of every interval, and which rule filled it."""

    step: Step
    starts: Instants
    local: Instants
    energy_wh: NDArray[np.int32]
    quality: NDArray[np.uint8]
    is_measured: Mask
    filled_by: dict[FillRule, Mask]

    @property
    def is_known(self) -> Mask:
        """Where something is known or was filled."""
        known: Mask = self.quality != Quality.MISSING
        return known

    def place_of(self, month: LocalMonth) -> slice:
        """Find the intervals of a month."""
        first = int(np.searchsorted(self.starts, month.begins))
        return slice(first, first + month.count(self.step))


def _lay_out(
    point: MeteredPoint,
    months: Sequence[LocalMonth],
    stored: Mapping[datetime, StoredMonth],
    step: Step,
) -> _Span:
    parts = [
        unpack_energy(reading, point.name, month.count(step))
        if (reading := stored.get(month.starts_at)) is not None
        else empty_month(month.count(step))
        for month in months
    ]
    quality = np.concatenate([part for _, part in parts])
    return _Span(
        step=step,
        starts=np.concatenate([month.starts(step) for month in months]),
        local=np.concatenate([month.local(step) for month in months]),
        energy_wh=np.concatenate([part for part, _ in parts]),
        quality=quality,
        is_measured=(quality != Quality.MISSING) & (quality != Quality.FILLED),
        filled_by={},
    )


def _find_gaps(span: _Span, months: Sequence[LocalMonth], ended_by: datetime) -> Mask:
    """Mark what is missing of the months, between the first and the last value of the span."""
    is_ours = np.zeros(span.starts.size, dtype=np.bool_)
    for month in months:
        first = span.place_of(month).start
        is_ours[first : first + month.count_ended(span.step, ended_by)] = True
    known = np.flatnonzero(span.is_known)
    is_between = np.zeros_like(is_ours)
    if known.size:
        is_between[known[0] : known[-1]] = True
    return is_ours & is_between & ~span.is_known


def _apply(rule: FillRule, span: _Span, point: MeteredPoint, channel: Channel) -> Fill:
    if rule is FillRule.LINEAR:
        return fill_linearly(span.energy_wh, span.is_known, LINEAR_HOURS * span.step.per_hour)
    if rule is FillRule.SIMILAR_DAYS:
        return fill_from_similar_days(
            span.energy_wh,
            span.is_known,
            span.is_measured,
            span.local,
            span.step,
            tells_rest_days=channel is not Channel.GENERATION,
        )
    is_night = (
        find_night(span.starts, span.step, point.zone, point.place)
        if channel is Channel.GENERATION
        else np.zeros(span.starts.size, dtype=np.bool_)
    )
    return fill_nights(span.is_known, is_night)


def _take(span: _Span, rule: FillRule, fill: Fill, is_gap: Mask) -> None:
    """Put into gaps what a rule has for them."""
    taken = fill.is_filled & is_gap
    span.energy_wh[taken] = fill.energy_wh[taken]
    span.quality[taken] = Quality.FILLED
    span.filled_by[rule] = taken


def _count(span: _Span, month: LocalMonth, ended_by: datetime) -> tuple[dict[FillRule, int], int]:
    """Count what each rule filled of a month, and what is left."""
    place = span.place_of(month)
    filled = {rule: int(mask[place].sum()) for rule, mask in span.filled_by.items()}
    ended = month.count_ended(span.step, ended_by)
    left = int((~span.is_known[place][:ended]).sum())
    return {rule: count for rule, count in filled.items() if count}, left


def _mend_month(span: _Span, month: LocalMonth, version: int) -> MendedMonth:
    place = span.place_of(month)
    packed = pack_energy(span.energy_wh[place], span.quality[place])
    return MendedMonth(month, span.step, packed, version)
