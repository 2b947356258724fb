"""What people see at a terminal of what is owed and paid."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from models.values.ledger import LedgerAccount
from scripts.console import open_console
from scripts.texts import number, say

_WIDTH = 120
_AMOUNTS = ("_eur", "_count")
_WORDS = ("method", "kind", "left_because", "ended_because", "next_step", "event")
"""Columns of words of ours, which every language says in its own."""
_WHOLE = ("id", "payment", "mandate", "end_to_end_id")
"""Columns of what people copy into the next command."""
_ACCOUNTS = ("account", "debit", "credit")


def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows that have the same columns, amounts to the right."""
    if not rows:
        open_console().print(say("collection.nothing"))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in rows[0]:
        justify: JustifyMethod = "right" if name.endswith(_AMOUNTS) else "left"
        title = say(f"collection.{name}")
        table.add_column(title, justify=justify, overflow="fold", no_wrap=name in _WHOLE)
    for row in rows:
        table.add_row(*(Text(_show(name, value)) for name, value in row.items()))
    open_console(width_when_piped=_WIDTH).print(table)


def print_row(row: Mapping[str, Any]) -> None:
    """Print the only row of a table."""
    print_rows([row])


def print_bank_file(described: Mapping[str, Any]) -> None:
    """Print what became of each movement, and how many became what."""
    shown = ("kind", "booked_on", "amount_eur", "payer", "text", "suggested_member", "next_step")
    print_rows([{name: each[name] for name in shown} for each in described["movements"]])
    counts = _count(described["counts"])
    open_console().print(Text(counts or say("collection.no_movements")))


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
    print_rows([{name: row[name] for name in row if name != "payment"} for row in described])


def print_revoked(described: Mapping[str, Any]) -> None:
    """Print a mandate that was taken back, and the debits that the bank has to cancel."""
    print_rows([described["mandate"]])
    if underway := described["underway"]:
        open_console().print(Text(say("collection.cancel_them")))
        print_rows(underway)


def _count(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {say(f'collection.{kind}')}" for kind, count in counts.items())


def _show(name: str, value: object) -> str:
    """Write a cell; accounts are those of the books, or masked ones of banks."""
    if value is None:
        return ""
    if name in _WORDS or (name in _ACCOUNTS and value in set(LedgerAccount)):
        return say(f"collection.{value}")
    return number(Decimal(str(value)), "f") if name.endswith("_eur") else str(value)
