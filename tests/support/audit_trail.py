"""The audit trail as tests write and read it, and its formula told a second time."""

import json
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api.clock import now
from api.services.audit.keep_trail import Act, watched
from models import tables
from models.session import read_session, write_session
from models.tables import AuditEntry
from models.values.audit import AuditChannel

FACTS = (
    *("id", "promoter_id", "position", "at", "channel", "actor_role", "account_id", "token_id"),
    *("action", "outcome", "error_code", "subjects", "subject_count", "correlation_id"),
    "previous_hash",
)
"""What an entry's hash is over, behind the number 1, as docs/security.md lists it."""


def write_watched(engine: Engine, *rows, action: str = "do", **more) -> None:
    """Store rows in a transaction that ends with its entry."""
    act = Act(AuditChannel.COMMAND_LINE, action, "c" * 32, now, **more)
    with write_session(watched(engine, act)) as session:
        session.add_all(rows)


def list_entries(engine: Engine, promoter_id: UUID | None = None) -> list[AuditEntry]:
    """Read a chain in its order."""
    with read_session(engine) as session:
        return read_chain(session, promoter_id)


def read_chain(session: Session, promoter_id: UUID | None) -> list[AuditEntry]:
    """Read a chain of an open transaction."""
    is_own = col(AuditEntry.promoter_id).is_not_distinct_from(promoter_id)
    rows = select(AuditEntry).where(is_own).order_by(col(AuditEntry.position))
    return list(session.exec(rows))


def list_all_entries(engine: Engine) -> list[AuditEntry]:
    """Read every chain."""
    with read_session(engine) as session:
        return list(session.exec(select(AuditEntry)))


def list_personal_values(session: Session) -> set[str]:
    """List the names, addresses, codes and numbers of people in a database."""
    columns = [
        *(tables.SupplyPoint.cups, tables.Payer.name, tables.Payer.tax_number),
        *(tables.Payer.address, tables.Payer.email, tables.MandateAccount.holder),
        *(
            tables.OutboxMessage.recipient,
            tables.InvoiceIssuer.name,
            tables.Invoice.full_number,
        ),
        *(tables.ApiToken.prefix, tables.Community.name),
    ]
    found = {value for column in columns for value in session.exec(select(column)) if value}
    return {value for value in found if len(value) > 3}


def is_sound(entries: Iterable[AuditEntry]) -> bool:
    """Tell whether a chain is as the page on security says that it is."""
    before = None
    for place, entry in enumerate(entries, start=1):
        facts = [1, *(_write(getattr(entry, name)) for name in FACTS)]
        text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        if entry.position != place or entry.previous_hash != before:
            return False
        if entry.hash != sha256(text.encode("utf-8")).hexdigest():
            return False
        before = entry.hash
    return True


def _write(value: object) -> object:
    if hasattr(value, "astimezone"):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value if value is None or type(value) is int else str(value)
