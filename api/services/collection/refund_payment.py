"""Pay money back that no invoice has taken."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.invoice_entries import move
from api.services.collection.payment_faults import (
    SamePaymentKeyError,
    TooMuchError,
    UnfitPaymentError,
)
from api.services.collection.record_payment import hold_issuer
from api.services.collection.record_return import Place, find_places, require_payment
from loaders.invoice_checks import MOST_TEXT, check_text
from models.repositories.invoices import insert_rows
from models.repositories.payments import find_refund
from models.tables import LedgerEntry, Payment, PaymentRefund
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent
from models.values.money import from_cents

_LONGEST_KEY = 100
_UNAPPLIED = (LedgerAccount.PREPAYMENT, LedgerAccount.UNKNOWN_RECEIPTS)


def refund_payment(
    session: Session,
    *,
    promoter_id: UUID,
    payment_id: UUID,
    refunded_on: date,
    because: str,
    source_key: str,
    now: datetime,
    amount_cents: int | None = None,
) -> PaymentRefund:
    """Record that money of a payment went back to whoever paid.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    payment_id : UUID
        Of which payment.
    refunded_on : date
        Local day of the transfer.
    because : str
        Why, 1 to 500 printable characters.
    source_key : str
        The same key is the same refund; 1 to 100 printable characters.
    now : datetime
        The present instant.
    amount_cents : int, optional
        How much [cents]; all that is left of the payment when None.

    Returns
    -------
    PaymentRefund
        The refund; the one that is known when the key was recorded before.

    Raises
    ------
    UnknownPaymentError
        If the caller has no such payment.
    UnfitInvoiceError
        If a text is unfit.
    UnfitPaymentError
        If amount or day cannot be.
    SamePaymentKeyError
        If the key was used for another amount or day.
    TooMuchError
        If less is left of it: what paid an invoice is refunded once that one is rectified.
    """
    check_text("reason", because, MOST_TEXT)
    check_text("key", source_key, _LONGEST_KEY)
    payment = require_payment(session, promoter_id=promoter_id, payment_id=payment_id)
    hold_issuer(session, promoter_id=promoter_id, issuer_id=payment.issuer_id)
    known = find_refund(
        session, promoter_id=promoter_id, payment_id=payment_id, source_key=source_key
    )
    if known is not None:
        if refunded_on != known.refunded_on or amount_cents not in (None, known.amount_cents):
            raise SamePaymentKeyError(source_key)
        return known
    place, cents = _choose_amount(session, payment, amount_cents)
    if cents < 1 or not payment.received_on <= refunded_on <= local_day(now, LAW_CLOCK):
        raise UnfitPaymentError(f"of {payment.received_on} cannot be refunded so on {refunded_on}")
    row = PaymentRefund(
        promoter_id=promoter_id,
        payment_id=payment_id,
        amount_cents=cents,
        refunded_on=refunded_on,
        because=because,
        source_key=source_key,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    _post(session, payment, place, row)
    return row


def _choose_amount(
    session: Session, payment: Payment, amount_cents: int | None
) -> tuple[Place, int]:
    """Find where what is left of a payment stands, and how much of it goes back."""
    places = find_places(session, payment)
    left = {place: cents for place, cents in places.items() if place[0] in _UNAPPLIED}
    cents = sum(left.values()) if amount_cents is None else amount_cents
    if cents > sum(left.values()) or not left:
        raise TooMuchError(from_cents(cents), from_cents(sum(left.values())))
    (place,) = left
    return place, cents


def _post(session: Session, payment: Payment, place: Place, refund: PaymentRefund) -> None:
    account, _, member_id = place
    head = {
        "promoter_id": payment.promoter_id,
        "issuer_id": payment.issuer_id,
        "member_id": member_id,
        "payment_id": payment.id,
        "posted_on": refund.refunded_on,
        "posted_at": refund.recorded_at,
    }
    cents = refund.amount_cents
    entries = move(head, LedgerEvent.REFUNDED, account, LedgerAccount.BANK, cents)
    insert_rows(session, {LedgerEntry: list(entries)})
