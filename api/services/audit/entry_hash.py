"""The digest that chains an entry of the audit trail to the one before it."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from models.tables import AuditEntry

FORM = 1
"""Of what is digested: a later one would have another number."""


def hash_entry(entry: AuditEntry) -> str:
    """Digest all that an entry says, and so all that the entries before it say.

    Parameters
    ----------
    entry : AuditEntry
        The entry; its own hash is left out.

    Returns
    -------
    str
        SHA-256, in hexadecimal, of a JSON list of 16 texts, numbers and nulls without blanks, in
        UTF-8: docs/security.md names them in their order.
    """
    facts = [
        FORM,
        str(entry.id),
        _write_key(entry.promoter_id),
        entry.position,
        write_instant(entry.at),
        entry.channel,
        entry.actor_role,
        _write_key(entry.account_id),
        _write_key(entry.token_id),
        entry.action,
        entry.outcome,
        entry.error_code,
        entry.subjects,
        entry.subject_count,
        entry.correlation_id,
        entry.previous_hash,
    ]
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def write_instant(at: datetime) -> str:
    """Write an instant to the microsecond, in UTC.

    Parameters
    ----------
    at : datetime
        An aware instant.

    Returns
    -------
    str
        As ISO 8601 has it.

    Examples
    --------
    >>> write_instant(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    '2026-11-22T09:30:00.000000Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _write_key(key: UUID | None) -> str | None:
    return None if key is None else str(key)
