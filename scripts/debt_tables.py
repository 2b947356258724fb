"""What people see at a terminal of debts and the letters about them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from scripts.console import (
    add_numbers,
    add_texts,
    add_whole,
    make_table,
    open_console,
    print_table,
)
from scripts.texts import number, say, say_each

_WIDTH = 140


def print_debts(described: Sequence[Mapping[str, Any]]) -> None:
    """Print a line for each debt, the oldest first."""
    if not described:
        tell("debts.none")
        return
    table = make_table()
    add_texts(table, *say_each("debts.member", "debts.name"))
    add_whole(table, say("debts.since"))
    add_numbers(table, say("debts.overdue"))
    add_texts(table, *say_each("debts.done", "debts.next"))
    add_whole(table, say("debts.from"))
    add_texts(table, say("debts.protection"))
    for each in described:
        table.add_row(
            Text(each["member"]),
            Text(each["name"] or ""),
            each["oldest_due_on"],
            number(Decimal(each["overdue_eur"]), ",.2f"),
            _last_step(each["steps"]),
            _stage(each["next_stage"]),
            each["next_from"] or "",
            ", ".join(say(f"debts.{protection}") for protection in each["protections"]),
        )
    if len(described) > 1:
        overdue = sum(Decimal(each["overdue_eur"]) for each in described)
        table.add_section()
        table.add_row(say("debts.total"), "", "", number(overdue, ",.2f"))
    print_table(table, _WIDTH)


def print_letters(described: Sequence[Mapping[str, Any]], community: str) -> None:
    """Print which letters were queued, which go by post, and what holds the others back."""
    if not described:
        tell("debts.nobody")
        return
    for each in described:
        key = "debts.queued" if each["is_mailed"] else "debts.by_post"
        amount = number(Decimal(each["open_eur"]), ",.2f")
        key = "debts.held" if each["held_by"] else key
        member = " ".join(filter(None, (each["member"], each["name"])))
        tell(key, member=member, stage=_stage(each["stage"]), amount=amount)
        for receipt in each["held_by"]:
            _tell_receipt(receipt, community, each["member"])


def _tell_receipt(receipt: Mapping[str, Any], community: str, member: str) -> None:
    """Tell of a receipt that may be a member's, and what to do about it."""
    tell(
        "debts.held_by",
        amount=number(Decimal(receipt["amount_eur"]), ",.2f"),
        day=receipt["received_on"],
        payer=receipt["payer"] or say("debts.nobody_named"),
        clues=", ".join(say(f"debts.same_{clue}") for clue in receipt["clues"]),
    )
    tell("debts.assign", payment=receipt["payment"], community=community, member=member)
    tell("debts.despite", payment=receipt["payment"])


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
