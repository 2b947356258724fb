"""Tables of intervals in Parquet: typed columns, instants as timestamps or as text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from loaders.decoding import LARGEST_FILE_BYTES, UnreadableFileError
from loaders.series_table import (
    TIME_COLUMN,
    Instants,
    Numbers,
    SeriesTable,
    format_instants,
    refuse_header,
    refuse_size,
    text_instants,
)

LONGEST_STAMP = 64
"""Characters of an instant written as text; a sound one has 20."""

_EXPANDING_ENCODING = "DELTA_BYTE_ARRAY"
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def parse_series_parquet(data: bytes) -> SeriesTable:
    """Read the columns of a series from Parquet.

    Parameters
    ----------
    data : bytes
        A Parquet file.

    Returns
    -------
    SeriesTable
        Timestamps without a zone are taken as UTC.

    Raises
    ------
    UnreadableFileError
        If it is damaged, a column stands twice, a column is of a kind that holds no instants or no
        numbers, or if it is larger than a year's series can be.
    """
    try:
        # as a dictionary, one long text that stands in every row is held once
        file = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=[TIME_COLUMN])
        metadata = file.metadata
        refuse_size(n_rows=metadata.num_rows, n_columns=metadata.num_columns)
        refuse_header(file.schema_arrow.names)
        _refuse_kinds(file.schema_arrow)
        _refuse_groups(metadata)
        table = file.read()
        table.validate(full=True)
        _refuse_long_stamps(table[TIME_COLUMN])
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(f"is not a sound Parquet file ({error})") from error
    return SeriesTable(
        names=tuple(name for name in table.column_names if name != TIME_COLUMN),
        n_rows=table.num_rows,
        instants=_read_instants(table[TIME_COLUMN]),
        numbers=lambda name: _read_numbers(table[name]),
        row_place=lambda row: f"row {row + 1}",
    )


def _refuse_kinds(schema: pa.Schema) -> None:
    for field in schema:
        if field.name == TIME_COLUMN:
            if not (_is_text(field.type) or pa.types.is_timestamp(field.type)):
                raise UnreadableFileError(f"holds {field.type}, no instants", field.name)
        elif not _is_number(field.type):
            raise UnreadableFileError(f"holds {field.type}, no numbers", f"column {field.name}")


def _refuse_groups(metadata: parquet.FileMetaData) -> None:
    """Refuse what a few repeated bytes would expand to."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    expanded = sum(group.total_byte_size for group in groups)
    if expanded > LARGEST_FILE_BYTES:
        raise UnreadableFileError(f"expands to {expanded} bytes, more than {LARGEST_FILE_BYTES}")
    for group in groups:
        for column in (group.column(number) for number in range(group.num_columns)):
            if _EXPANDING_ENCODING in column.encodings:
                reason = f"is encoded as {_EXPANDING_ENCODING}; write it plain or as a dictionary"
                raise UnreadableFileError(reason, column.path_in_schema)


def _refuse_long_stamps(column: pa.ChunkedArray) -> None:
    """Refuse texts too long for an instant, looking at each only once."""
    if not pa.types.is_dictionary(column.type):
        return
    for chunk in column.chunks:
        longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
        if longest > LONGEST_STAMP:
            reason = f"holds a text of {longest} bytes, longer than {LONGEST_STAMP}"
            raise UnreadableFileError(reason, TIME_COLUMN)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    types = pa.types
    is_number = types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)
    return bool(is_number or types.is_null(kind))  # nulls alone, as of a meter without readings


def _read_instants(column: pa.ChunkedArray) -> Instants:
    if not pa.types.is_timestamp(column.type):
        return text_instants(column.cast(pa.string()))
    ticks = column.cast(pa.int64()).fill_null(0).to_numpy()
    seconds, rest = np.divmod(ticks, _PER_SECOND[column.type.unit])
    is_valid = column.is_valid().to_numpy().astype(np.bool_)
    # years of five digits have no place in the folder's form
    is_readable = is_valid & (rest == 0) & (np.abs(seconds) < 10**11)
    seconds = np.where(is_readable, seconds, 0)
    texts = format_instants(seconds)

    def text(row: int) -> str:
        if is_readable[row]:
            return str(texts[row])
        return str(np.datetime64(int(ticks[row]), column.type.unit)) if is_valid[row] else ""

    return Instants(seconds, is_readable, text)


def _read_numbers(column: pa.ChunkedArray) -> Numbers:
    values = pc.cast(column, pa.float64(), safe=False).fill_null(float("nan")).to_numpy()
    return Numbers(
        values, np.isnan(values), lambda row: str(column[row]) if column[row].is_valid else ""
    )
