"""Cancel the record of an invoice that should never have been issued."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agency.read_sending import group_standings, lacks_invoice
from api.services.collection.invoice_entries import post_cancellation
from api.services.collection.refuse_underway import refuse_underway
from api.services.invoices.invoice_history import read_history, require_invoice
from api.services.invoices.record_chain import RecordChain
from loaders.invoice_checks import MOST_TEXT, check_text
from loaders.verifactu.records import BillingSystem, InvoiceIdentity
from models.repositories.invoices import release_periods
from models.repositories.payment_plans import lock_issuers
from models.tables import FiscalRecord
from models.values.errors import ConflictError
from models.values.nif import Nif


class RectifiedInvoiceError(ConflictError):
    """An invoice cannot be cancelled while another one rectifies it.

    Attributes
    ----------
    number, by : str
        The invoice, and the newest one that rectifies it.
    """

    def __init__(self, number: str, by: str) -> None:
        super().__init__(f"invoice {number} is rectified by {by}: cancel that one first")
        self.number = number
        self.by = by


def cancel_invoice(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_id: UUID,
    because: str,
    system: BillingSystem,
    now: datetime,
) -> FiscalRecord:
    """Cancel an invoice that was issued by mistake, such as one to nobody or one issued twice.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The invoice; its number stays taken.
    because : str
        Why, 1 to 500 printable characters.
    system : BillingSystem
        The software, as its declaration of conformity names it.
    now : datetime
        The present instant.

    Returns
    -------
    FiscalRecord
        The record of cancellation; the days that the invoice charged can be billed again.

    Raises
    ------
    UnfitInvoiceError
        If the words are unfit.
    UnknownInvoiceError
        If the caller has no such invoice.
    CancelledInvoiceError
        If it was cancelled already.
    RectifiedInvoiceError
        If another invoice rectifies it.
    UndecidedDebitError
        If a bank is collecting it, or what it rectifies.

    Notes
    -----
    RD 1007/2023, article 11. An invoice that was right to issue, but is wrong, is rectified.
    """
    check_text("reason", because, MOST_TEXT)
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    invoice = rows.invoice
    issuers = lock_issuers(session, promoter_id=promoter_id, issuer_ids=[invoice.issuer_id])
    issuer = issuers[invoice.issuer_id]
    history = read_history(session, promoter_id=promoter_id, invoice_id=invoice_id)
    refuse_underway(session, promoter_id=promoter_id, invoice_id=history.documents[0].invoice.id)
    newest = history.last.invoice
    if newest.id != invoice_id:
        raise RectifiedInvoiceError(invoice.full_number, newest.full_number)
    chain = RecordChain(session, issuer=issuer, system=system, now=now)
    identity = InvoiceIdentity(Nif(issuer.tax_number), invoice.full_number, invoice.issued_on)
    standings = group_standings(session, promoter_id=promoter_id, invoice_ids=[invoice_id])
    record = chain.cancel(
        invoice_id, identity, because, is_unregistered=lacks_invoice(standings[invoice_id])
    )
    session.add(record)
    release_periods(
        session, promoter_id=promoter_id, invoice_id=invoice_id, released_at=chain.recorded_at
    )
    session.flush()
    post_cancellation(
        session,
        invoice=invoice,
        first_id=history.documents[0].invoice.id,
        posted_on=chain.issued_on,
        posted_at=chain.recorded_at,
    )
    return record
