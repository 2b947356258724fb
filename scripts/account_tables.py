"""What people see at a terminal of accounts."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from api.services.accounts.list_accounts import AccountFacts
from scripts.console import open_console
from scripts.texts import say, say_each

_WIDTH = 160


def describe_account(facts: AccountFacts) -> dict[str, Any]:
    """Name what an account is."""
    account = facts.account
    return {
        "email": account.email,
        "name": account.name,
        "role": account.role.value,
        "state": _find_state(facts),
        "has_second_factor": account.totp_confirmed_at is not None,
        "granted": list(facts.granted),
        "created_at": account.created_at,
    }


def print_accounts(described: Sequence[Mapping[str, Any]]) -> None:
    """Print accounts in a line each."""
    if not described:
        sys.stdout.write(f"{say('accounts.no_accounts')}\n")
        return
    names = say_each("accounts.email", "accounts.person", "accounts.role", "accounts.state")
    table = Table(*names, say("accounts.granted"), box=box.SIMPLE)
    for each in described:
        table.add_row(
            Text(each["email"]),
            Text(each["name"]),
            each["role"],
            say(f"accounts.{each['state']}"),
            Text(", ".join(each["granted"])),
        )
    open_console(width_when_piped=_WIDTH).print(table)


def _find_state(facts: AccountFacts) -> str:
    if facts.account.disabled_at is not None:
        return "disabled"
    return "invited" if facts.account.awaits_acceptance else "open"
