"""Queue the e-mails that carry invoices to those who pay them: one for each, ever."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.find_invoices import InvoiceFilter, page_invoices, require_run
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.outbox.message_texts import write_invoice_mail
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from models.repositories.invoice_lists import group_rectifying, map_issued
from models.repositories.invoices import map_cancellations
from models.repositories.payment_plans import map_payers
from models.tables import Invoice, OutboxMessage
from models.values.errors import InvalidArgumentError
from models.values.invoicing import Rectification
from models.values.language import Language

MOST_INVOICES = 500
"""Invoices that are named one by one; a billing run may have any number."""


class TooManyInvoicesError(InvalidArgumentError):
    """More invoices are named than one request may.

    Attributes
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} invoices are named, not 1 to {MOST_INVOICES}: name their run")
        self.count = count


class UnmailedReason(StrEnum):
    """Why an invoice is not mailed."""

    NO_ADDRESS = "no-address"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    """Another one states anew what is charged: that one is mailed."""


@dataclass(frozen=True, slots=True)
class UnmailedInvoice:
    """An invoice that nobody gets by e-mail.

    Attributes
    ----------
    invoice : Invoice
        Which.
    reason : UnmailedReason
        Why.
    replaced_by : Invoice or None
        The one that replaces it.
    """

    invoice: Invoice
    reason: UnmailedReason
    replaced_by: Invoice | None = None


@dataclass(frozen=True, slots=True)
class MailedInvoices:
    """What became of invoices that were to be mailed; each is in one list or the other.

    Attributes
    ----------
    messages : tuple of OutboxMessage
        One for each invoice that goes out, or has gone.
    unmailed : tuple of UnmailedInvoice
        Those that do not.
    """

    messages: tuple[OutboxMessage, ...]
    unmailed: tuple[UnmailedInvoice, ...]

    def __add__(self, other: Self) -> "MailedInvoices":
        """Put the lists behind each other."""
        return MailedInvoices(self.messages + other.messages, self.unmailed + other.unmailed)


def mail_invoices(
    session: Session, *, promoter_id: UUID, invoice_ids: Sequence[UUID], now: datetime
) -> MailedInvoices:
    """Queue the e-mails that carry some invoices.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_ids : sequence of UUID
        1 to 500 of them.
    now : datetime
        The present instant.

    Returns
    -------
    MailedInvoices
        In the order of the ids.

    Raises
    ------
    TooManyInvoicesError
        If there are more, or none.
    UnknownInvoiceError
        If the caller has no such invoice.
    """
    wanted = list(dict.fromkeys(invoice_ids))
    if not 1 <= len(wanted) <= MOST_INVOICES:
        raise TooManyInvoicesError(len(wanted))
    found = map_issued(session, promoter_id=promoter_id, invoice_ids=wanted)
    if missing := [key for key in wanted if key not in found]:
        raise UnknownInvoiceError(missing[0])
    return _mail(session, promoter_id, [found[key] for key in wanted], now)


def mail_billing_run(
    session: Session, *, promoter_id: UUID, run_id: UUID, now: datetime
) -> MailedInvoices:
    """Queue the e-mails that carry the invoices of a billing run.

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
    MailedInvoices
        By number.

    Raises
    ------
    UnknownRunError
        If the caller has issued no such run.
    """
    require_run(session, promoter_id=promoter_id, run_id=run_id)
    mailed = MailedInvoices((), ())
    after = None
    while True:
        page = page_invoices(
            session,
            promoter_id=promoter_id,
            wanted=InvoiceFilter(run_id=run_id),
            first=MOST_INVOICES,
            after=after,
        )
        mailed += _mail(session, promoter_id, page.items, now)
        if not page.has_next:
            return mailed
        after = page.keys[-1]


def _mail(
    session: Session, owner: UUID, invoices: Sequence[Invoice], now: datetime
) -> MailedInvoices:
    """Queue an e-mail for each invoice that can have one, and list the others."""
    ids = [invoice.id for invoice in invoices]
    cancelled = map_cancellations(session, promoter_id=owner, invoice_ids=ids)
    replacing = _map_replacing(session, owner, ids)
    member_ids = {invoice.member_id for invoice in invoices}
    payers = map_payers(session, promoter_id=owner, member_ids=member_ids)
    messages: list[OutboxMessage] = []
    unmailed: list[UnmailedInvoice] = []
    for invoice in invoices:
        payer = payers.get(invoice.member_id)
        if invoice.id in cancelled:
            unmailed.append(UnmailedInvoice(invoice, UnmailedReason.CANCELLED))
        elif by := replacing.get(invoice.id):
            unmailed.append(UnmailedInvoice(invoice, UnmailedReason.REPLACED, by))
        elif payer is None or payer.email is None:
            unmailed.append(UnmailedInvoice(invoice, UnmailedReason.NO_ADDRESS))
        else:
            messages.append(_queue(session, invoice, payer.email, now))
    return MailedInvoices(tuple(messages), tuple(unmailed))


def _map_replacing(
    session: Session, owner: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, Invoice]:
    """Find which rectifying invoices by substitution stand for others now."""
    replacing: dict[UUID, Invoice] = {}
    last = {key: key for key in invoice_ids}
    while last:
        found = group_rectifying(session, promoter_id=owner, invoice_ids=set(last.values()))
        keys = [row.id for rows in found.values() for row in rows]
        cancelled = map_cancellations(session, promoter_id=owner, invoice_ids=keys)
        following = {
            key: row for key, head in last.items() for row in found[head] if row.id not in cancelled
        }
        replacing |= {
            key: row
            for key, row in following.items()
            if row.rectification is Rectification.SUBSTITUTION
        }
        last = {key: row.id for key, row in following.items()}
    return replacing


def _queue(session: Session, invoice: Invoice, address: str, now: datetime) -> OutboxMessage:
    subject, text = write_invoice_mail(invoice)
    draft = MessageDraft(
        kind=MessageKind.INVOICE,
        recipient=address,
        language=Language(invoice.parties["recipient"]["language"]),
        subject=subject,
        text=text,
        invoice_ids=(invoice.id,),
    )
    return queue_message(
        session,
        promoter_id=invoice.promoter_id,
        draft=draft,
        idempotency_key=f"invoice:{invoice.id}",
        now=now,
    )
