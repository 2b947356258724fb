"""Say whose a payment of nobody is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.payment_faults import AssignedReceiptError, ReturnedPaymentError
from api.services.collection.record_payment import check_invoices, hold_issuer
from api.services.collection.record_return import find_places, require_payment
from api.services.collection.settlement import Money, Settlement
from api.services.invoices.record_parties import UnknownMemberError
from models.repositories.members import map_members
from models.tables import Payment
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent


def assign_receipt(
    session: Session,
    *,
    promoter_id: UUID,
    payment_id: UUID,
    member_id: UUID,
    now: datetime,
    invoice_ids: Sequence[UUID] = (),
) -> Payment:
    """Say whose a payment is that came from nobody known, and let it pay what is owed.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    payment_id : UUID
        Which payment.
    member_id : UUID
        Whose it is.
    now : datetime
        The present instant.
    invoice_ids : sequence of UUID
        Ordinary invoices that it pays; the oldest ones when empty.

    Returns
    -------
    Payment
        The payment, from now on the member's; it stays what it is when it was assigned so before.

    Raises
    ------
    UnknownPaymentError, UnknownMemberError, UnknownInvoiceError
        If the caller has none such.
    AssignedReceiptError
        If it is another member's.
    ReturnedPaymentError
        If it came back or was refunded.
    ForeignInvoiceError
        If an invoice is not this member's, not of this issuer, or rectifies another one.
    """
    payment = require_payment(session, promoter_id=promoter_id, payment_id=payment_id)
    hold_issuer(session, promoter_id=promoter_id, issuer_id=payment.issuer_id)
    session.refresh(payment)
    if payment.member_id is not None:
        if payment.member_id != member_id:
            raise AssignedReceiptError(payment_id)
        return payment
    if not map_members(session, promoter_id=promoter_id, member_ids=[member_id]):
        raise UnknownMemberError(member_id)
    check_invoices(
        session,
        promoter_id=promoter_id,
        issuer_id=payment.issuer_id,
        member_id=member_id,
        invoice_ids=invoice_ids,
    )
    left = sum(find_places(session, payment).values())
    if left == 0:
        raise ReturnedPaymentError(payment_id)
    payment.member_id = member_id
    session.add(payment)
    session.flush()
    _settle(session, payment, left, invoice_ids, now)
    return payment


def _settle(
    session: Session, payment: Payment, cents: int, invoice_ids: Sequence[UUID], now: datetime
) -> None:
    assert payment.member_id is not None
    settlement = Settlement(
        session,
        promoter_id=payment.promoter_id,
        issuer_id=payment.issuer_id,
        member_ids=[payment.member_id],
        now=now,
    )
    settlement.pay(
        Money(
            payment_id=payment.id,
            member_id=payment.member_id,
            cents=cents,
            source=LedgerAccount.UNKNOWN_RECEIPTS,
            event=LedgerEvent.ASSIGNED,
            posted_on=local_day(now, LAW_CLOCK),
            invoice_ids=invoice_ids,
        )
    )
    settlement.store()
