"""Record that the bank took a payment back: what it paid is owed again."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.invoice_entries import move
from api.services.collection.note_debit_outcome import BankWord, note_debit_outcome
from api.services.collection.payment_faults import (
    RefundedPaymentError,
    UnfitPaymentError,
    UnknownPaymentError,
)
from api.services.collection.record_payment import LARGEST_CENTS, hold_issuer
from loaders.sepa.return_reasons import ReturnReason, find_return_reason
from models.repositories.debits import map_debits
from models.repositories.invoices import insert_rows
from models.repositories.ledger import list_entries
from models.repositories.payments import find_return, get_payment
from models.tables import LedgerEntry, Payment, PaymentReturn
from models.values.calendar import LAW_CLOCK, local_day
from models.values.direct_debits import DebitOutcome
from models.values.ledger import LedgerAccount, LedgerEvent
from models.values.money import from_cents

_LONGEST_CODE = 35

Place = tuple[LedgerAccount, UUID | None, UUID | None]
"""An account, and the invoice and the member of its entries."""


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """A payment that came back.

    Attributes
    ----------
    row : PaymentReturn
        What is stored of it.
    reason : ReturnReason
        What its code means, and what to do next.
    is_news : bool
        Whether it was not recorded before.
    """

    row: PaymentReturn
    reason: ReturnReason
    is_news: bool


def record_return(
    session: Session,
    *,
    promoter_id: UUID,
    payment_id: UUID,
    returned_on: date,
    reason_code: str,
    now: datetime,
    charge_cents: int = 0,
) -> RecordedReturn:
    """Record that a payment came back.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    payment_id : UUID
        Which; the whole of it.
    returned_on : date
        Local day of the booking.
    reason_code : str
        As the bank gives it, 1 to 35 printable characters.
    now : datetime
        The present instant.
    charge_cents : int
        What the bank took for it [cents].

    Returns
    -------
    RecordedReturn
        What to do next; the first return when it was recorded before. What the payment had paid
        is owed again, what was left of it is gone, and the debit's mandate ends where the code
        says so.

    Raises
    ------
    UnknownPaymentError
        If the caller has no such payment.
    UnfitPaymentError
        If code, charge or day cannot be.
    RefundedPaymentError
        If a part of it was paid back to the member before.
    """
    payment = require_payment(session, promoter_id=promoter_id, payment_id=payment_id)
    hold_issuer(session, promoter_id=promoter_id, issuer_id=payment.issuer_id)
    reason = find_return_reason(reason_code)
    known = find_return(session, promoter_id=promoter_id, payment_id=payment_id)
    if known is not None:
        return RecordedReturn(known, find_return_reason(known.reason_code), is_news=False)
    _check(payment, returned_on, reason_code, charge_cents, local_day(now, LAW_CLOCK))
    row = PaymentReturn(
        promoter_id=promoter_id,
        payment_id=payment_id,
        returned_on=returned_on,
        reason_code=reason_code,
        charge_cents=charge_cents,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    insert_rows(session, {LedgerEntry: list(_take_back(session, payment, row))})
    _note_debit(session, payment, row)
    return RecordedReturn(row, reason, is_news=True)


def require_payment(session: Session, *, promoter_id: UUID, payment_id: UUID) -> Payment:
    """Read a payment that must be there.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    payment_id : UUID
        Which.

    Returns
    -------
    Payment

    Raises
    ------
    UnknownPaymentError
        If the caller has none such.
    """
    payment = get_payment(session, promoter_id=promoter_id, payment_id=payment_id)
    if payment is None:
        raise UnknownPaymentError(payment_id)
    return payment


def find_places(session: Session, payment: Payment) -> dict[Place, int]:
    """Find where the money of a payment stands now, beside the bank.

    Parameters
    ----------
    session : Session
        Open transaction.
    payment : Payment
        Which.

    Returns
    -------
    dict of Place to int
        What it has credited to each place and is still there [cents].
    """
    places: defaultdict[Place, int] = defaultdict(int)
    known = list_entries(session, promoter_id=payment.promoter_id, payment_ids=[payment.id])
    for entry in known:
        for account, sign in ((entry.credit, 1), (entry.debit, -1)):
            invoice_id = entry.invoice_id if account is LedgerAccount.RECEIVABLE else None
            owner = None if account is LedgerAccount.UNKNOWN_RECEIPTS else entry.member_id
            places[account, invoice_id, owner] += sign * entry.amount_cents
    aside = (LedgerAccount.BANK, LedgerAccount.BANK_CHARGES)
    return {place: cents for place, cents in places.items() if cents > 0 and place[0] not in aside}


def _check(
    payment: Payment, returned_on: date, reason_code: str, charge_cents: int, today: date
) -> None:
    if not (reason_code.isprintable() and 1 <= len(reason_code.strip()) <= _LONGEST_CODE):
        raise UnfitPaymentError(f"came back with a code that is not 1 to {_LONGEST_CODE} letters")
    if not 0 <= charge_cents <= LARGEST_CENTS:
        raise UnfitPaymentError("came back with a charge below zero or beyond measure")
    if not payment.received_on <= returned_on <= today:
        reason = f"of {payment.received_on} cannot have come back on {returned_on}"
        raise UnfitPaymentError(reason)


def _take_back(session: Session, payment: Payment, row: PaymentReturn) -> Iterator[dict[str, Any]]:
    """Post the opposite of where the money stands, and the charge."""
    places = find_places(session, payment)
    refunded = payment.amount_cents - sum(places.values())
    if refunded:
        raise RefundedPaymentError(payment.id, from_cents(refunded))
    head = {
        "promoter_id": payment.promoter_id,
        "issuer_id": payment.issuer_id,
        "payment_id": payment.id,
        "posted_on": row.returned_on,
        "posted_at": row.recorded_at,
    }
    bank = LedgerAccount.BANK
    for (account, invoice_id, member_id), cents in places.items():
        owner = {"member_id": member_id, "invoice_id": invoice_id}
        yield from move(head | owner, LedgerEvent.RETURNED, account, bank, cents)
    charged = LedgerAccount.BANK_CHARGES
    owner = {"member_id": payment.member_id}
    yield from move(head | owner, LedgerEvent.CHARGED, charged, bank, row.charge_cents)


def _note_debit(session: Session, payment: Payment, row: PaymentReturn) -> None:
    """Tell the debit, whose mandate may end."""
    if payment.debit_id is None:
        return
    debits = map_debits(session, promoter_id=payment.promoter_id, debit_ids=[payment.debit_id])
    word = BankWord(DebitOutcome.RETURNED, row.returned_on, payment.source_key, row.reason_code)
    note_debit_outcome(
        session,
        promoter_id=payment.promoter_id,
        debit=debits[payment.debit_id],
        word=word,
        now=row.recorded_at,
    )
