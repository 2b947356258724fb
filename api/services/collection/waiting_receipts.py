"""Receipts that nobody has assigned, held against debts that they may have paid."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.collection.follow_debts import Debt
from api.services.collection.receipt_clues import ReceiptClue, ReceiptClues
from models.repositories.ledger import list_unknown_receipts
from models.repositories.mandates import group_holders
from models.repositories.payment_plans import map_payers
from models.repositories.payments import map_account_members
from models.tables import Payment
from models.values.money import from_cents


@dataclass(frozen=True, slots=True)
class WaitingReceipt:
    """Money of nobody that may have paid a debt.

    Attributes
    ----------
    payment_id : UUID
        The payment.
    received_on : date
        Local day on which it was there.
    left_cents : int
        What is left of it [cents].
    payer : str or None
        Name and masked account of who paid.
    reference : str or None
        What it is for, in the payer's words.
    clues : tuple of ReceiptClue
        Why it may be the member's, at least one.
    """

    payment_id: UUID
    received_on: date
    left_cents: int
    payer: str | None
    reference: str | None
    clues: tuple[ReceiptClue, ...]

    @property
    def left_eur(self) -> Decimal:
        """What is left of it [EUR]."""
        return from_cents(self.left_cents)


def group_waiting_receipts(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    debts: Collection[Debt],
    despite: Collection[UUID] = (),
) -> dict[UUID, tuple[WaitingReceipt, ...]]:
    """Find which receipts of nobody may have paid which member's debt.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id, issuer_id : UUID
        The tenant, and who got the money.
    debts : collection of Debt
        What members are late with to this issuer.
    despite : collection of UUID
        Payments that somebody has judged to be of none of these members.

    Returns
    -------
    dict of UUID to tuple of WaitingReceipt
        Oldest first, of members for whom there are any; in four queries.
    """
    found = list_unknown_receipts(session, promoter_id=promoter_id, issuer_id=issuer_id)
    waiting = [(payment, cents) for payment, cents in found if payment.id not in despite]
    if not waiting:
        return {}
    ids = {debt.member_id for debt in debts}
    payers = map_payers(session, promoter_id=promoter_id, member_ids=ids)
    owner = {"promoter_id": promoter_id, "issuer_id": issuer_id}
    names = group_holders(session, **owner, member_ids=ids)
    for member_id, payer in payers.items():
        names[member_id].add(payer.name)
    indexes = {payment.payer_iban_index for payment, _ in waiting if payment.payer_iban_index}
    accounts = map_account_members(session, **owner, indexes=indexes)
    clues = ReceiptClues(waiting, accounts)
    held = {
        debt.member_id: tuple(
            _make_receipt(*waiting[place], told)
            for place, told in clues.find(debt, names[debt.member_id]).items()
        )
        for debt in debts
    }
    return {member_id: receipts for member_id, receipts in held.items() if receipts}


def _make_receipt(payment: Payment, cents: int, clues: tuple[ReceiptClue, ...]) -> WaitingReceipt:
    told = (payment.payer_name, payment.masked_payer_iban)
    return WaitingReceipt(
        payment_id=payment.id,
        received_on=payment.received_on,
        left_cents=cents,
        payer=", ".join(each for each in told if each) or None,
        reference=payment.reference,
        clues=clues,
    )
