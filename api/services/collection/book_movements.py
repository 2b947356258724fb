"""Book the movements of a bank's file: first all that came in, then what came back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.bank_movements import Movement
from api.services.collection.bank_report import (
    MovementKind,
    PaidInvoice,
    ReportedMovement,
    Suggestion,
    UnmatchedBecause,
)
from api.services.collection.known_receipts import KnownReceipts, name_payer
from api.services.collection.match_movements import Matches
from api.services.collection.payment_faults import RefundedPaymentError
from api.services.collection.record_payment import PaymentWish, record_payments
from api.services.collection.record_return import record_return
from loaders.sepa.return_reasons import NextStep
from models.keyring import Keyring
from models.repositories.ledger import group_paid_invoices
from models.repositories.payments import list_file_payments, map_payments_by_debit
from models.sealed_ibans import index_iban
from models.tables import Debit, Payment
from models.values.ledger import PaymentMethod
from models.values.money import from_cents

_REASON_NOT_SAID = "MS03"
_LONGEST_CODE = 35


class MovementBooking:
    """Books the movements of one file to the issuer whose books are held.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id, issuer_id : UUID
        The tenant, and whose account.
    matches : Matches
        To what they may belong.
    keyring : Keyring
        What seals accounts of payers.
    now : datetime
        The present instant.
    """

    def __init__(
        self,
        session: Session,
        promoter_id: UUID,
        issuer_id: UUID,
        matches: Matches,
        keyring: Keyring,
        now: datetime,
    ) -> None:
        self._session = session
        self._promoter_id = promoter_id
        self._issuer_id = issuer_id
        self._matches = matches
        self._keyring = keyring
        self._now = now
        self._index = partial(index_iban, keyring, promoter_id=promoter_id)
        self._receipts = KnownReceipts((), self._index)
        self._paid: dict[UUID, Payment] = {}

    def book(self, movements: Sequence[Movement]) -> list[ReportedMovement]:
        """Book all, and report in the order of the file."""
        self._read_known(movements)
        receipts = self._receipts.take(movements)
        reports: dict[int, ReportedMovement] = {}
        wishes: dict[int, tuple[MovementKind, list[PaymentWish]]] = {}
        for place, movement in enumerate(movements):
            if movement.amount_cents > 0:
                known = receipts.get(place) or self._find_paid(movement)
                if known:
                    reports[place] = _report(movement, MovementKind.KNOWN, payments=known)
                else:
                    wishes[place] = self._wish(movement)
        reports |= self._record(movements, wishes)
        for place, movement in enumerate(movements):
            if movement.amount_cents < 0:
                reports[place] = self._take_back(movement)
        return self._name_invoices([reports[place] for place in range(len(movements))])

    def _name_invoices(self, reports: Sequence[ReportedMovement]) -> list[ReportedMovement]:
        """Name what the payments paid, as the books tell it."""
        paid = group_paid_invoices(
            self._session,
            promoter_id=self._promoter_id,
            payment_ids={key for report in reports for key in report.payment_ids},
        )
        return [
            replace(
                report,
                invoices=tuple(
                    sorted(
                        {PaidInvoice(*each) for key in report.payment_ids for each in paid[key]},
                        key=lambda invoice: invoice.number,
                    )
                ),
            )
            for report in reports
        ]

    def _read_known(self, movements: Sequence[Movement]) -> None:
        received = list_file_payments(
            self._session,
            promoter_id=self._promoter_id,
            issuer_id=self._issuer_id,
            days={each.booked_on for each in movements if each.amount_cents > 0},
        )
        self._receipts = KnownReceipts(received, self._index)
        debits = {each.debit.id for found in self._matches.debits.values() for each in found}
        self._paid = map_payments_by_debit(
            self._session, promoter_id=self._promoter_id, debit_ids=debits
        )

    def _find_paid(self, movement: Movement) -> list[Payment]:
        """Find the payments of the debits that it brings, if all of them are known."""
        debits = self._matches.find_debits(movement)
        paid = [self._paid[debit.id] for debit in debits if debit.id in self._paid]
        return paid if paid and len(paid) == len(debits) else []

    def _wish(self, movement: Movement) -> tuple[MovementKind, list[PaymentWish]]:
        """Choose what a movement is: debits, a transfer, or nobody's."""
        debits = self._matches.find_debits(movement)
        if debits:
            fresh = [debit for debit in debits if debit.id not in self._paid]
            wishes = [self._wish_debit(debit, movement.booked_on) for debit in fresh]
            return MovementKind.DEBITS, wishes
        invoices = self._matches.find_invoices(movement)
        wish = PaymentWish(
            issuer_id=self._issuer_id,
            amount_cents=movement.amount_cents,
            received_on=movement.booked_on,
            method=PaymentMethod.TRANSFER,
            source_key=self._receipts.make_key(movement),
            invoice_ids=tuple(invoice.id for invoice in invoices),
            reference=movement.text or None,
            payer_name=name_payer(movement),
            payer_iban=movement.payer_account,
        )
        return MovementKind.TRANSFER if invoices else MovementKind.UNKNOWN, [wish]

    def _wish_debit(self, debit: Debit, received_on: date) -> PaymentWish:
        return PaymentWish(
            issuer_id=self._issuer_id,
            amount_cents=debit.amount_cents,
            received_on=received_on,
            method=PaymentMethod.DIRECT_DEBIT,
            source_key=f"debit {debit.end_to_end_id}",
            member_id=debit.member_id,
            invoice_ids=(debit.invoice_id,),
            debit=debit,
        )

    def _record(
        self,
        movements: Sequence[Movement],
        wishes: dict[int, tuple[MovementKind, list[PaymentWish]]],
    ) -> dict[int, ReportedMovement]:
        """Record all payments at once; a debit that two movements bring is recorded once."""
        asked = {wish.source_key: wish for _, group in wishes.values() for wish in group}
        recorded = record_payments(
            self._session,
            promoter_id=self._promoter_id,
            wishes=list(asked.values()),
            keyring=self._keyring,
            now=self._now,
        )
        by_key = {payment.source_key: payment for payment in recorded}
        self._paid |= {each.debit_id: each for each in recorded if each.debit_id}
        return {
            place: _report(
                movements[place],
                kind,
                payments=[by_key[wish.source_key] for wish in group],
                **self._judge(movements[place], kind),
            )
            for place, (kind, group) in wishes.items()
        }

    def _judge(self, movement: Movement, kind: MovementKind) -> dict[str, Any]:
        """Say of money of nobody why it is, and who may have paid."""
        if kind is not MovementKind.UNKNOWN:
            return {}
        return {
            "because": self._matches.explain(movement),
            "suggestion": self._matches.suggest(movement),
        }

    def _take_back(self, movement: Movement) -> ReportedMovement:
        """Record a return; other money that leaves the account is none of the members'."""
        debit = self._matches.find_returned(movement)
        if debit is None or -movement.amount_cents < debit.amount_cents:
            because = self._matches.explain(movement)
            return _report(movement, MovementKind.NOT_BOOKED, because=because)
        payment = self._paid.get(debit.id) or self._collect_late(debit, movement)
        code = next((each.return_reason for each in movement.details if each.return_reason), None)
        try:
            returned = record_return(
                self._session,
                promoter_id=self._promoter_id,
                payment_id=payment.id,
                returned_on=max(movement.booked_on, payment.received_on),
                reason_code=(code or _REASON_NOT_SAID)[:_LONGEST_CODE],
                charge_cents=-movement.amount_cents - payment.amount_cents,
                now=self._now,
            )
        except RefundedPaymentError:
            because = UnmatchedBecause.REFUNDED
            return _report(movement, MovementKind.NOT_BOOKED, payments=[payment], because=because)
        kind = MovementKind.RETURN if returned.is_news else MovementKind.KNOWN
        return _report(movement, kind, payments=[payment], next_step=returned.reason.next_step)

    def _collect_late(self, debit: Debit, movement: Movement) -> Payment:
        """Record the payment of a debit that came back before anything told of its collection."""
        wish = self._wish_debit(debit, min(debit.collect_on, movement.booked_on))
        (payment,) = record_payments(
            self._session,
            promoter_id=self._promoter_id,
            wishes=[wish],
            keyring=self._keyring,
            now=self._now,
        )
        self._paid[debit.id] = payment
        return payment


def _report(
    movement: Movement,
    kind: MovementKind,
    payments: Sequence[Payment] = (),
    because: UnmatchedBecause | None = None,
    suggestion: Suggestion | None = None,
    next_step: NextStep | None = None,
) -> ReportedMovement:
    detail = movement.only
    told = [detail.debtor_name, detail.debtor_iban] if detail else []
    return ReportedMovement(
        kind=kind,
        booked_on=movement.booked_on,
        amount_eur=from_cents(movement.amount_cents),
        text=movement.text,
        payer=", ".join(str(each) for each in told if each) or None,
        payment_ids=tuple(payment.id for payment in payments),
        member_ids=tuple(dict.fromkeys(each.member_id for each in payments if each.member_id)),
        because=because,
        suggestion=suggestion,
        next_step=next_step,
    )
