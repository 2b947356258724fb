"""Tables as Parquet: a typed column for each, written some rows at a time."""

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from loaders.account_tables import AccountColumn, AccountTable, CellKind
from loaders.account_texts import account_texts_in
from loaders.table_batches import read_batches
from models.values.language import Language

UTC_SUFFIX = "_utc"
"""How the keys of columns end whose instants are in UTC; others are what a clock shows."""

_TYPES: Mapping[CellKind, pa.DataType] = {
    CellKind.TEXT: pa.string(),
    CellKind.WORD: pa.string(),
    CellKind.DAY: pa.date32(),
    CellKind.EUR: pa.decimal128(18, 2),
    CellKind.NUMBER: pa.float64(),
    CellKind.COUNT: pa.int64(),
    CellKind.KWH: pa.float64(),
    CellKind.INSTANT: pa.timestamp("s"),
}


def write_table_parquet(file: IO[bytes], table: AccountTable, *, language: Language) -> None:
    """Write one table as Parquet.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    table : AccountTable
        What it says; keys name the columns, codes stay as they are.
    language : Language
        Of the headings, which stand in the metadata of the columns.
    """
    texts = account_texts_in(language)
    schema = pa.schema(
        pa.field(column.key, _type_of(column), metadata={"heading": texts.columns[column.key]})
        for column in table.columns
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in read_batches(table):
            cells = zip(*batch, strict=True)
            arrays = [
                pa.array(map(_to_float, column) if kind == pa.float64() else column, kind)
                for column, kind in zip(cells, schema.types, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def _type_of(column: AccountColumn) -> pa.DataType:
    is_utc = column.kind is CellKind.INSTANT and column.key.endswith(UTC_SUFFIX)
    return pa.timestamp("s", "UTC") if is_utc else _TYPES[column.kind]


def _to_float(cell: Any) -> Any:
    return float(cell) if isinstance(cell, Decimal) else cell
