"""Record that a member paid: once, against the invoices that it names, then the oldest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.invoice_entries import move
from api.services.collection.payment_faults import (
    ForeignInvoiceError,
    SamePaymentKeyError,
    UnfitPaymentError,
)
from api.services.collection.settlement import Money, Settlement
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models.keyring import Keyring
from models.repositories.invoice_lists import map_issued
from models.repositories.invoices import insert_rows
from models.repositories.members import map_members
from models.repositories.payment_plans import lock_issuers
from models.repositories.payments import map_payments_by_key
from models.sealed_ibans import name_place, seal_iban
from models.tables import Debit, DebitStatus, Invoice, InvoiceIssuer, LedgerEntry, Payment
from models.tables.ordered_ids import make_ordered_id
from models.values.calendar import LAW_CLOCK, local_day
from models.values.direct_debits import DebitOutcome
from models.values.iban import Iban, hide_ibans
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod

LARGEST_CENTS = 10**11
"""Largest payment [cents]."""

_LONGEST_KEY = 100
_LONGEST_TEXT = 140
_TEXTS = {"source_key": _LONGEST_KEY, "reference": _LONGEST_TEXT, "payer_name": _LONGEST_TEXT}


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """Money that came in.

    Attributes
    ----------
    issuer_id : UUID
        To whom.
    amount_cents : int
        How much [cents].
    received_on : date
        Local day on which it was there.
    method : PaymentMethod
        How.
    source_key : str
        What tells of it, 1 to 100 printable characters; the same key is the same payment.
    member_id : UUID or None
        Who paid; None while nobody knows, unless invoices tell.
    invoice_ids : tuple of UUID
        Ordinary invoices that it pays first, then the oldest overdue; the oldest when empty.
    reference, payer_name : str or None
        What the payer says, and its name at the bank, up to 140 characters; accounts in them are
        kept masked.
    payer_iban : Iban or None
        Account that it came from.
    debit : Debit or None
        The direct debit that collected it.

    Raises
    ------
    UnfitPaymentError
        If the amount or a text is unfit.
    """

    issuer_id: UUID
    amount_cents: int
    received_on: date
    method: PaymentMethod
    source_key: str
    member_id: UUID | None = None
    invoice_ids: tuple[UUID, ...] = ()
    reference: str | None = None
    payer_name: str | None = None
    payer_iban: Iban | None = None
    debit: Debit | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.amount_cents <= LARGEST_CENTS:
            raise UnfitPaymentError("must be of 0.01 to 1,000,000,000.00 EUR")
        for name, longest in _TEXTS.items():
            text = getattr(self, name)
            if text is not None and not (text.isprintable() and 1 <= len(text.strip()) <= longest):
                reason = f"has a {name} that is not 1 to {longest} printable characters"
                raise UnfitPaymentError(reason)

    def is_told_by(self, payment: Payment) -> bool:
        """Tell whether a payment that is stored is this one."""
        same = (payment.amount_cents, payment.received_on, payment.method)
        return same == (self.amount_cents, self.received_on, self.method) and (
            self.member_id is None or self.member_id == payment.member_id
        )


def record_payment(
    session: Session, *, promoter_id: UUID, wish: PaymentWish, keyring: Keyring, now: datetime
) -> Payment:
    """Record a payment, and let it pay what is owed.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : PaymentWish
        What came in.
    keyring : Keyring
        What seals the account that it came from.
    now : datetime
        The present instant.

    Returns
    -------
    Payment
        The payment; the one that is known when the key was recorded before. What no invoice takes
        is the member's prepayment; money of nobody stands at ``unknown-receipts``.

    Raises
    ------
    UnknownIssuerError, UnknownMemberError, UnknownInvoiceError
        If the caller has none such.
    ForeignInvoiceError
        If an invoice is not this member's, not of this issuer, or rectifies another one.
    UnfitPaymentError
        If it is of a day that has not come.
    SamePaymentKeyError
        If the key names another payment.
    """
    hold_issuer(session, promoter_id=promoter_id, issuer_id=wish.issuer_id)
    (payment,) = record_payments(
        session, promoter_id=promoter_id, wishes=[wish], keyring=keyring, now=now
    )
    return payment


def hold_issuer(session: Session, *, promoter_id: UUID, issuer_id: UUID) -> InvoiceIssuer:
    """Hold an issuer's books until the transaction ends: nobody else posts to them.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose books.

    Returns
    -------
    InvoiceIssuer
        The issuer.

    Raises
    ------
    UnknownIssuerError
        If the caller has none such.
    """
    found = lock_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    if issuer_id not in found:
        raise UnknownIssuerError(issuer_id)
    return found[issuer_id]


def record_payments(
    session: Session,
    *,
    promoter_id: UUID,
    wishes: Collection[PaymentWish],
    keyring: Keyring,
    now: datetime,
) -> list[Payment]:
    """Record many payments to one issuer whose books are held, in few statements.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wishes : collection of PaymentWish
        What came in, in order; keys differ.
    keyring : Keyring
        What seals the accounts that it came from.
    now : datetime
        The present instant.

    Returns
    -------
    list of Payment
        One for each, those that were known too.

    Raises
    ------
    UnknownMemberError, UnknownInvoiceError, ForeignInvoiceError, UnfitPaymentError, \
SamePaymentKeyError
        As ``record_payment``; nothing is stored then.
    """
    if not wishes:
        return []
    issuer_id = next(iter(wishes)).issuer_id
    keys = [wish.source_key for wish in wishes]
    known = map_payments_by_key(
        session, promoter_id=promoter_id, issuer_id=issuer_id, source_keys=keys
    )
    for wish in wishes:
        if wish.source_key in known and not wish.is_told_by(known[wish.source_key]):
            raise SamePaymentKeyError(wish.source_key)
    fresh = [wish for wish in wishes if wish.source_key not in known]
    members = _find_members(session, promoter_id, fresh, local_day(now, LAW_CLOCK))
    rows = {wish.source_key: _lay_out(promoter_id, wish, members, keyring, now) for wish in fresh}
    insert_rows(session, {Payment: list(rows.values())})
    _settle(session, promoter_id, fresh, rows, now)
    insert_rows(session, {DebitStatus: [_collected(promoter_id, w, now) for w in fresh if w.debit]})
    stored = map_payments_by_key(
        session, promoter_id=promoter_id, issuer_id=issuer_id, source_keys=keys
    )
    return [stored[key] for key in keys]


def check_invoices(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_id: UUID | None,
    invoice_ids: Collection[UUID],
) -> UUID | None:
    """Check that invoices can be paid by one member, and tell by whom.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose invoices.
    member_id : UUID or None
        Who pays; None for whoever owes them.
    invoice_ids : collection of UUID
        The invoices.

    Returns
    -------
    UUID or None
        The member; None if nothing tells.

    Raises
    ------
    UnknownInvoiceError
        If the caller has none such.
    ForeignInvoiceError
        If one is not this member's, not of this issuer, or rectifies another one.
    """
    found = map_issued(session, promoter_id=promoter_id, invoice_ids=invoice_ids)
    return _find_payer(found, issuer_id, member_id, invoice_ids)


def _find_payer(
    found: Mapping[UUID, Invoice],
    issuer_id: UUID,
    member_id: UUID | None,
    invoice_ids: Collection[UUID],
) -> UUID | None:
    for key in invoice_ids:
        if key not in found:
            raise UnknownInvoiceError(key)
        invoice = found[key]
        member_id = member_id or invoice.member_id
        is_theirs = (invoice.issuer_id, invoice.member_id) == (issuer_id, member_id)
        if not is_theirs or invoice.rectifies_id is not None:
            raise ForeignInvoiceError(invoice.full_number)
    return member_id


def _find_members(
    session: Session, promoter_id: UUID, wishes: Collection[PaymentWish], today: date
) -> dict[str, UUID | None]:
    """Find whose each payment is, by key."""
    owners: dict[str, UUID | None] = {}
    paid = {key for wish in wishes if wish.debit is None for key in wish.invoice_ids}
    found = map_issued(session, promoter_id=promoter_id, invoice_ids=paid)
    for wish in wishes:
        if wish.received_on > today:
            raise UnfitPaymentError(f"is of {wish.received_on}, which has not come yet")
        owners[wish.source_key] = wish.member_id
        if wish.invoice_ids and wish.debit is None:
            owners[wish.source_key] = _find_payer(
                found, wish.issuer_id, wish.member_id, wish.invoice_ids
            )
    named = {owner for owner in owners.values() if owner is not None}
    known = map_members(session, promoter_id=promoter_id, member_ids=named)
    for owner in named - known.keys():
        raise UnknownMemberError(owner)
    return owners


def _lay_out(
    promoter_id: UUID,
    wish: PaymentWish,
    owners: dict[str, UUID | None],
    keyring: Keyring,
    now: datetime,
) -> dict[str, Any]:
    key, kept = make_ordered_id(), None
    if wish.payer_iban is not None:
        place = name_place("payment", "sealed_payer_iban", key)
        kept = seal_iban(keyring, wish.payer_iban, place=place, promoter_id=promoter_id)
    return {
        "id": key,
        "promoter_id": promoter_id,
        "issuer_id": wish.issuer_id,
        "member_id": owners[wish.source_key],
        "amount_cents": wish.amount_cents,
        "received_on": wish.received_on,
        "method": wish.method,
        "reference": wish.reference and hide_ibans(wish.reference),
        "payer_name": wish.payer_name and hide_ibans(wish.payer_name),
        "sealed_payer_iban": kept and kept.sealed,
        "payer_iban_index": kept and kept.index,
        "masked_payer_iban": kept and kept.masked,
        "source_key": wish.source_key,
        "debit_id": wish.debit.id if wish.debit else None,
        "recorded_at": now,
    }


def _settle(
    session: Session,
    promoter_id: UUID,
    wishes: Collection[PaymentWish],
    rows: dict[str, dict[str, Any]],
    now: datetime,
) -> None:
    """Post each payment: to what its member owes, or as money of nobody."""
    if not wishes:
        return
    issuer_id = next(iter(wishes)).issuer_id
    owners = {row["member_id"] for row in rows.values() if row["member_id"] is not None}
    settlement = Settlement(
        session, promoter_id=promoter_id, issuer_id=issuer_id, member_ids=owners, now=now
    )
    unknown: list[dict[str, Any]] = []
    bank, nobody = LedgerAccount.BANK, LedgerAccount.UNKNOWN_RECEIPTS
    for wish in wishes:
        row = rows[wish.source_key]
        if row["member_id"] is None:
            head = {
                "promoter_id": promoter_id,
                "issuer_id": issuer_id,
                "payment_id": row["id"],
                "posted_on": wish.received_on,
                "posted_at": now,
            }
            unknown += move(head, LedgerEvent.PAID, bank, nobody, wish.amount_cents)
            continue
        settlement.pay(
            Money(
                payment_id=row["id"],
                member_id=row["member_id"],
                cents=wish.amount_cents,
                source=bank,
                event=LedgerEvent.PAID,
                posted_on=wish.received_on,
                invoice_ids=wish.invoice_ids,
            )
        )
    settlement.store()
    insert_rows(session, {LedgerEntry: unknown})


def _collected(promoter_id: UUID, wish: PaymentWish, now: datetime) -> dict[str, Any]:
    """Note of a debit that its money is there."""
    assert wish.debit is not None
    return {
        "id": make_ordered_id(),
        "promoter_id": promoter_id,
        "debit_id": wish.debit.id,
        "outcome": DebitOutcome.COLLECTED,
        "code": None,
        "source_key": wish.source_key,
        "said_on": wish.received_on,
        "recorded_at": now,
    }
