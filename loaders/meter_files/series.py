"""Rows of energy put in the order of time, each interval of a meter once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.records import ROWS_TOLD, MeterSeries, Rejections, RowCode
from loaders.meter_files.row_places import RowPlaces, reject_rows
from loaders.meter_files.watt_hours import MISSING_WH
from models.values.calendar import Step
from models.values.metering import Channel

_LATEST_BITS = 33  # hold the seconds of every instant before 2242
_LINES_NAMED = 3
_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class EnergyRows:
    """Rows of a file that are sound by themselves.

    Attributes
    ----------
    codes : tuple of str, length n_meters
        CUPS, CAU or CIL, each once.
    meters : ndarray of int, shape (n_rows,)
        Position of each row's meter in ``codes``.
    starts : ndarray of int64, shape (n_rows,)
        Starts of the intervals [s since 1970, UTC].
    steps : ndarray of int64, shape (n_rows,)
        Length of the intervals [s], the same in all rows of a meter.
    energy_wh : mapping of Channel to ndarray of int64, shape (n_rows,)
        Energy [Wh], at most 2^31 - 1; ``MISSING_WH`` where a row holds no data.
    quality : ndarray of uint8, shape (n_rows,)
        A ``Quality`` each.
    rows : ndarray of int, shape (n_rows,)
        Rows of the file's table, for ``RowPlaces``.
    """

    codes: tuple[str, ...]
    meters: NDArray[np.integer]
    starts: NDArray[np.int64]
    steps: NDArray[np.int64]
    energy_wh: Mapping[Channel, NDArray[np.int64]]
    quality: NDArray[np.uint8]
    rows: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "EnergyRows":
        """Choose rows, by position or by a mask."""
        return replace(
            self,
            meters=self.meters[rows],
            starts=self.starts[rows],
            steps=self.steps[rows],
            energy_wh={channel: energy[rows] for channel, energy in self.energy_wh.items()},
            quality=self.quality[rows],
            rows=self.rows[rows],
        )


def build_series(
    rows: EnergyRows, places: RowPlaces, rejections: Rejections
) -> tuple[tuple[MeterSeries, ...], tuple[str, ...]]:
    """Put rows in the order of time, one series a meter and channel.

    Parameters
    ----------
    rows : EnergyRows
        Rows in the order of the file.
    places : RowPlaces
        Knows where they stand.
    rejections : Rejections
        Takes every row of an interval that rows of one meter state differently.

    Returns
    -------
    series : tuple of MeterSeries
        By code and channel; a channel without data makes none.
    notes : tuple of str
        How many rows repeat another.

    Notes
    -----
    Rows that say the same of an interval are kept once, as real when one of them is; a row
    without data says the same as any other.
    """
    rows, notes = order_rows(rows, places, rejections)
    return tuple(_split(rows)), notes


def order_rows(
    rows: EnergyRows, places: RowPlaces, rejections: Rejections
) -> tuple[EnergyRows, tuple[str, ...]]:
    """Put rows in the order of codes and of time, one of each interval.

    Parameters
    ----------
    rows : EnergyRows
        Rows in the order of the file.
    places : RowPlaces
        Knows where they stand.
    rejections : Rejections
        Takes every row of an interval that rows of one meter state differently.

    Returns
    -------
    rows : EnergyRows
        As ``build_series`` keeps them.
    notes : tuple of str
        How many rows repeat another.
    """
    ranks = np.argsort(np.argsort(np.array(rows.codes, dtype=np.str_)))
    keys = (ranks[rows.meters].astype(np.int64) << _LATEST_BITS) + rows.starts
    notes: tuple[str, ...] = ()
    if not (keys[1:] > keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        rows, keys = rows.take(order), keys[order]
        n_before = keys.size + rejections.counts[RowCode.CONTRADICTION]
        rows = _keep_once(rows, np.flatnonzero(np.diff(keys, prepend=-1)), places, rejections)
        n_repeated = n_before - rejections.counts[RowCode.CONTRADICTION] - rows.rows.size
        if n_repeated:
            notes = (f"rows that repeat what another row says, taken once: {n_repeated}",)
    return rows, notes


def _keep_once(
    rows: EnergyRows, firsts: NDArray[np.intp], places: RowPlaces, rejections: Rejections
) -> EnergyRows:
    """Keep one row of each interval, none where its rows contradict one another."""
    is_contradicted = np.zeros(firsts.size, dtype=np.bool_)
    largest = {
        channel: np.maximum.reduceat(energy, firsts) for channel, energy in rows.energy_wh.items()
    }
    for channel, energy in rows.energy_wh.items():
        known = np.where(energy == MISSING_WH, _LARGEST, energy)
        is_contradicted |= np.minimum.reduceat(known, firsts) < largest[channel]
    sizes = np.diff(firsts, append=rows.rows.size)
    _reject_contradictions(
        rows, firsts[is_contradicted], sizes[is_contradicted], places, rejections
    )
    energies = {channel: energy[~is_contradicted] for channel, energy in largest.items()}
    quality = np.minimum.reduceat(rows.quality, firsts)[~is_contradicted]
    return replace(rows.take(firsts[~is_contradicted]), energy_wh=energies, quality=quality)


def _reject_contradictions(
    rows: EnergyRows,
    firsts: NDArray[np.intp],
    sizes: NDArray[np.intp],
    places: RowPlaces,
    rejections: Rejections,
) -> None:
    """Reject all rows of contradicted intervals, each naming others."""
    groups = np.repeat(np.arange(firsts.size), sizes)
    members = np.arange(groups.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rejected = rows.rows[firsts[groups] + members]
    reasons = []
    for row, group in zip(rejected[:ROWS_TOLD].tolist(), groups[:ROWS_TOLD].tolist(), strict=True):
        first, end = int(firsts[group]), int(firsts[group] + sizes[group])
        others = [each for each in rows.rows[first:end][: _LINES_NAMED + 1].tolist() if each != row]
        named = ", ".join(_name(places, each) for each in others[:_LINES_NAMED])
        reasons.append(f"{named} states other energy for the same interval; keep the right row")
    reject_rows(rejections, places, rejected, RowCode.CONTRADICTION, reasons)


def _name(places: RowPlaces, row: int) -> str:
    line = places.line(row)
    return f"row {row + 1}" if line is None else f"line {line}"


def _split(rows: EnergyRows) -> Iterator[MeterSeries]:
    """Cut sorted rows into series."""
    cuts = np.flatnonzero(np.diff(rows.meters, prepend=-1))
    for start, end in pairwise([*cuts.tolist(), rows.meters.size]):
        for channel in sorted(rows.energy_wh):
            energy = rows.energy_wh[channel][start:end]
            is_known = energy != MISSING_WH
            if not is_known.any():
                continue
            yield MeterSeries(
                code=rows.codes[int(rows.meters[start])],
                channel=channel,
                step=Step.HOUR if rows.steps[start] == Step.HOUR.seconds else Step.QUARTER_HOUR,
                starts=rows.starts[start:end][is_known].astype("datetime64[s]"),
                energy_wh=energy[is_known].astype(np.int32),
                quality=rows.quality[start:end][is_known],
            )
