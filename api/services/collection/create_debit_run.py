"""Make a file of direct debits for the bank: each open amount in one of them only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.collection.apply_prepayments import apply_prepayments
from api.services.collection.debit_texts import write_remittance
from api.services.collection.notify_debits import DebitNotices, notify_debits
from api.services.collection.open_account import open_account
from api.services.collection.plan_debits import PlannedDebit
from api.services.collection.prepare_debits import DebitPreview, DebitRunWish, prepare_debits
from api.services.collection.sealed_files import seal_file
from api.services.invoices.payment_plans import UnknownIssuerError
from loaders.sepa.direct_debits import Creditor, DirectDebit, DirectDebitFile
from loaders.sepa.pain008 import write_pain008
from models.keyring import Keyring
from models.repositories.debits import add_debits, find_debit_run
from models.repositories.invoice_lists import map_issued
from models.repositories.payment_plans import lock_issuers
from models.tables import DebitRun, Invoice
from models.values.creditor_id import CreditorId
from models.values.direct_debits import SequenceType
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.sepa_reference import SepaReference

_LONGEST_KEY = 100


class NothingToCollectError(ConflictError):
    """No open item can be collected by direct debit.

    Attributes
    ----------
    left_count : int
        Items that are due by that day and cannot be.
    """

    def __init__(self, left_count: int) -> None:
        super().__init__(
            f"there is nothing to collect: {left_count} items are due by that day, and the preview"
            " says of each why it cannot be"
        )
        self.left_count = left_count


class UnfitDebitKeyError(InvalidArgumentError):
    """A run of debits cannot be named so.

    Attributes
    ----------
    most : int
        Most characters.
    """

    def __init__(self) -> None:
        super().__init__(f"a run of debits needs a key of 1 to {_LONGEST_KEY} characters")
        self.most = _LONGEST_KEY


class SameDebitKeyError(ConflictError):
    """A run of that key was asked for with something else.

    Attributes
    ----------
    idempotency_key : str
        The key.
    """

    def __init__(self, idempotency_key: str) -> None:
        super().__init__(
            f"the key {idempotency_key} was used for another run of debits: choose another one"
        )
        self.idempotency_key = idempotency_key


@dataclass(frozen=True, slots=True)
class MadeDebitRun:
    """A run of debits and what became of its notices.

    Attributes
    ----------
    run : DebitRun
        With its file.
    notices : DebitNotices
        Who is told of it, and who is not.
    """

    run: DebitRun
    notices: DebitNotices


def create_debit_run(
    session: Session,
    *,
    promoter_id: UUID,
    wish: DebitRunWish,
    idempotency_key: str,
    keyring: Keyring,
    now: datetime,
) -> MadeDebitRun:
    """Make a file of direct debits, and tell the payers.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : DebitRunWish
        What is to be collected.
    idempotency_key : str
        The same key gives the same run; at most 100 characters.
    keyring : Keyring
        What opens the accounts and seals the file.
    now : datetime
        The present instant.

    Returns
    -------
    MadeDebitRun
        The run; an open amount stands in no other one that is not decided, and what is left of
        members' money has paid before.

    Raises
    ------
    UnfitDebitKeyError
        If the key is blank, too long or unprintable.
    SameDebitKeyError
        If the key was used for another run.
    NothingToCollectError
        If no item can be collected.
    UnfitDebitsError
        If a bank would not take one of them.
    UnknownIssuerError, NoCreditorAccountError, CollectionDayError
        As ``prepare_debits``.

    Notes
    -----
    Whoever makes a run holds the issuer's row until the transaction ends, so that two runs that
    are made at once see each other; the database lets an amount have one debit of each attempt.
    """
    if not (idempotency_key.isprintable() and 1 <= len(idempotency_key.strip()) <= _LONGEST_KEY):
        raise UnfitDebitKeyError
    if not lock_issuers(session, promoter_id=promoter_id, issuer_ids=[wish.issuer_id]):
        raise UnknownIssuerError(wish.issuer_id)
    run = find_debit_run(session, promoter_id=promoter_id, idempotency_key=idempotency_key)
    if run is None:
        apply_prepayments(
            session,
            promoter_id=promoter_id,
            issuer_id=wish.issuer_id,
            now=now,
            member_ids=wish.member_ids,
        )
        preview = prepare_debits(session, promoter_id=promoter_id, wish=wish, now=now)
        if not preview.collected:
            raise NothingToCollectError(len(preview.left))
        run = _store(session, preview, wish, idempotency_key, keyring, now)
    elif run.request != wish.as_document():
        raise SameDebitKeyError(idempotency_key)
    notices = notify_debits(session, promoter_id=promoter_id, run_id=run.id, now=now)
    return MadeDebitRun(run, notices)


def _store(
    session: Session,
    preview: DebitPreview,
    wish: DebitRunWish,
    key: str,
    keyring: Keyring,
    now: datetime,
) -> DebitRun:
    """Write the file and store it with its debits."""
    owner = preview.issuer.promoter_id
    ids = {each.item.invoice_id for each in preview.collected}
    invoices = map_issued(session, promoter_id=owner, invoice_ids=ids)
    debits = [
        _describe(each, invoices[each.item.invoice_id], keyring) for each in preview.collected
    ]
    message_id = SepaReference(f"{now:%Y%m%d}-{uuid4().hex[:16]}".upper())
    file = write_pain008(
        _describe_creditor(preview, keyring),
        debits,
        message_id=message_id,
        created_at=now,
        version=preview.creditor.pain_version,
    )
    run_id = uuid4()
    run = DebitRun(
        id=run_id,
        promoter_id=owner,
        issuer_id=preview.issuer.id,
        message_id=message_id,
        pain_version=preview.creditor.pain_version,
        idempotency_key=key,
        request=wish.as_document(),
        debit_count=len(debits),
        total_cents=file.total_cents,
        sealed_content=seal_file(keyring, file.content, run_id=run_id),
        created_at=now,
    )
    session.add(run)
    session.flush()
    add_debits(session, _list_rows(run, preview.collected, debits, file))
    return run


def _describe_creditor(preview: DebitPreview, keyring: Keyring) -> Creditor:
    account = preview.creditor
    return Creditor(
        name=preview.issuer.name,
        iban=open_account(keyring, account),
        creditor_id=CreditorId(account.creditor_id),
        bic=account.bic,
    )


def _describe(planned: PlannedDebit, invoice: Invoice, keyring: Keyring) -> DirectDebit:
    """Give a debit as the file takes it, with a reference that no other bears."""
    return DirectDebit(
        end_to_end_id=SepaReference(uuid4().hex.upper()),
        mandate_id=SepaReference(planned.mandate.reference),
        mandate_signed_on=planned.mandate.signed_on,
        debtor_name=planned.account.holder,
        iban=open_account(keyring, planned.account),
        amount_cents=planned.item.open_cents,
        remittance=write_remittance(invoice),
        sequence=planned.sequence,
        collect_on=planned.collect_on,
        is_amended=planned.is_amended,
    )


def _list_rows(
    run: DebitRun,
    planned: Sequence[PlannedDebit],
    debits: Sequence[DirectDebit],
    file: DirectDebitFile,
) -> list[dict[str, Any]]:
    """List the rows of the debits, each with the batch of the file that it stands in."""
    batches: Mapping[tuple[date, SequenceType], str] = {
        (batch.collect_on, batch.sequence): batch.payment_information_id for batch in file.batches
    }
    return [
        {
            "id": UUID(debit.end_to_end_id),
            "promoter_id": run.promoter_id,
            "run_id": run.id,
            "mandate_id": plan.mandate.id,
            "account_id": plan.account.id,
            "member_id": plan.item.member_id,
            "invoice_id": plan.item.invoice_id,
            "due_on": plan.item.due_on,
            "attempt": plan.attempt,
            "end_to_end_id": debit.end_to_end_id,
            "payment_information_id": batches[debit.collect_on, debit.sequence],
            "sequence": debit.sequence,
            "collect_on": debit.collect_on,
            "amount_cents": debit.amount_cents,
        }
        for plan, debit in zip(planned, debits, strict=True)
    ]
