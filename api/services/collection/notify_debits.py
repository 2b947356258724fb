"""Tell payers ahead of what is going to be collected from their accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.services.collection.debit_texts import language_of, write_debit_notice
from api.services.collection.find_debit_run import require_debit_run
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from models.repositories.debits import list_run_debits
from models.repositories.invoice_lists import map_issued
from models.repositories.mandates import (
    map_creditor_accounts,
    map_mandate_accounts,
    map_mandates,
)
from models.repositories.payment_plans import map_payers
from models.tables import CreditorAccount, Debit, OutboxMessage
from models.values.calendar import LAW_CLOCK, local_day


@dataclass(frozen=True, slots=True)
class DebitNotices:
    """What became of the notices of a run; each debit stands in one of the three.

    Attributes
    ----------
    messages : tuple of OutboxMessage
        One for each debit that is told of, or was.
    unreachable : tuple of Debit
        Those whose payers have no e-mail address: tell them by letter.
    late : tuple of Debit
        Those that are collected too soon for a notice by e-mail now.
    """

    messages: tuple[OutboxMessage, ...]
    unreachable: tuple[Debit, ...]
    late: tuple[Debit, ...]


def notify_debits(
    session: Session, *, promoter_id: UUID, run_id: UUID, now: datetime
) -> DebitNotices:
    """Tell the payers of a run of what is going to be collected, each once.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.
    now : datetime
        The present instant.

    Returns
    -------
    DebitNotices
        An e-mail for each debit with amount, day, mandate, creditor and masked account, queued
        once however often this is called.

    Raises
    ------
    UnknownDebitRunError
        If the promoter has no such run.

    Notes
    -----
    14 calendar days ahead, or what the creditor account says (EPC016-06, section 4.7).
    """
    run = require_debit_run(session, promoter_id=promoter_id, run_id=run_id)
    known = list_run_debits(session, promoter_id=promoter_id, run_id=run.id)
    debits = [each.debit for each in known if not each.outcome.is_decided]
    accounts = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[run.issuer_id])
    creditor = accounts[run.issuer_id]
    last = local_day(now, LAW_CLOCK) + timedelta(days=creditor.notice_days)
    in_time = [debit for debit in debits if debit.collect_on >= last]
    messages, unreachable = _queue(session, promoter_id, in_time, creditor, now)
    late = tuple(debit for debit in debits if debit.collect_on < last)
    return DebitNotices(tuple(messages), tuple(unreachable), late)


def _queue(
    session: Session,
    owner: UUID,
    debits: Sequence[Debit],
    creditor: CreditorAccount,
    now: datetime,
) -> tuple[list[OutboxMessage], list[Debit]]:
    """Queue an e-mail for each debit whose payer has an address, and list the others."""
    members = {debit.member_id for debit in debits}
    payers = map_payers(session, promoter_id=owner, member_ids=members)
    ids = {debit.invoice_id for debit in debits}
    invoices = map_issued(session, promoter_id=owner, invoice_ids=ids)
    mandates = map_mandates(
        session, promoter_id=owner, mandate_ids={debit.mandate_id for debit in debits}
    )
    accounts = map_mandate_accounts(
        session, promoter_id=owner, account_ids={debit.account_id for debit in debits}
    )
    messages: list[OutboxMessage] = []
    unreachable: list[Debit] = []
    for debit in debits:
        payer = payers.get(debit.member_id)
        if payer is None or payer.email is None:
            unreachable.append(debit)
            continue
        invoice, mandate = invoices[debit.invoice_id], mandates[debit.mandate_id]
        account = accounts[debit.account_id]
        subject, text = write_debit_notice(debit, invoice, mandate, account, creditor.creditor_id)
        draft = MessageDraft(
            MessageKind.DEBIT_NOTICE, payer.email, language_of(invoice), subject, text
        )
        key = f"debit-notice {debit.end_to_end_id}"
        messages.append(
            queue_message(session, promoter_id=owner, draft=draft, idempotency_key=key, now=now)
        )
    return messages, unreachable
