"""What people see at a terminal of e-mails."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from models.texts.phrases import translate
from scripts.console import add_texts, make_table, print_table
from scripts.texts import say, say_each, spoken

_WIDTH = 160


def print_messages(described: Sequence[Mapping[str, Any]]) -> None:
    """Print e-mails in a line each."""
    if not described:
        sys.stdout.write(f"{say('outbox.none')}\n")
        return
    table = make_table(*say_each("outbox.message", "outbox.queued_at", "outbox.state"))
    add_texts(table, *say_each("outbox.recipient", "outbox.subject", "outbox.reason"))
    for each in described:
        table.add_row(
            each["id"],
            f"{each['created_at']:%Y-%m-%d %H:%M}",
            say(f"outbox.state_{each['state']}"),
            Text(each["recipient"]),
            Text(each["subject"]),
            Text(translate(each["failed_because"] or "", spoken())),
        )
    print_table(table, _WIDTH, say_each("outbox.queued_at", "outbox.subject"))
