"""What people see at a terminal of the audit trail."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from api.services.audit.entry_hash import write_instant
from api.services.audit.verify_trail import ChainReport
from models.tables import AuditEntry
from scripts.console import add_numbers, add_texts, make_table, print_table
from scripts.texts import say, say_each

_WIDTH = 200


def describe_entry(entry: AuditEntry) -> dict[str, Any]:
    """Name all that an entry tells."""
    return {
        "position": entry.position,
        "at": write_instant(entry.at),
        "channel": entry.channel,
        "actor_role": entry.actor_role,
        "account_id": entry.account_id,
        "token_id": entry.token_id,
        "action": entry.action,
        "outcome": entry.outcome,
        "error_code": entry.error_code,
        "subjects": (entry.subjects or "").split(),
        "subject_count": entry.subject_count,
        "correlation_id": entry.correlation_id,
        "hash": entry.hash,
    }


def print_entries(described: Sequence[Mapping[str, Any]]) -> None:
    """Print entries in a line each."""
    if not described:
        sys.stdout.write(f"{say('audit.no_entries')}\n")
        return
    table = make_table(*say_each("audit.at", "audit.action", "audit.outcome", "audit.channel"))
    add_texts(table, *say_each("audit.actor", "audit.subjects"))
    for each in described:
        actor = each["account_id"] or each["token_id"] or ""
        table.add_row(
            each["at"][:19].replace("T", " "),
            Text(each["action"]),
            each["error_code"] or each["outcome"],
            each["channel"],
            f"{each['actor_role'] or ''} {actor}".strip(),
            _shorten(each["subjects"], each["subject_count"]),
        )
    print_table(table, _WIDTH)


def _shorten(subjects: Sequence[str], count: int) -> str:
    """Show the first row, and how many more there were."""
    more = f" +{count - 1}" if count > 1 else ""
    return "".join(subjects[:1]) + more


def describe_chain(report: ChainReport) -> dict[str, Any]:
    """Name what became of a chain."""
    return {
        "owner": report.owner,
        "promoter_id": report.promoter_id,
        "entry_count": report.entry_count,
        "head": report.head,
        "fault": report.fault,
    }


def print_chains(described: Sequence[Mapping[str, Any]]) -> None:
    """Print chains in a line each."""
    table = make_table()
    add_texts(table, say("audit.chain"))
    add_numbers(table, say("audit.entries"))
    add_texts(table, *say_each("audit.head", "audit.fault"))
    for each in described:
        head, fault = each["head"] or "", each["fault"] or ""
        table.add_row(Text(each["owner"]), str(each["entry_count"]), head, fault)
    print_table(table, _WIDTH)
