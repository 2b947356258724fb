"""What people see at a terminal of API tokens."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from models.tables import ApiToken
from scripts.console import open_console
from scripts.texts import say, say_each

_WIDTH = 160


def describe_token(token: ApiToken) -> dict[str, Any]:
    """Name what a token is, without what opens the API."""
    return {
        "prefix": token.prefix,
        "name": token.name,
        "scopes": None if token.scopes is None else token.scopes.split(),
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def print_tokens(described: Sequence[Mapping[str, Any]]) -> None:
    """Print tokens in a line each."""
    if not described:
        sys.stdout.write(f"{say('accounts.no_tokens')}\n")
        return
    names = say_each("accounts.token", "accounts.name", "accounts.scopes")
    times = say_each("accounts.last_used", "accounts.expires", "accounts.revoked_on")
    table = Table(*names, *times, box=box.SIMPLE)
    for each in described:
        table.add_row(
            Text(each["prefix"]),
            Text(each["name"]),
            say("accounts.all_scopes") if each["scopes"] is None else " ".join(each["scopes"]),
            *(_write(each[key]) for key in ("last_used_at", "expires_at", "revoked_at")),
        )
    open_console(width_when_piped=_WIDTH).print(table)


def _write(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"
