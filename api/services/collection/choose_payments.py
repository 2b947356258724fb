"""Choose how members pay an invoice that is being issued, and read it back later."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.mandate_records import read_histories
from api.services.collection.open_account import open_account
from loaders.invoice_record import Payment, PaymentMeans
from models.keyring import Keyring
from models.repositories.mandates import (
    get_creditor_account,
    list_mandates,
    map_creditor_accounts,
    map_mandate_accounts,
)
from models.tables import Invoice
from models.values.sepa_reference import SepaReference


def choose_payments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_ids: Collection[UUID],
    due_on: date,
) -> dict[UUID, dict[str, Any]]:
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
    dict of UUID to dict
        By member, as the invoice keeps it, of accounts their keys only: direct debit from the
        account that can be used on that day, else transfer to the account with which the issuer
        collects. None while the issuer has none.
    """
    accounts = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    if issuer_id not in accounts:
        return {}
    transfer = {
        "means": PaymentMeans.TRANSFER.value,
        "account_id": str(accounts[issuer_id].id),
    }
    chosen = dict.fromkeys(member_ids, transfer)
    mandates = list_mandates(
        session, promoter_id=promoter_id, issuer_ids=[issuer_id], member_ids=member_ids
    )
    histories = read_histories(session, promoter_id=promoter_id, mandates=mandates)
    for history in reversed(histories.values()):
        _, account = history.judge(due_on)
        if account is not None:
            chosen[history.mandate.member_id] = {
                "means": PaymentMeans.DIRECT_DEBIT.value,
                "mandate": history.mandate.reference,
                "account_id": str(account.id),
            }
    return chosen


def read_payment(session: Session, invoice: Invoice, keyring: Keyring) -> Payment | None:
    """Read how an issued invoice is paid.

    Parameters
    ----------
    session : Session
        Open transaction.
    invoice : Invoice
        The invoice.
    keyring : Keyring
        What opens the account.

    Returns
    -------
    Payment or None
        As it was issued; None where it says nothing.

    Raises
    ------
    UnopenedSecretError
        If the key of the account is missing.
    """
    facts: Mapping[str, Any] | None = invoice.facts.get("payment")
    if facts is None:
        return None
    means, key, owner = PaymentMeans(facts["means"]), UUID(facts["account_id"]), invoice.promoter_id
    if means is PaymentMeans.TRANSFER:
        ours = get_creditor_account(session, promoter_id=owner, account_id=key)
        return Payment(means, invoice.due_on, open_account(keyring, ours))
    accounts = map_mandate_accounts(session, promoter_id=owner, account_ids=[key])
    iban, mandate = open_account(keyring, accounts[key]), SepaReference(facts["mandate"])
    return Payment(means, invoice.due_on, iban, mandate)
