"""Choose how members pay an invoice that is being issued, and read it back later."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.mandate_life import MandateHistory
from api.services.collection.mandate_records import read_histories
from loaders.invoice_record import Payment, PaymentMeans
from models.repositories.mandates import (
    list_mandates,
    map_creditor_accounts,
    map_mandate_accounts,
)
from models.tables import Invoice, MandateAccount
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference


@dataclass(frozen=True, slots=True)
class ChosenPayment:
    """How an invoice is paid.

    Attributes
    ----------
    payment : Payment
        As the document shows it.
    facts : dict of str to Any
        As the invoice keeps it: of a member's account its key only.
    """

    payment: Payment
    facts: dict[str, Any]


def choose_payments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_ids: Collection[UUID],
    due_on: date,
) -> dict[UUID, ChosenPayment]:
    """Choose how members pay an issuer what is due on a day.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Who is paid.
    member_ids : collection of UUID
        Who pay.
    due_on : date
        Day on which it is due.

    Returns
    -------
    dict of UUID to ChosenPayment
        By member: direct debit from the account that can be used on that day, else transfer to the
        account with which the issuer collects. None while the issuer has none.
    """
    accounts = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    if issuer_id not in accounts:
        return {}
    creditor = Iban(accounts[issuer_id].iban)
    transfer = ChosenPayment(
        Payment(PaymentMeans.TRANSFER, due_on, creditor),
        {"means": PaymentMeans.TRANSFER.value, "iban": creditor.reveal()},
    )
    chosen = dict.fromkeys(member_ids, transfer)
    mandates = list_mandates(
        session, promoter_id=promoter_id, issuer_ids=[issuer_id], member_ids=member_ids
    )
    histories = read_histories(session, promoter_id=promoter_id, mandates=mandates)
    for history in reversed(histories.values()):
        _, account = history.judge(due_on)
        if account is not None:
            chosen[history.mandate.member_id] = _debit(history, account, due_on)
    return chosen


def read_payment(session: Session, invoice: Invoice) -> Payment | None:
    """Read how an issued invoice is paid.

    Parameters
    ----------
    session : Session
        Open transaction.
    invoice : Invoice
        The invoice.

    Returns
    -------
    Payment or None
        As it was issued; None where it says nothing.
    """
    facts: Mapping[str, Any] | None = invoice.facts.get("payment")
    if facts is None:
        return None
    means = PaymentMeans(facts["means"])
    if means is PaymentMeans.TRANSFER:
        return Payment(means, invoice.due_on, Iban(facts["iban"]))
    key = UUID(facts["account_id"])
    accounts = map_mandate_accounts(session, promoter_id=invoice.promoter_id, account_ids=[key])
    mandate = SepaReference(facts["mandate"])
    return Payment(means, invoice.due_on, Iban(accounts[key].iban), mandate)


def _debit(history: MandateHistory, account: MandateAccount, due_on: date) -> ChosenPayment:
    reference = SepaReference(history.mandate.reference)
    means = PaymentMeans.DIRECT_DEBIT
    return ChosenPayment(
        Payment(means, due_on, Iban(account.iban), reference),
        {"means": means.value, "mandate": str(reference), "account_id": str(account.id)},
    )
