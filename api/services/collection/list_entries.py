"""Read the entries of an issuer's books, and name what they are about."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.named_members import NamedMember, map_named_members
from models.repositories.invoice_lists import map_issued
from models.repositories.ledger import EntryFilter, find_entries
from models.tables import Invoice, LedgerEntry
from models.values.money import from_cents

__all__ = ["EntryFilter", "describe_entries", "list_entries"]


def list_entries(
    session: Session, *, promoter_id: UUID, wanted: EntryFilter, limit: int
) -> list[dict[str, Any]]:
    """Read the newest entries of the books, described as plain values.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wanted : EntryFilter
        Which.
    limit : int
        How many at most.

    Returns
    -------
    list of dict of str to Any
        Newest first.
    """
    found = find_entries(session, promoter_id=promoter_id, wanted=wanted, limit=limit)
    return describe_entries(session, promoter_id=promoter_id, entries=found)


def describe_entries(
    session: Session, *, promoter_id: UUID, entries: list[LedgerEntry]
) -> list[dict[str, Any]]:
    """Describe entries as plain values.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    entries : list of LedgerEntry
        Which.

    Returns
    -------
    list of dict of str to Any
        In the same order, invoices and members by their names; three queries for all of them.
    """
    members = map_named_members(
        session, promoter_id=promoter_id, member_ids=[each.member_id for each in entries]
    )
    keys = {each.invoice_id for each in entries if each.invoice_id is not None}
    invoices = map_issued(session, promoter_id=promoter_id, invoice_ids=keys)
    return [_describe(entry, members, invoices) for entry in entries]


def _describe(
    entry: LedgerEntry, members: dict[UUID, NamedMember], invoices: dict[UUID, Invoice]
) -> dict[str, Any]:
    member = members[entry.member_id] if entry.member_id else None
    return {
        "posted_on": entry.posted_on.isoformat(),
        "event": entry.event.value,
        "debit": entry.debit.value,
        "credit": entry.credit.value,
        "amount_eur": str(from_cents(entry.amount_cents)),
        "member": member and member.code,
        "name": member and member.name,
        "invoice": invoices[entry.invoice_id].full_number if entry.invoice_id else None,
        "payment": str(entry.payment_id) if entry.payment_id else None,
        "because": entry.because,
    }
