"""Accounts as CSV: for programs with keys and codes, for Spanish Excel as people read them."""

from collections.abc import Sequence
from typing import IO

from loaders.account_tables import AccountTable, Cell, CellKind
from loaders.account_texts import AccountTexts, account_texts_in
from loaders.table_csv import CsvDialect, write_table_csv
from models.values.language import Language


def write_account_csv(
    file: IO[bytes], table: AccountTable, *, dialect: CsvDialect, language: Language
) -> None:
    """Write one table of accounts as CSV.

    Parameters
    ----------
    file : binary file
        Where the bytes go.
    table : AccountTable
        What is written, row by row.
    dialect : CsvDialect
        ``plain``: keys as headings and codes as they are, the same in every language.
        ``excel-es``: headings and words.
    language : Language
        Of headings and words.
    """
    keys = [column.key for column in table.columns]
    rows = table.read_rows()
    if dialect is CsvDialect.PLAIN:
        write_table_csv(file, keys, rows, dialect)
        return
    texts = account_texts_in(language)
    header = [texts.columns[key] for key in keys]
    words = (say_words(table, row, texts) for row in rows)
    write_table_csv(file, header, words, dialect)


def say_words(table: AccountTable, row: Sequence[Cell], texts: AccountTexts) -> list[Cell]:
    """Put words in the place of the codes of a row.

    Parameters
    ----------
    table : AccountTable
        Of which table.
    row : sequence of Cell
        A row of it.
    texts : AccountTexts
        The words.

    Returns
    -------
    list of Cell
        The row as people read it.
    """
    return [
        texts.words[column.words][str(cell)]
        if column.kind is CellKind.WORD and cell is not None
        else cell
        for column, cell in zip(table.columns, row, strict=True)
    ]
