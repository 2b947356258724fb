"""What people see at a terminal of debts and the letters about them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from scripts.console import open_console
from scripts.texts import number, say, say_each

_WIDTH = 140


def print_debts(described: Sequence[Mapping[str, Any]]) -> None:
    """Print a line for each debt, the oldest first."""
    if not described:
        tell("debts.none")
        return
    table = Table(*say_each("debts.member", "debts.since"), box=box.SIMPLE)
    table.add_column(say("debts.overdue"), justify="right")
    for key in ("debts.done", "debts.next", "debts.from", "debts.protection"):
        table.add_column(say(key))
    for each in described:
        table.add_row(
            Text(each["member"]),
            each["oldest_due_on"],
            number(Decimal(each["overdue_eur"]), ",.2f"),
            _last_step(each["steps"]),
            _stage(each["next_stage"]),
            each["next_from"] or "",
            ", ".join(say(f"debts.{protection}") for protection in each["protections"]),
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_letters(described: Sequence[Mapping[str, Any]]) -> None:
    """Print which letters were queued, and which have to go by post."""
    if not described:
        tell("debts.nobody")
        return
    for each in described:
        key = "debts.queued" if each["is_mailed"] else "debts.by_post"
        amount = number(Decimal(each["open_eur"]), ",.2f")
        tell(key, member=each["member"], stage=_stage(each["stage"]), amount=amount)


def tell(key: str, **values: object) -> None:
    """Print one sentence."""
    open_console(width_when_piped=_WIDTH).print(Text(say(key, **values)))


def _last_step(steps: Sequence[Mapping[str, Any]]) -> str:
    """Say what was done last, and that it was not if the mail server refused the letter."""
    if not steps:
        return ""
    stage = _stage(steps[-1]["stage"])
    return say("debts.undelivered", stage=stage) if steps[-1]["is_undelivered"] else stage


def _stage(stage: str | None) -> str:
    return "" if stage is None else say(f"debts.stage_{stage}")
