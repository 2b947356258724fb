"""What people see at a terminal of what is owed and paid."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

from models.values.ledger import LedgerAccount
from scripts.console import (
    add_numbers,
    add_texts,
    add_whole,
    make_table,
    open_console,
    print_table,
)
from scripts.texts import number, say

_WIDTH = 120
_MOST_NAMED = 3
_NUMBERS = ("_eur", "_count")
_WORDS = (
    "method",
    "kind",
    "left_because",
    "ended_because",
    "unmatched_because",
    "next_step",
    "event",
)
"""Columns of words of ours, which every language says in its own."""
_TEXTS = (
    "name",
    "payer",
    "text",
    "suggested_name",
    "reference",
    "because",
    "debit",
    "credit",
    "creditor",
    *_WORDS,
)
"""Columns that give way where the terminal is narrow."""
_OPTIONAL = ("reference", "account", "method", "returned_count", "name", "because", "payer")
"""Columns that a narrow terminal leaves out, the first named first."""
_LEFT = ("left_because", "code")
_COLLECTED = ("collect_on", "sequence", "mandate")
"""What a preview tells of the debits that it leaves, and of those that it collects."""
_ACCOUNTS = ("account", "debit", "credit")


def print_rows(rows: Sequence[Mapping[str, Any]], *, is_summed: bool = True) -> None:
    """Print rows that have the same columns, and what their amounts sum to."""
    if not rows:
        open_console().print(say("collection.nothing"))
        return
    table = make_table()
    for name in rows[0]:
        _add_column(table, name)
    for row in rows:
        table.add_row(*(Text(_show(name, value)) for name, value in row.items()))
    amounts = [name for name in rows[0] if name.endswith("_eur")]
    if is_summed and amounts and len(rows) > 1:
        sums: dict[str, object] = dict.fromkeys(rows[0])
        sums |= {name: sum(Decimal(row[name]) for row in rows) for name in amounts}
        first, *others = (_show(name, value) for name, value in sums.items())
        table.add_section()
        table.add_row(first or say("collection.total"), *others)
    optional = [say(f"collection.{name}") for name in _OPTIONAL if name in rows[0]]
    print_table(table, _WIDTH, optional)


def print_row(row: Mapping[str, Any]) -> None:
    """Print the only row of a table."""
    print_rows([row])


def print_debit_preview(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what a file of direct debits would collect, then what it would not, and why."""
    collected = [row for row in rows if row["left_because"] is None]
    print_rows([_without(row, *_LEFT) for row in collected])
    if left := [row for row in rows if row["left_because"] is not None]:
        open_console().print(Text(say("collection.not_collected")))
        print_rows([_without(row, *_COLLECTED) for row in left])


def print_bank_file(described: Mapping[str, Any]) -> None:
    """Print what became of each movement, and how many became what."""
    rows = [_shorten(_without(each, "payments")) for each in described["movements"]]
    print_rows(rows, is_summed=False)
    console = open_console(width_when_piped=_WIDTH)
    if not rows:
        console.print(Text(say("collection.no_movements")))
        return
    console.print(Text(_count(described["counts"])))
    sums = {name: number(Decimal(eur), ",.2f") for name, eur in described["sums"].items()}
    console.print(Text(say("collection.sums", **sums)))


def print_statuses(described: Mapping[str, Any]) -> None:
    """Print which debits the bank does not collect, and what is known of the file in all."""
    if described["rejected"]:
        print_rows(described["rejected"])
    told = say(
        "collection.statuses",
        message_id=described["message_id"],
        counts=_count(described["counts"]),
        news=described["news_count"],
    )
    open_console(width_when_piped=_WIDTH).print(Text(told))
    if strangers := described["strangers"]:
        names = ", ".join(strangers)
        open_console().print(Text(say("collection.strangers", references=names)))


def print_entries(described: Sequence[Mapping[str, Any]]) -> None:
    """Print entries of the books; which payment each is of stands in their JSON."""
    print_rows([_without(row, "payment") for row in described], is_summed=False)


def print_revoked(described: Mapping[str, Any]) -> None:
    """Print a mandate that was taken back, and the debits that the bank has to cancel."""
    print_rows([described["mandate"]])
    if underway := described["underway"]:
        open_console().print(Text(say("collection.cancel_them")))
        print_rows(underway)


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _shorten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Name the first of each list, and how many more there are."""
    lists = {name: value for name, value in row.items() if isinstance(value, list)}
    return dict(row) | {name: _join(values) or None for name, values in lists.items()}


def _join(values: Sequence[str]) -> str:
    more = len(values) - _MOST_NAMED
    return ", ".join([*values[:_MOST_NAMED], *([f"+{more}"] if more > 0 else [])])


def _add_column(table: Table, name: str) -> None:
    add = add_numbers if name.endswith(_NUMBERS) else add_texts if name in _TEXTS else add_whole
    add(table, say(f"collection.{name}"))


def _count(counts: Mapping[str, int]) -> str:
    named = {kind: kind if count == 1 else f"several_{kind}" for kind, count in counts.items()}
    return ", ".join(
        f"{count} {say(f'collection.{named[kind]}')}" for kind, count in counts.items()
    )


def _show(name: str, value: object) -> str:
    """Write a cell; accounts are those of the books, or masked ones of banks."""
    if value is None:
        return ""
    if name in _WORDS or (name in _ACCOUNTS and value in set(LedgerAccount)):
        return say(f"collection.{value}")
    return number(Decimal(str(value)), ",.2f") if name.endswith("_eur") else str(value)
