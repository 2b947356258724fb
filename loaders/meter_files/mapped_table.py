"""Somebody's own table, CSV or workbook: whatever a mapping says that its columns mean."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from loaders.file_formats import FileFormat
from loaders.meter_files.mapped_cells import MappedCells, read_mapped_cells
from loaders.meter_files.mapped_energy import (
    Amounts,
    count_differences,
    largest_amount,
    parse_amounts,
    sum_rows,
)
from loaders.meter_files.mapped_times import find_mapped_starts
from loaders.meter_files.records import ROWS_TOLD, MeterFile, RowCode
from loaders.meter_files.row_places import reject_rows
from loaders.meter_files.series import EnergyRows, build_series, order_rows
from loaders.meter_files.stamps import Groups, StampFault, Starts
from loaders.meter_files.table_mapping import TableMapping, ValueMapping, check_meter_code
from loaders.meter_files.text_table import TextColumn, column_of_texts
from loaders.meter_files.watt_hours import MISSING_WH, EnergyFault
from loaders.number_text import excerpt_of
from models.values.errors import InvalidIdentifierError
from models.values.metering import Quality


def read_mapped_table(data: bytes, mapping: TableMapping, *, timezone: str) -> MeterFile:
    r"""Read a table of energy, of mean power or of counters.

    Parameters
    ----------
    data : bytes
        CSV in UTF-8 or ISO 8859-1, or XLSX.
    mapping : TableMapping
        What its columns mean.
    timezone : str
        IANA name of the clock, when times are local.

    Returns
    -------
    MeterFile
        Rows that are shorter than a quarter-hour are summed; a row at fault gives no energy to
        any channel.

    Raises
    ------
    UnreadableFileError
        If it is too large, no table, or its header lacks a column or names one twice.
    FaultyArchiveError
        If it is a damaged workbook.
    OversizedArchiveError
        If it is a workbook that expands beyond measure.

    Examples
    --------
    >>> from loaders.meter_files.table_mapping import parse_table_mapping
    >>> mapping = parse_table_mapping({
    ...     "decimal": ",",
    ...     "time": {"columns": ["Hora"], "format": "%d/%m/%Y %H:%M", "marks": "begin",
    ...              "zone": "local", "minutes": 5},
    ...     "meter": {"code": "ES0021000000000001RK0FA000"},
    ...     "values": [{"column": "kW", "channel": "generation", "unit": "kW"}],
    ... })
    >>> rows = b"".join(b"01/07/2023 12:%02d;6,0\n" % minute for minute in (0, 5, 10))
    >>> file = read_mapped_table(b"Hora;kW\n" + rows, mapping, timezone="Europe/Madrid")
    >>> file.series[0].energy_wh
    array([1500], dtype=int32)
    """
    cells = read_mapped_cells(data, mapping)
    rows, notes = _read_rows(cells, mapping, timezone)
    rows, repeat_notes = order_rows(rows, cells, cells.rejections)
    summed, sum_notes = _sum_amounts(rows, cells, mapping)
    series, _ = build_series(summed, cells, cells.rejections)
    kind = FileFormat.TABLE_XLSX if cells.is_workbook else FileFormat.TABLE_CSV
    notes = (*notes, *repeat_notes, *sum_notes)
    return MeterFile(kind, series, cells.n_file_rows, cells.rejections, notes)


def _read_rows(
    cells: MappedCells, mapping: TableMapping, timezone: str
) -> tuple[EnergyRows, tuple[str, ...]]:
    """Give the rows that are sound by themselves, with amounts for energy."""
    codes, meters, code_reasons = _read_codes(cells, mapping)
    times = _join([cells.columns[name] for name in mapping.time.columns])
    starts = find_mapped_starts(
        times, meters, mapping.time, timezone, is_workbook=cells.is_workbook
    )
    amounts = {value: parse_amounts(cells, value, mapping) for value in mapping.values}
    quality, quality_notes = _read_quality(cells, mapping)
    is_sound = _reject_faults(cells, code_reasons, times, starts)
    _reject_numbers(cells, amounts, is_sound)
    rows = EnergyRows(
        codes=codes,
        meters=meters,
        starts=starts.seconds,
        steps=np.full(meters.size, mapping.time.minutes * 60),
        energy_wh={value.channel: found for value, (found, _) in amounts.items()},
        quality=quality,
        rows=np.arange(meters.size),
    ).take(is_sound)
    return rows, (*starts.notes, *quality_notes, *_note_empty(rows, mapping))


def _read_codes(
    cells: MappedCells, mapping: TableMapping
) -> tuple[tuple[str, ...], Groups, dict[int, str]]:
    """Check the meters: all codes, each row's, and why a row's is none."""
    if mapping.code_column is None:
        return (mapping.code or "",), np.zeros(cells.numbers.size, dtype=np.int64), {}
    column = cells.columns[mapping.code_column]
    reasons = {}
    for place, text in enumerate(column.texts.to_pylist()):
        try:
            check_meter_code(text)
        except InvalidIdentifierError as error:
            reasons[place] = f"{error.kind} {excerpt_of(text)}: {error.reason}"
    by_row = {
        row: reasons[int(column.codes[row])]
        for row in np.flatnonzero(np.isin(column.codes, list(reasons))).tolist()
    }
    return tuple(column.texts.to_pylist()), column.codes, by_row


def _join(columns: list[TextColumn]) -> TextColumn:
    """Join the cells of several columns by spaces."""
    if len(columns) == 1:
        return columns[0]
    texts = [np.array(each.texts.to_pylist(), dtype=object)[each.codes] for each in columns]
    return column_of_texts([" ".join(parts) for parts in zip(*texts, strict=True)])


def _read_quality(
    cells: MappedCells, mapping: TableMapping
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read how well rows are known; words that the mapping does not know count as real."""
    if mapping.quality_column is None:
        return np.full(cells.numbers.size, Quality.REAL, dtype=np.uint8), ()
    column = cells.columns[mapping.quality_column]
    words = [text.lower() for text in column.texts.to_pylist()]
    quality = np.array(
        [mapping.quality_words.get(word, Quality.REAL) for word in words], dtype=np.uint8
    )
    unknown = [place for place, word in enumerate(words) if word not in mapping.quality_words]
    n_unknown = int(np.isin(column.codes, unknown).sum())
    if not n_unknown:
        return quality[column.codes], ()
    example = excerpt_of(words[unknown[0]])
    note = f"rows of a quality that the mapping does not know, like {example}, taken as real"
    return quality[column.codes], (f"{note}: {n_unknown}",)


def _reject_faults(
    cells: MappedCells, code_reasons: Mapping[int, str], times: TextColumn, starts: Starts
) -> NDArray[np.bool_]:
    """Reject rows for their code or time; tell which are left."""
    is_sound = np.ones(cells.numbers.size, dtype=np.bool_)
    rows = np.array(list(code_reasons), dtype=np.intp)
    reject_rows(cells.rejections, cells, rows, RowCode.METER_CODE, list(code_reasons.values()))
    is_sound[rows] = False
    for number in np.unique(starts.faults[starts.faults > 0]).tolist():
        fault = StampFault(number)
        rows = np.flatnonzero((starts.faults == fault) & is_sound)
        texts = [excerpt_of(times.text(row)) for row in rows[:ROWS_TOLD].tolist()]
        reasons = [f"{text}: {fault.reason}" for text in texts]
        reject_rows(cells.rejections, cells, rows, fault.code, reasons)
        is_sound[rows] = False
    return is_sound


def _reject_numbers(
    cells: MappedCells,
    amounts: Mapping[ValueMapping, tuple[Amounts, NDArray[np.uint8]]],
    is_sound: NDArray[np.bool_],
) -> None:
    """Reject rows for their numbers, and mark them."""
    for value, (_, faults) in amounts.items():
        column = cells.columns[value.column]
        for number in np.unique(faults[faults > 0]).tolist():
            fault = EnergyFault(number)
            rows = np.flatnonzero((faults == fault) & is_sound)
            texts = [excerpt_of(column.text(row)) for row in rows[:ROWS_TOLD].tolist()]
            reasons = [f"{value.column} is {text}, {fault.reason}" for text in texts]
            reject_rows(cells.rejections, cells, rows, fault.code, reasons)
            is_sound[rows] = False


def _sum_amounts(
    rows: EnergyRows, cells: MappedCells, mapping: TableMapping
) -> tuple[EnergyRows, tuple[str, ...]]:
    """Turn counters into energy, and rows into intervals of whole watt-hours."""
    notes: tuple[str, ...] = ()
    largest = largest_amount(mapping.time)
    for value in mapping.values:
        if value.is_counter:
            rows, gap_notes = count_differences(rows, value, largest, cells, cells.rejections)
            notes += gap_notes
    summed, sum_notes = sum_rows(rows, mapping.time.step.seconds)
    return summed, notes + sum_notes


def _note_empty(rows: EnergyRows, mapping: TableMapping) -> Iterator[str]:
    for value in mapping.values:
        n_empty = int((rows.energy_wh[value.channel] == MISSING_WH).sum())
        if n_empty:
            yield f"cells of {value.column} without data: {n_empty}"
