"""What people see at a terminal of e-mails."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from scripts.console import open_console
from scripts.texts import say, say_each, spoken

_WIDTH = 160


def print_messages(described: Sequence[Mapping[str, Any]]) -> None:
    """Print e-mails in a line each."""
    if not described:
        sys.stdout.write(f"{say('outbox.none')}\n")
        return
    names = say_each("outbox.message", "outbox.queued_at", "outbox.state", "outbox.recipient")
    table = Table(*names, say("outbox.subject"), say("outbox.reason"), box=box.SIMPLE)
    for each in described:
        table.add_row(
            each["id"],
            f"{each['created_at']:%Y-%m-%d %H:%M}",
            say(f"outbox.state_{each['state']}"),
            Text(each["recipient"]),
            Text(each["subject"]),
            Text(translate(each["failed_because"] or "", spoken())),
        )
    open_console(width_when_piped=_WIDTH).print(table)
