"""Tables as JSON: what each column is, then rows as lists, written some at a time."""

from collections.abc import Sequence
from decimal import Decimal
from typing import IO

import orjson

from loaders.account_tables import AccountTable
from loaders.account_texts import AccountTexts, account_texts_in
from loaders.table_batches import read_batches
from models.values.language import Language


def write_table_json(
    file: IO[bytes], tables: Sequence[AccountTable], *, title: str, note: str, language: Language
) -> None:
    """Write tables as one JSON object.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    tables : sequence of AccountTable
        What it says.
    title, note : str
        What it is about, and what has to be known to read it.
    language : Language
        Of the headings; keys and codes are the same in every language.

    Notes
    -----
    Amounts of money are texts with all their decimals, energy is numbers, instants in UTC end in
    ``Z``, others are what a clock on the wall shows; what is not known is null.
    """
    texts = account_texts_in(language)
    file.write(b'{"title":' + orjson.dumps(title) + b',"note":' + orjson.dumps(note))
    file.write(b',"tables":[')
    for number, table in enumerate(tables):
        file.write(b"," * bool(number) + _write_head(table, texts))
        is_first = True
        for batch in read_batches(table):
            text = orjson.dumps(batch, _write_decimal, orjson.OPT_UTC_Z)[1:-1]
            file.write(text if is_first else b"," + text)
            is_first = False
        file.write(b"]}")
    file.write(b"]}\n")


def _write_head(table: AccountTable, texts: AccountTexts) -> bytes:
    """Write what a table is, up to its rows."""
    columns = [{"key": each.key, "heading": texts.columns[each.key]} for each in table.columns]
    head = orjson.dumps({"name": table.name, "columns": columns})
    return head[:-1] + b',"rows":['


def _write_decimal(cell: object) -> str:
    assert isinstance(cell, Decimal)
    return format(cell, "f")
