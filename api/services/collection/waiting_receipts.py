"""Receipts that nobody has assigned, held against debts that they may have paid."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from api.services.collection.bank_movements import find_references
from api.services.collection.follow_debts import Debt
from models.repositories.ledger import list_unknown_receipts
from models.repositories.mandates import group_holders
from models.repositories.payment_plans import map_payers
from models.repositories.payments import map_account_members
from models.tables import Payment
from models.values.iban import Iban
from models.values.money import from_cents

_WORDS = re.compile(r"\w+")
_FEWEST_WORDS = 2


class ReceiptClue(StrEnum):
    """Why a receipt may be a member's."""

    AMOUNT = "amount"
    """It is what is open of an invoice, of one of its due days, or of all that is overdue."""
    NUMBER = "number"
    """It names an invoice that is overdue."""
    ACCOUNT = "account"
    """The member has a mandate on the account that it came from, or has paid from it."""
    NAME = "name"
    """It names who pays for the member, or who holds the account of a mandate."""


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
    ibans = {payment.payer_iban for payment, _ in waiting if payment.payer_iban}
    accounts = map_account_members(session, **owner, ibans=ibans)
    traces = [_Trace(payment, cents, accounts) for payment, cents in waiting]
    held = {debt.member_id: _hold(debt, names[debt.member_id], traces) for debt in debts}
    return {member_id: receipts for member_id, receipts in held.items() if receipts}


class _Trace:
    """What a receipt tells of its payer, read once for all debts."""

    def __init__(
        self, payment: Payment, cents: int, accounts: Mapping[str, Collection[UUID]]
    ) -> None:
        self.payment = payment
        self.cents = cents
        self.members = accounts.get(payment.payer_iban or "", ())
        self.numbers = {each.casefold() for each in find_references(payment.reference or "")}
        self.payer_words = _split(payment.payer_name or "")
        self.words = self.payer_words | _split(payment.reference or "")

    def is_of(self, name: frozenset[str]) -> bool:
        """Tell whether it names somebody: in any order, or leaving out a second name."""
        if name == self.payer_words != frozenset():
            return True
        return (len(name) >= _FEWEST_WORDS and name <= self.words) or (
            len(self.payer_words) >= _FEWEST_WORDS and self.payer_words <= name
        )


def _hold(debt: Debt, names: Iterable[str], traces: Sequence[_Trace]) -> tuple[WaitingReceipt, ...]:
    by_invoice: defaultdict[UUID, int] = defaultdict(int)
    for item in debt.items:
        by_invoice[item.invoice_id] += item.open_cents
    amounts = {item.open_cents for item in debt.items} | set(by_invoice.values())
    amounts.add(debt.overdue_cents)
    numbers = {item.number.casefold() for item in debt.items}
    words = [_split(name) for name in names]
    held = []
    for trace in traces:
        answers = {
            ReceiptClue.AMOUNT: trace.cents in amounts,
            ReceiptClue.NUMBER: not numbers.isdisjoint(trace.numbers),
            ReceiptClue.ACCOUNT: debt.member_id in trace.members,
            ReceiptClue.NAME: any(map(trace.is_of, words)),
        }
        if clues := tuple(clue for clue, is_so in answers.items() if is_so):
            held.append(_make_receipt(trace.payment, trace.cents, clues))
    return tuple(held)


def _make_receipt(payment: Payment, cents: int, clues: tuple[ReceiptClue, ...]) -> WaitingReceipt:
    told = (payment.payer_name, payment.payer_iban and str(Iban(payment.payer_iban)))
    return WaitingReceipt(
        payment_id=payment.id,
        received_on=payment.received_on,
        left_cents=cents,
        payer=", ".join(each for each in told if each) or None,
        reference=payment.reference,
        clues=clues,
    )


def _split(name: str) -> frozenset[str]:
    """Split a name into its words, as banks write them: without accents, in either case."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return frozenset(_WORDS.findall(bare))
