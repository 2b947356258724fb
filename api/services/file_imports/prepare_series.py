"""Make a file's series mean what the store means by them: boundary consumption, one step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from api.services.file_imports.file_report import reject_values
from api.services.file_imports.match_meters import MatchedSeries
from api.services.file_imports.merge_months import rank_quality
from loaders.meter_files.records import MeterSeries, Rejections, RowCode
from models.tables import Channel
from models.values.calendar import Step

_LARGEST_WH = np.iinfo(np.int32).max
_QUARTERS = 4


class ConsumptionMeaning(StrEnum):
    """What a file calls consumption."""

    BOUNDARY = "boundary"
    """What the boundary meter took in, before any sharing."""
    NET = "net"
    """What is left of it after self-consumption, as on the bill."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a file of readings is to be taken.

    Attributes
    ----------
    consumption_is : ConsumptionMeaning
        What the file calls consumption; of a net one the self-consumed energy is added.
    accepts_partial : bool
        Whether good rows are taken when others are not.
    replaces_better : bool
        Whether the file is right even against values that are known better.
    sums_quarters : bool
        Whether quarter-hours are summed into hours.
    """

    consumption_is: ConsumptionMeaning = ConsumptionMeaning.BOUNDARY
    accepts_partial: bool = False
    replaces_better: bool = False
    sums_quarters: bool = False


def prepare_series(
    matched: Sequence[MatchedSeries], options: ReadingOptions, rejections: Rejections
) -> list[MatchedSeries]:
    """Apply the options to the series of a file.

    Parameters
    ----------
    matched : sequence of MatchedSeries
        Series with their meters.
    options : ReadingOptions
        How the file is to be taken.
    rejections : Rejections
        Takes the values that cannot be used so.

    Returns
    -------
    list of MatchedSeries
        As they are to be stored.
    """
    prepared = list(matched)
    if options.consumption_is is ConsumptionMeaning.NET:
        prepared = _restore_consumption(prepared, rejections)
    if options.sums_quarters:
        prepared = [replace(each, series=_sum_quarters(each, rejections)) for each in prepared]
    return prepared


def _restore_consumption(
    matched: Sequence[MatchedSeries], rejections: Rejections
) -> list[MatchedSeries]:
    """Add self-consumed energy to consumption that is stated without it."""
    self_consumed = {
        each.meter_id: each.series
        for each in matched
        if each.series.channel is Channel.SELF_CONSUMED
    }
    return [
        replace(each, series=_add_energy(each, self_consumed.get(each.meter_id), rejections))
        if each.series.channel is Channel.CONSUMPTION
        else each
        for each in matched
    ]


def _add_energy(
    net: MatchedSeries, self_consumed: MeterSeries | None, rejections: Rejections
) -> MeterSeries:
    """Sum the intervals that both series have."""
    series = net.series
    added = _empty_like(series) if self_consumed is None else self_consumed
    if added.step is not series.step:
        added = _empty_like(series)
    _, here, there = np.intersect1d(
        series.starts, added.starts, assume_unique=True, return_indices=True
    )
    if left := series.starts.size - here.size:
        reason = "they are net of self-consumption, and nothing says how much that was"
        reject_values(rejections, RowCode.CONTRADICTION, net.name, reason, left)
    qualities = np.stack([series.quality[here], added.quality[there]])
    return _keep_storable(
        net.name,
        replace(series, starts=series.starts[here]),
        series.energy_wh[here].astype(np.int64) + added.energy_wh[there],
        _take_worst(qualities),
        rejections,
    )


def _sum_quarters(matched: MatchedSeries, rejections: Rejections) -> MeterSeries:
    """Sum quarter-hours into the hours that have all four."""
    series = matched.series
    if series.step is Step.HOUR or not series.starts.size:
        return series
    hours, first, counts = np.unique(
        series.starts.astype("datetime64[h]"), return_index=True, return_counts=True
    )
    is_whole = counts == _QUARTERS
    if left := int(counts[~is_whole].sum()):
        reason = "their hours lack some of the four quarters, so that they make no hour"
        reject_values(rejections, RowCode.CONTRADICTION, matched.name, reason, left)
    quarters = first[is_whole] + np.arange(_QUARTERS)[:, None]
    return _keep_storable(
        matched.name,
        replace(series, step=Step.HOUR, starts=hours[is_whole].astype("datetime64[s]")),
        series.energy_wh[quarters].sum(axis=0, dtype=np.int64),
        _take_worst(series.quality[quarters]),
        rejections,
    )


def _keep_storable(
    name: str,
    series: MeterSeries,
    energy_wh: NDArray[np.int64],
    quality: NDArray[np.uint8],
    rejections: Rejections,
) -> MeterSeries:
    """Put sums into a series, without those that are too large to store."""
    fits = energy_wh <= _LARGEST_WH
    if too_large := int((~fits).sum()):
        reason = f"their sum is above {_LARGEST_WH} Wh"
        reject_values(rejections, RowCode.TOO_LARGE, name, reason, too_large)
    return replace(
        series,
        starts=series.starts[fits],
        energy_wh=energy_wh[fits].astype(np.int32),
        quality=quality[fits],
    )


def _empty_like(series: MeterSeries) -> MeterSeries:
    nothing = slice(0)
    return replace(
        series,
        starts=series.starts[nothing],
        energy_wh=series.energy_wh[nothing],
        quality=series.quality[nothing],
    )


def _take_worst(quality: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give a sum the quality of the worst-known value in it."""
    worst = rank_quality(quality).argmin(axis=0)
    taken: NDArray[np.uint8] = np.take_along_axis(quality, worst[None], axis=0)[0]
    return taken
