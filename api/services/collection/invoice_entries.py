"""What invoices post to the books of their issuer when they are issued, rectified or cancelled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.repositories.invoices import insert_rows
from models.repositories.ledger import list_entries
from models.repositories.payments import map_payments
from models.tables import Invoice, LedgerEntry
from models.tables.ordered_ids import make_ordered_id
from models.values.ledger import LedgerAccount, LedgerEvent

_NOBODY: dict[str, Any] = dict.fromkeys(
    ("member_id", "invoice_id", "document_id", "payment_id", "because")
)
_SHARES = (("net_cents", LedgerAccount.REVENUE), ("tax_cents", LedgerAccount.OUTPUT_TAX))


def move(
    head: Mapping[str, Any],
    event: LedgerEvent,
    debit: LedgerAccount,
    credit: LedgerAccount,
    cents: int,
) -> Iterator[dict[str, Any]]:
    """Write an entry; below zero its sides are swapped, of zero there is none.

    Parameters
    ----------
    head : mapping of str to Any
        Whose books, of what, and when.
    event : LedgerEvent
        What it is about.
    debit, credit : LedgerAccount
        Where the amount goes to, and where it comes from.
    cents : int
        Amount [cents].

    Returns
    -------
    iterator of dict of str to Any
        Columns of the entry.

    Examples
    --------
    >>> (entry,) = move({}, LedgerEvent.PAID, LedgerAccount.BANK, LedgerAccount.RECEIVABLE, -5)
    >>> entry["debit"].value, entry["credit"].value, entry["amount_cents"]
    ('receivable', 'bank', 5)
    """
    if cents == 0:
        return
    sides = (debit, credit) if cents > 0 else (credit, debit)
    yield _NOBODY | {
        **head,
        "id": make_ordered_id(),
        "event": event,
        "debit": sides[0],
        "credit": sides[1],
        "amount_cents": abs(cents),
    }


def list_issue_entries(invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List what an ordinary invoice posts.

    Parameters
    ----------
    invoice : mapping of str to Any
        Columns of its row.

    Returns
    -------
    list of dict of str to Any
        What the member owes, of which a part is revenue and a part tax.
    """
    head = _head(invoice["issued_on"], invoice["issued_at"], invoice) | {
        "invoice_id": invoice["id"],
        "document_id": invoice["id"],
    }
    return _charge(head, LedgerEvent.ISSUED, {name: invoice[name] for name, _ in _SHARES})


def post_rectification(
    session: Session, *, invoice: Mapping[str, Any], first: Invoice, replaced: Iterable[Invoice]
) -> None:
    """Post what a rectifying invoice changes, and free what was paid above what is owed now.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the issuer.
    invoice : mapping of str to Any
        Columns of the rectifying invoice, which is stored.
    first : Invoice
        The ordinary invoice, for which all that rectifies it counts.
    replaced : iterable of Invoice
        Those in whose place it stands as a whole; none when it states a difference.
    """
    before = list(replaced)
    head = _head(invoice["issued_on"], invoice["issued_at"], invoice) | {
        "invoice_id": first.id,
        "document_id": invoice["id"],
    }
    changed = {
        name: invoice[name] - sum(getattr(each, name) for each in before) for name, _ in _SHARES
    }
    entries = _charge(head, LedgerEvent.RECTIFIED, changed)
    insert_rows(session, {LedgerEntry: entries})
    _free_excess(session, head)


def post_cancellation(
    session: Session, *, invoice: Invoice, first_id: UUID, posted_on: date, posted_at: datetime
) -> None:
    """Take back what an invoice posted, and free what was paid for it.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the issuer.
    invoice : Invoice
        The invoice that is cancelled.
    first_id : UUID
        The ordinary invoice: itself, or the one that it rectifies.
    posted_on : date
        Local day.
    posted_at : datetime
        Instant.
    """
    head = _head(posted_on, posted_at, invoice.model_dump()) | {
        "invoice_id": first_id,
        "document_id": invoice.id,
    }
    known = list_entries(session, promoter_id=invoice.promoter_id, invoice_ids=[first_id])
    entries = [
        entry
        for each in known
        if each.document_id == invoice.id
        for entry in move(head, LedgerEvent.CANCELLED, each.credit, each.debit, each.amount_cents)
    ]
    insert_rows(session, {LedgerEntry: entries})
    _free_excess(session, head)


def _head(posted_on: date, posted_at: datetime, invoice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "promoter_id": invoice["promoter_id"],
        "issuer_id": invoice["issuer_id"],
        "member_id": invoice["member_id"],
        "posted_on": posted_on,
        "posted_at": posted_at,
    }


def _charge(
    head: Mapping[str, Any], event: LedgerEvent, shares: Mapping[str, int]
) -> list[dict[str, Any]]:
    return [
        entry
        for name, account in _SHARES
        for entry in move(head, event, LedgerAccount.RECEIVABLE, account, shares[name])
    ]


def _free_excess(session: Session, head: Mapping[str, Any]) -> None:
    """Give back what was given up, and then what was paid last, above what is owed."""
    known = list_entries(session, promoter_id=head["promoter_id"], invoice_ids=[head["invoice_id"]])
    owed = sum(_receivable(entry) for entry in known)
    settled: defaultdict[UUID | None, int] = defaultdict(int)
    for entry in known:
        if entry.payment_id or LedgerAccount.WRITE_OFF in (entry.debit, entry.credit):
            settled[entry.payment_id] -= _receivable(entry)
    entries: list[dict[str, Any]] = []
    keys = {key for key in settled if key is not None}
    paid = map_payments(session, promoter_id=head["promoter_id"], payment_ids=keys)
    newest = sorted(
        paid, key=lambda key: (paid[key].received_on, paid[key].recorded_at, key), reverse=True
    )
    for payment_id in (None, *newest):
        part = min(settled[payment_id], -owed)
        if part > 0:
            entries += _free(head, payment_id, part)
            owed += part
    insert_rows(session, {LedgerEntry: entries})


def _free(head: Mapping[str, Any], payment_id: UUID | None, cents: int) -> Iterator[dict[str, Any]]:
    source = {**head, "document_id": None, "payment_id": payment_id}
    if payment_id is None:
        account, event = LedgerAccount.WRITE_OFF, LedgerEvent.WRITTEN_BACK
    else:
        account, event = LedgerAccount.PREPAYMENT, LedgerEvent.FREED
    return move(source, event, LedgerAccount.RECEIVABLE, account, cents)


def _receivable(entry: LedgerEntry) -> int:
    """Count what an entry adds to what is owed."""
    if entry.debit is LedgerAccount.RECEIVABLE:
        return entry.amount_cents
    return -entry.amount_cents if entry.credit is LedgerAccount.RECEIVABLE else 0
