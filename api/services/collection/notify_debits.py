"""Tell payers ahead of what is going to be collected from their accounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from models.tables import (
    CreditorAccount,
    Debit,
    Invoice,
    Mandate,
    MandateAccount,
    OutboxMessage,
)
from models.values.calendar import LAW_CLOCK, local_day

_AccountDay = tuple[UUID, UUID, date]
"""Mandate, account and day of debits that a payer is told of together."""


@dataclass(frozen=True, slots=True)
class DebitNotices:
    """What became of the notices of a run; each debit stands in one of the three.

    Attributes
    ----------
    messages : tuple of OutboxMessage
        One for each account and day of debits that are told of, or were.
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
        An e-mail for each account and day with the sum and each invoice's amount, mandate,
        creditor and masked account, queued once however often this is called.

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
    keys = _name_notices(each.debit for each in known)
    messages, unreachable = _queue(session, promoter_id, in_time, keys, creditor, now)
    late = tuple(debit for debit in debits if debit.collect_on < last)
    return DebitNotices(tuple(messages), tuple(unreachable), late)


def _find_account_day(debit: Debit) -> _AccountDay:
    return debit.mandate_id, debit.account_id, debit.collect_on


def _name_notices(debits: Iterable[Debit]) -> dict[_AccountDay, str]:
    """Name each notice by the first of its debits, decided or not: it is sent once."""
    firsts: dict[_AccountDay, str] = {}
    for debit in debits:
        place = _find_account_day(debit)
        firsts[place] = min(debit.end_to_end_id, firsts.get(place, debit.end_to_end_id))
    return {place: f"debit-notice {first}" for place, first in firsts.items()}


def _queue(
    session: Session,
    owner: UUID,
    debits: Sequence[Debit],
    keys: Mapping[_AccountDay, str],
    creditor: CreditorAccount,
    now: datetime,
) -> tuple[list[OutboxMessage], list[Debit]]:
    """Queue an e-mail for each account and day whose payer has an address; list other debits."""
    members = {debit.member_id for debit in debits}
    payers = map_payers(session, promoter_id=owner, member_ids=members)
    drafts = _Drafts.read(session, owner, debits, creditor.creditor_id)
    groups: defaultdict[_AccountDay, list[Debit]] = defaultdict(list)
    for debit in debits:
        groups[_find_account_day(debit)].append(debit)
    messages: list[OutboxMessage] = []
    unreachable: list[Debit] = []
    for place, group in groups.items():
        payer = payers.get(group[0].member_id)
        if payer is None or payer.email is None:
            unreachable += group
            continue
        draft = drafts.write(group, payer.email)
        message = queue_message(
            session, promoter_id=owner, draft=draft, idempotency_key=keys[place], now=now
        )
        messages.append(message)
    return messages, unreachable


@dataclass(frozen=True, slots=True)
class _Drafts:
    """What the notices of some debits tell, read in three queries."""

    invoices: Mapping[UUID, Invoice]
    mandates: Mapping[UUID, Mandate]
    accounts: Mapping[UUID, MandateAccount]
    creditor_id: str

    @classmethod
    def read(
        cls, session: Session, owner: UUID, debits: Sequence[Debit], creditor_id: str
    ) -> "_Drafts":
        ids = {debit.invoice_id for debit in debits}
        mandates = {debit.mandate_id for debit in debits}
        accounts = {debit.account_id for debit in debits}
        return cls(
            map_issued(session, promoter_id=owner, invoice_ids=ids),
            map_mandates(session, promoter_id=owner, mandate_ids=mandates),
            map_mandate_accounts(session, promoter_id=owner, account_ids=accounts),
            creditor_id,
        )

    def write(self, debits: Sequence[Debit], recipient: str) -> MessageDraft:
        """Write the e-mail about the debits of one account and day, by what they collect."""
        told = [(debit, self.invoices[debit.invoice_id]) for debit in debits]
        told.sort(key=lambda each: (each[1].issued_on, each[1].full_number, each[0].due_on))
        first = debits[0]
        subject, text = write_debit_notice(
            told,
            self.mandates[first.mandate_id],
            self.accounts[first.account_id],
            self.creditor_id,
        )
        language = language_of(told[-1][1])
        return MessageDraft(MessageKind.DEBIT_NOTICE, recipient, language, subject, text)
