"""Give up what is owed for an invoice."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.invoice_entries import move
from api.services.collection.open_items import open_items
from api.services.collection.payment_faults import NothingOpenError, TooMuchError, UnfitPaymentError
from api.services.collection.record_payment import hold_issuer
from api.services.collection.settlement import ALL_DAYS
from api.services.invoices.invoice_history import UnknownInvoiceError
from loaders.invoice_checks import MOST_TEXT, check_text
from models.repositories.invoice_lists import map_issued
from models.repositories.invoices import insert_rows
from models.tables import Invoice, LedgerEntry
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent
from models.values.money import from_cents


def write_off(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_id: UUID,
    because: str,
    now: datetime,
    amount_cents: int | None = None,
) -> LedgerEntry:
    """Give up what is open of an invoice, or a part of it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The ordinary invoice.
    because : str
        Why, 1 to 500 printable characters.
    now : datetime
        The present instant.
    amount_cents : int, optional
        How much [cents]; all that is open when None.

    Returns
    -------
    LedgerEntry
        What was posted. Its tax is not reclaimed: that takes a rectifying invoice (Ley 37/1992,
        article 80).

    Raises
    ------
    UnfitInvoiceError
        If the words are unfit.
    UnknownInvoiceError
        If the caller has no such invoice.
    NothingOpenError
        If nothing is owed for it.
    UnfitPaymentError
        If the amount is not above zero.
    TooMuchError
        If less is open.
    """
    check_text("reason", because, MOST_TEXT)
    invoice, left = hold_open(session, promoter_id=promoter_id, invoice_id=invoice_id)
    cents = left if amount_cents is None else amount_cents
    if cents < 1:
        raise UnfitPaymentError("that is given up must be of a cent or more")
    if cents > left:
        raise TooMuchError(from_cents(cents), from_cents(left))
    head = {
        "promoter_id": promoter_id,
        "issuer_id": invoice.issuer_id,
        "member_id": invoice.member_id,
        "invoice_id": invoice_id,
        "because": because,
        "posted_on": local_day(now, LAW_CLOCK),
        "posted_at": now,
    }
    (entry,) = move(
        head, LedgerEvent.WRITTEN_OFF, LedgerAccount.WRITE_OFF, LedgerAccount.RECEIVABLE, cents
    )
    insert_rows(session, {LedgerEntry: [entry]})
    return LedgerEntry(**entry)


def hold_open(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> tuple[Invoice, int]:
    """Hold the books of an invoice's issuer, and tell how much of it is open.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The ordinary invoice.

    Returns
    -------
    tuple of Invoice and int
        The invoice, and what is owed for it [cents].

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    NothingOpenError
        If nothing is owed for it.
    """
    found = map_issued(session, promoter_id=promoter_id, invoice_ids=[invoice_id])
    if invoice_id not in found:
        raise UnknownInvoiceError(invoice_id)
    invoice = found[invoice_id]
    hold_issuer(session, promoter_id=promoter_id, issuer_id=invoice.issuer_id)
    items = open_items(session, promoter_id, on=ALL_DAYS, invoice_ids=[invoice_id])
    if not items:
        raise NothingOpenError(invoice.full_number)
    return invoice, sum(item.open_cents for item in items)
