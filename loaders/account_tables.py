"""An issuer's or a community's accounts as tables: what stands in them, whoever writes them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from models.values.period import Period

Cell = str | int | float | Decimal | date | None


class CellKind(Enum):
    """What the cells of a column are."""

    TEXT = auto()
    WORD = auto()
    """A code that people read as a word of their language."""
    DAY = auto()
    EUR = auto()
    NUMBER = auto()
    """With as many decimals as it has."""
    COUNT = auto()
    KWH = auto()
    """Energy, power or what is reckoned from them, as a float."""
    INSTANT = auto()
    """An aware one in UTC, or what a clock on the wall shows."""


@dataclass(frozen=True, slots=True)
class AccountColumn:
    """A column of a table.

    Attributes
    ----------
    key : str
        Its name for programs; for people it has a heading.
    kind : CellKind
        What its cells are.
    width : int
        Characters that show most of its cells whole.
    is_summed : bool
        Whether its total is of use.
    words : str
        For codes: the list of words that they stand in.
    """

    key: str
    kind: CellKind = CellKind.TEXT
    width: int = 14
    is_summed: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class AccountTable:
    """A table that may be longer than the memory.

    Attributes
    ----------
    name : str
        Its name for programs, and of its file.
    columns : sequence of AccountColumn
        What each cell of a row is.
    read_rows : callable
        Begins to read the rows, each time anew.
    """

    name: str
    columns: Sequence[AccountColumn]
    read_rows: Callable[[], Iterator[Sequence[Cell]]]

    @property
    def has_totals(self) -> bool:
        """Whether the total of any column is of use."""
        return any(column.is_summed for column in self.columns)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What an accountant is handed.

    Attributes
    ----------
    issuers : sequence of str
        NIF and name of whose invoices they are.
    community : str or None
        Name of the community whose members they are about; None for all.
    period : Period
        The days.
    aged_on : date
        Day as of which open items are aged.
    tables : sequence of AccountTable
        In the order in which people ask.
    summaries : sequence of AccountTable
        Short ones, which say what the others come to.
    """

    issuers: Sequence[str]
    community: str | None
    period: Period
    aged_on: date
    tables: Sequence[AccountTable]
    summaries: Sequence[AccountTable]
