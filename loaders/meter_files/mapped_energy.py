"""Numbers of somebody's own table: energy, mean power or counters, turned into whole Wh.

Amounts are whole numbers all the way, so that sums over short rows are exact and round once.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from loaders.meter_files.mapped_cells import MappedCells
from loaders.meter_files.records import Rejections, RowCode
from loaders.meter_files.row_places import RowPlaces, reject_rows
from loaders.meter_files.series import EnergyRows
from loaders.meter_files.table_mapping import TableMapping, TimeMapping, ValueMapping
from loaders.meter_files.watt_hours import MISSING_WH, EnergyFault
from models.values.metering import Channel

AMOUNTS_PER_WH = 60_000_000
"""Amounts in a watt-hour: millionths of a watt during a minute are whole."""

Amounts = NDArray[np.int64]
"""Energy or counter readings [1/60,000,000 Wh]; ``MISSING_WH`` where there is none."""

_LARGEST_WH = np.iinfo(np.int32).max
_LARGEST_READING = 100_000_000_000 * AMOUNTS_PER_WH
_NUMBER = {
    ".": re.compile(r"[+-]?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})?(?:\.[0-9]{0,15})?"),
    ",": re.compile(r"[+-]?(?:[0-9]{1,15}|[0-9]{1,3}(?:\.[0-9]{3}){1,4})?(?:,[0-9]{0,15})?"),
}
_DIGIT = re.compile(r"[0-9]")
_LEAP = RowCode.TOO_LARGE


def parse_amounts(
    cells: MappedCells, value: ValueMapping, mapping: TableMapping
) -> tuple[Amounts, NDArray[np.uint8]]:
    """Read the amounts of a column.

    Parameters
    ----------
    cells : MappedCells
        What the rows hold; numbers of a workbook have a decimal point.
    value : ValueMapping
        What the column means.
    mapping : TableMapping
        What empty cells hold, how long a row is, and the decimal sign of a CSV; the other sign may
        stand between thousands.

    Returns
    -------
    amounts : ndarray of int64, shape (n_rows,)
    faults : ndarray of uint8, shape (n_rows,)
        An ``EnergyFault`` each.
    """
    column = cells.columns[value.column]
    decimal = "." if cells.is_workbook else mapping.decimal
    minutes = mapping.time.minutes if value.unit.is_power else 60
    scale = value.unit.thousands * minutes * (AMOUNTS_PER_WH // 60)
    largest = _LARGEST_READING if value.is_counter else largest_amount(mapping.time)
    amounts = np.full(len(column.texts), MISSING_WH, dtype=np.int64)
    faults = np.zeros(len(column.texts), dtype=np.uint8)
    for place, text in enumerate(column.texts.to_pylist()):
        if not text or text.lower() in mapping.empty_words:
            continue
        number = _parse_number(text, decimal)
        if number is None:
            faults[place] = EnergyFault.NUMBER
            continue
        amount = int((number * scale).to_integral_value())
        if 0 <= amount <= largest:
            amounts[place] = amount
        else:
            faults[place] = EnergyFault.NEGATIVE if amount < 0 else EnergyFault.TOO_LARGE
    return amounts[column.codes], faults[column.codes]


def largest_amount(time: TimeMapping) -> int:
    """Give the largest amount of a row, so that the sum of an interval can be stored.

    Parameters
    ----------
    time : TimeMapping
        How long rows and intervals are.

    Returns
    -------
    int
        [1/60,000,000 Wh]
    """
    return _LARGEST_WH * AMOUNTS_PER_WH * time.minutes * 60 // time.step.seconds


def _parse_number(text: str, decimal: str) -> Decimal | None:
    if not _NUMBER[decimal].fullmatch(text) or not _DIGIT.search(text):
        return None
    thousands = "," if decimal == "." else "."
    return Decimal(text.replace(thousands, "").replace(decimal, "."))


def count_differences(
    rows: EnergyRows,
    value: ValueMapping,
    largest: int,
    places: RowPlaces,
    rejections: Rejections,
) -> tuple[EnergyRows, tuple[str, ...]]:
    """Turn readings of a counter into the energy between them.

    Parameters
    ----------
    rows : EnergyRows
        In the order of meters and time; the amounts of the channel are readings at the end.
    value : ValueMapping
        The counter.
    largest : int
        Largest amount that it can have counted in a row.
    places : RowPlaces
        Knows where rows stand.
    rejections : Rejections
        Takes rows at which the counter has gone back or leapt.

    Returns
    -------
    rows : EnergyRows
        With the energy of each interval instead; none behind a gap and at a first reading.
    notes : tuple of str
        What fell into gaps.
    """
    readings = rows.energy_wh[value.channel]
    known = np.flatnonzero(readings != MISSING_WH)
    before, after = known[:-1], known[1:]
    is_same = rows.meters[after] == rows.meters[before]
    before, after = before[is_same], after[is_same]
    rise = readings[after] - readings[before]
    is_next = rows.starts[after] - rows.starts[before] == rows.steps[after]
    for is_wrong, code in ((rise < 0, RowCode.NEGATIVE), (is_next & (rise > largest), _LEAP)):
        reasons = [_explain(value, each) for each in rise[is_wrong].tolist()]
        reject_rows(rejections, places, rows.rows[after[is_wrong]], code, reasons)
    is_energy = is_next & (rise >= 0) & (rise <= largest)
    energy = np.full(readings.size, MISSING_WH, dtype=np.int64)
    energy[after[is_energy]] = rise[is_energy]
    notes = _note_gaps(value, rise[~is_next & (rise > 0)])
    return replace(rows, energy_wh={**rows.energy_wh, value.channel: energy}), notes


def _explain(value: ValueMapping, rise: int) -> str:
    """Say that a counter cannot have counted so."""
    kwh = abs(rise) / AMOUNTS_PER_WH / 1000
    moved = f"went back by {kwh:.3f} kWh" if rise < 0 else f"leapt by {kwh:.3f} kWh"
    return (
        f"the counter {value.column} {moved}: it was reset or exchanged, and the energy of this "
        "interval is not known"
    )


def _note_gaps(value: ValueMapping, lost: Amounts) -> tuple[str, ...]:
    if not lost.size:
        return ()
    kwh = sum(lost.tolist()) / AMOUNTS_PER_WH / 1000
    lost_energy = f"kWh that the counter {value.column} rose in gaps between readings"
    return (f"{lost_energy}, which belong to no interval: {kwh:.3f}",)


def sum_rows(rows: EnergyRows, step_seconds: int) -> tuple[EnergyRows, tuple[str, ...]]:
    """Sum rows to intervals of another length, and round once to whole watt-hours.

    Parameters
    ----------
    rows : EnergyRows
        In the order of meters and time, each interval once, with amounts.
    step_seconds : int
        Length of the intervals [s], a multiple of that of the rows.

    Returns
    -------
    rows : EnergyRows
        With energy [Wh], halves to even; a quality as bad as the worst of its rows.
    notes : tuple of str
        How many intervals lack some of their rows; they hold no data.
    """
    if not rows.rows.size:
        return rows, ()
    begun = rows.starts - rows.starts % step_seconds
    is_first = np.append(True, (np.diff(rows.meters) != 0) | (np.diff(begun) != 0))
    firsts = np.flatnonzero(is_first)
    needed = step_seconds // int(rows.steps[0])
    energy_wh, n_partial = _sum_channels(rows.energy_wh, firsts, needed)
    summed = replace(
        rows.take(firsts),
        starts=begun[firsts],
        steps=np.full(firsts.size, step_seconds),
        energy_wh=energy_wh,
        quality=np.maximum.reduceat(rows.quality, firsts),
    )
    if not n_partial:
        return summed, ()
    return summed, (f"intervals that lack some of their {needed} rows, left out: {n_partial}",)


def _sum_channels(
    amounts: Mapping[Channel, Amounts], firsts: NDArray[np.intp], needed: int
) -> tuple[dict[Channel, NDArray[np.int64]], int]:
    """Sum each channel over the rows of its intervals; count intervals that are not whole."""
    energy_wh, n_partial = {}, 0
    for channel, values in amounts.items():
        is_known = values != MISSING_WH
        n_known = np.add.reduceat(is_known.astype(np.int64), firsts)
        total = np.add.reduceat(np.where(is_known, values, 0), firsts)
        energy_wh[channel] = np.where(n_known == needed, _round(total), MISSING_WH)
        n_partial += int(((n_known > 0) & (n_known < needed)).sum())
    return energy_wh, n_partial


def _round(amounts: Amounts) -> NDArray[np.int64]:
    """Round to whole watt-hours, halves to even."""
    whole, rest = np.divmod(amounts, AMOUNTS_PER_WH)
    is_odd = whole % 2 == 1
    half = AMOUNTS_PER_WH // 2
    rounded: NDArray[np.int64] = whole + ((rest > half) | ((rest == half) & is_odd))
    return rounded
