"""Rows of tables some at a time, for writers that take many at once."""

from collections.abc import Iterator, Sequence
from itertools import islice

from loaders.account_tables import AccountTable, Cell

_ROWS_AT_ONCE = 1 << 16


def read_batches(table: AccountTable) -> Iterator[Sequence[Sequence[Cell]]]:
    """Read the rows of a table, 65,536 at a time.

    Parameters
    ----------
    table : AccountTable
        The table.

    Yields
    ------
    sequence of rows
        At least one row; none of a table without rows.
    """
    rows = table.read_rows()
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch
