"""Exports about supply points: rows of a CUPS, a time, energies and how they were obtained.

The readers of the distributors' and Datadis' exports say which columns mean what; this is what
they share.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.file_formats import FileFormat
from loaders.meter_files.clock_days import DAY, Seconds
from loaders.meter_files.clock_stamps import starts_of_clock_stamps, starts_of_hour_numbers
from loaders.meter_files.records import ROWS_TOLD, MeterFile, RowCode
from loaders.meter_files.row_places import reject_rows
from loaders.meter_files.series import EnergyRows, build_series
from loaders.meter_files.stamp_texts import (
    parse_days,
    parse_moments,
    parse_numbers,
    parse_times,
)
from loaders.meter_files.stamps import (
    Groups,
    StampFault,
    Starts,
    find_steps,
    starts_of_end_stamps,
)
from loaders.meter_files.text_table import TextColumn, TextTable
from loaders.meter_files.watt_hours import (
    MISSING_WH,
    EnergyFault,
    EnergyUnit,
    WattHours,
    parse_watt_hours,
)
from loaders.number_text import excerpt_of
from models.values.calendar import Step
from models.values.cil import Cil
from models.values.cups import Cups
from models.values.errors import InvalidIdentifierError
from models.values.metering import Channel, Quality

_LAST_HOUR = 25
_HOUR = 3600
_QUARTER = 900
_WORDS_TOLD = 3
_REAL = frozenset({"real", "r"})
_ESTIMATED = frozenset({"estimada", "estimado", "e"})


class EnergyColumn(NamedTuple):
    """A column of energy: its plain name and what it counts."""

    name: str
    channel: Channel
    unit: EnergyUnit


@dataclass(frozen=True, slots=True)
class SupplyForm:
    """Which columns of an export mean what, by plain name.

    Attributes
    ----------
    format : FileFormat
        The format.
    times : tuple of str
        Columns of date and hour, or of moment and season flag.
    has_season : bool
        Which of the two.
    energies : tuple of EnergyColumn
        The first must be there.
    method : str or None
        Column that says how energy was obtained.
    unread : tuple of str
        Columns of energy [kWh] that no channel stands for, to be told when they hold data.
    meter : type of identifier
        What names a meter; the column is called like it.
    step : Step or None
        Length of the intervals beside a season flag; None when stamps between full hours tell it.
    """

    format: FileFormat
    times: tuple[str, str]
    energies: tuple[EnergyColumn, ...]
    has_season: bool = False
    method: str | None = None
    unread: tuple[str, ...] = ()
    meter: type[Cups] | type[Cil] = Cups
    step: Step | None = None

    @property
    def meter_column(self) -> str:
        """Column that names the meter of each row."""
        return self.meter.__name__.lower()

    @property
    def required(self) -> tuple[str, ...]:
        """Columns without which a table is not of this form."""
        return (self.meter_column, *self.times, self.energies[0].name)

    @property
    def optional(self) -> tuple[str, ...]:
        """Columns that may be missing."""
        method = () if self.method is None else (self.method,)
        return (*(column.name for column in self.energies[1:]), *method, *self.unread)


def read_supply_table(table: TextTable, form: SupplyForm, timezone: str) -> MeterFile:
    """Turn the rows of an export into series.

    Parameters
    ----------
    table : TextTable
        The required columns of the form and any of the optional ones.
    form : SupplyForm
        What its columns mean.
    timezone : str
        IANA name of the clock that its times are read from.

    Returns
    -------
    MeterFile
        A row at fault gives no energy to any channel.
    """
    codes, meters, code_reasons = _read_codes(table.columns[form.meter_column], form.meter)
    read_times = _read_moments if form.has_season else _read_dates_and_hours
    starts, steps = read_times(table, form, meters, timezone)
    energies = {
        column: parse_watt_hours(table.columns[column.name].texts, column.unit)
        for column in form.energies
        if column.name in table.columns
    }
    is_blank = _are_blank(table)
    faults = _find_faults(table, form, code_reasons, starts, energies)
    rows = np.flatnonzero(_are_sound(table, is_blank, faults))
    quality, quality_notes = _read_quality(table, form, rows)
    kept = EnergyRows(
        codes=codes,
        meters=meters[rows],
        starts=starts.seconds[rows],
        steps=steps[rows],
        energy_wh={
            column.channel: energy.energy_wh[table.columns[column.name].codes[rows]]
            for column, energy in energies.items()
        },
        quality=quality,
        rows=rows,
    )
    series, repeat_notes = build_series(kept, table.places, table.rejections)
    table.rejections.told.sort(key=lambda row: row.line or 0)
    notes = (
        *table.notes,
        *starts.notes,
        *repeat_notes,
        *quality_notes,
        *_note_energies(table, form, energies, rows),
    )
    n_rows = table.n_file_rows - int(is_blank.sum())
    return MeterFile(form.format, series, n_rows, table.rejections, notes)


def _read_codes(
    column: TextColumn, meter: type[Cups] | type[Cil]
) -> tuple[tuple[str, ...], Groups, dict[int, str]]:
    """Check what names meters: all codes, each row's, and why a text is none, by its position."""
    positions: dict[str, int] = {}
    position_of_text = np.zeros(len(column.texts), dtype=np.int64)
    reasons = {}
    for place, text in enumerate(column.texts.to_pylist()):
        position_of_text[place] = positions.setdefault(text, len(positions))
        try:
            meter(text)
        except InvalidIdentifierError as error:
            reasons[place] = f"{error.kind} {excerpt_of(text)}: {error.reason}"
    return tuple(positions), position_of_text[column.codes], reasons


def _read_dates_and_hours(
    table: TextTable, form: SupplyForm, meters: Groups, timezone: str
) -> tuple[Starts, Seconds]:
    """Read a date beside 01:00 to 24:00 or beside a number of the hour or quarter-hour."""
    date, hour = (table.columns[name] for name in form.times)
    days = parse_days(date.texts)[date.codes]
    times = parse_times(hour.texts)[hour.codes]
    if (times >= 0).any():
        steps = find_steps(meters, times)
        return starts_of_clock_stamps(meters, days, times, steps, timezone), steps
    numbers = parse_numbers(hour.texts)[hour.codes]
    steps = find_steps(meters, np.where(numbers > _LAST_HOUR, _QUARTER, _HOUR))
    return starts_of_hour_numbers(meters, days, numbers, steps, timezone), steps


def _read_moments(
    table: TextTable, form: SupplyForm, meters: Groups, timezone: str
) -> tuple[Starts, Seconds]:
    """Read date and time in one cell beside a season flag."""
    moment, season = (table.columns[name] for name in form.times)
    ends = parse_moments(moment.texts)[moment.codes]
    is_read = ~np.isnat(ends)
    if form.step is None:
        steps = find_steps(meters, np.where(is_read, ends.astype(np.int64) % DAY, -1))
    else:
        steps = np.full(ends.size, form.step.seconds)
    seasons = parse_numbers(season.texts)[season.codes]
    return starts_of_end_stamps(ends, seasons, steps, timezone), steps


def _read_quality(
    table: TextTable, form: SupplyForm, rows: NDArray[np.intp]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read how energy was obtained; what does not say it was estimated counts as real."""
    if form.method is None or form.method not in table.columns:
        return np.full(rows.size, Quality.REAL, dtype=np.uint8), ()
    column = table.columns[form.method]
    codes = column.codes[rows]
    words = [text.casefold() for text in column.texts.to_pylist()]
    is_estimated = np.array([word in _ESTIMATED for word in words], dtype=np.bool_)[codes]
    is_unknown = np.array([word not in _REAL | _ESTIMATED for word in words], dtype=np.bool_)[codes]
    quality = np.where(is_estimated, Quality.ESTIMATED, Quality.REAL).astype(np.uint8)
    if not is_unknown.any():
        return quality, ()
    found = ", ".join(
        excerpt_of(words[code]) for code in np.unique(codes[is_unknown])[:_WORDS_TOLD]
    )
    note = f"rows that say neither real nor estimated but {found}, taken as real"
    return quality, (f"{note}: {int(is_unknown.sum())}",)


def _are_blank(table: TextTable) -> NDArray[np.bool_]:
    """Tell which rows are separators only, as spreadsheets leave them behind."""
    is_blank = np.ones(table.n_rows, dtype=np.bool_)
    for column in table.columns.values():
        is_blank &= pc.equal(column.texts, "").to_numpy(zero_copy_only=False)[column.codes]
    return is_blank


class _RowFault(NamedTuple):
    """Rows that share a fault."""

    is_faulty: NDArray[np.bool_]
    code: RowCode
    reason: Callable[[int], str]


def _find_faults(
    table: TextTable,
    form: SupplyForm,
    code_reasons: Mapping[int, str],
    starts: Starts,
    energies: Mapping[EnergyColumn, WattHours],
) -> Iterator[_RowFault]:
    """List what is wrong with rows, the CUPS first, then the time, then the energies."""
    meters = table.columns[form.meter_column]
    is_bad = np.zeros(len(meters.texts), dtype=np.bool_)
    is_bad[list(code_reasons)] = True
    yield _RowFault(
        is_bad[meters.codes], RowCode.METER_CODE, lambda row: code_reasons[int(meters.codes[row])]
    )
    for fault in np.unique(starts.faults[starts.faults > 0]).tolist():
        yield _time_fault(StampFault(fault), [table.columns[name] for name in form.times], starts)
    for column, energy in energies.items():
        cells = table.columns[column.name]
        for fault in np.unique(energy.faults[energy.faults > 0]).tolist():
            yield _energy_fault(EnergyFault(fault), column, cells, energy)


def _time_fault(fault: StampFault, cells: Sequence[TextColumn], starts: Starts) -> _RowFault:
    def reason(row: int) -> str:
        texts = " ".join(column.text(row) for column in cells)
        return f"{excerpt_of(texts)}: {fault.reason}"

    return _RowFault(starts.faults == fault, fault.code, reason)


def _energy_fault(
    fault: EnergyFault, column: EnergyColumn, cells: TextColumn, energy: WattHours
) -> _RowFault:
    def reason(row: int) -> str:
        return f"{column.name} is {excerpt_of(cells.text(row))}, {fault.reason}"

    return _RowFault((energy.faults == fault)[cells.codes], fault.code, reason)


def _are_sound(
    table: TextTable, is_blank: NDArray[np.bool_], faults: Iterable[_RowFault]
) -> NDArray[np.bool_]:
    """Reject each row for its first fault; tell which rows have none and are not blank."""
    is_sound = ~is_blank
    for fault in faults:
        rows = np.flatnonzero(fault.is_faulty & is_sound)
        reasons = [fault.reason(row) for row in rows[:ROWS_TOLD].tolist()]
        reject_rows(table.rejections, table.places, rows, fault.code, reasons)
        is_sound[rows] = False
    return is_sound


def _note_energies(
    table: TextTable,
    form: SupplyForm,
    energies: Mapping[EnergyColumn, WattHours],
    rows: NDArray[np.intp],
) -> Iterator[str]:
    """Tell of cells without data or beyond whole watt-hours, and of columns that need a word."""
    with_data = set()
    for column, energy in energies.items():
        codes = table.columns[column.name].codes[rows]
        n_missing = int((energy.energy_wh[codes] == MISSING_WH).sum())
        n_rounded = int(energy.are_rounded[codes].sum())
        if n_missing < rows.size:
            with_data.add(column.channel)
            if n_missing:
                yield f"cells of {column.name} without data: {n_missing}"
        if n_rounded:
            yield f"values of {column.name} rounded to whole Wh: {n_rounded}"
    if {Channel.CONSUMPTION, Channel.SELF_CONSUMED} <= with_data:
        yield (
            "the file states self-consumed energy beside the consumption; "
            "say at import whether the consumption is net of it"
        )
    for name in form.unread:
        if name in table.columns:
            texts = table.columns[name].texts
            if (parse_watt_hours(texts, EnergyUnit.KWH).energy_wh != MISSING_WH).any():
                yield f"column {name} was not read: no channel stands for it"
