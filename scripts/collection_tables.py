"""What people see at a terminal of what is owed and paid."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from scripts.console import open_console

_WIDTH = 120
_AMOUNTS = ("_eur", "_count")


def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows that have the same columns, amounts to the right."""
    if not rows:
        open_console().print("nothing")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in rows[0]:
        title = name.removesuffix("_eur").removesuffix("_count").replace("_", " ")
        table.add_column(title, justify="right" if name.endswith(_AMOUNTS) else "left")
    for row in rows:
        table.add_row(*(Text(_show(value)) for value in row.values()))
    open_console(width_when_piped=_WIDTH).print(table)


def print_bank_file(described: Mapping[str, Any]) -> None:
    """Print what became of each movement, and how many became what."""
    shown = ("kind", "booked_on", "amount_eur", "payer", "text", "suggested_member", "next_step")
    print_rows([{name: each[name] for name in shown} for each in described["movements"]])
    counts = ", ".join(f"{count} {kind}" for kind, count in described["counts"].items())
    open_console().print(Text(counts or "no movements"))


def _show(value: object) -> str:
    return "" if value is None else str(value)
