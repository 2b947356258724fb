"""Store a step about a debt, with the e-mail that tells of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.services.collection.debt_letters import DebtLetter, write_debt_letter
from api.services.collection.follow_debts import Debt
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from models.regulation.nonpayment import Nonpayment, nonpayment_on
from models.repositories.invoice_lists import group_rectifying
from models.repositories.mandates import map_creditor_accounts
from models.tables import DebtStep, InvoiceIssuer, OutboxMessage, Payer
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage
from models.values.nif import Nif

_MOST_PDFS = 20


@dataclass(frozen=True, slots=True)
class TakenStep:
    """What was done about a debt.

    Attributes
    ----------
    debt : Debt
        As it stood.
    step : DebtStep
        What was stored.
    """

    debt: Debt
    step: DebtStep


def store_debt_step(
    session: Session,
    *,
    issuer: InvoiceIssuer,
    debt: Debt,
    stage: DebtStage,
    payer: Payer | None,
    now: datetime,
    because: str | None = None,
) -> TakenStep:
    """Queue the letter, if it is one and has an address, and store the step.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the issuer.
    issuer : InvoiceIssuer
        To whom it is owed.
    debt : Debt
        As it stands, its turn checked.
    stage : DebtStage
        What is done.
    payer : Payer or None
        Who pays for the member, if it is known.
    now : datetime
        The present instant.
    because : str, optional
        Why, of a decision.

    Returns
    -------
    TakenStep
    """
    today = local_day(now, LAW_CLOCK)
    message = None
    if stage.is_written and payer is not None and payer.email is not None:
        message = _queue(session, debt, stage, issuer, payer, now)
    step = DebtStep(
        promoter_id=issuer.promoter_id,
        issuer_id=debt.issuer_id,
        member_id=debt.member_id,
        stage=stage,
        taken_on=today,
        oldest_due_on=debt.oldest_due_on,
        open_cents=debt.overdue_cents,
        because=because,
        message_id=None if message is None else message.id,
        recorded_at=now,
    )
    session.add(step)
    session.flush()
    return TakenStep(debt, step)


def _queue(
    session: Session,
    debt: Debt,
    stage: DebtStage,
    issuer: InvoiceIssuer,
    payer: Payer,
    now: datetime,
) -> OutboxMessage:
    owner, today = issuer.promoter_id, local_day(now, LAW_CLOCK)
    accounts = map_creditor_accounts(session, promoter_id=owner, issuer_ids=[issuer.id])
    account = accounts.get(issuer.id)
    figure = Nonpayment.DAYS_OF_NOTICE if stage is DebtStage.NOTICE else Nonpayment.DAYS_TO_PAY
    letter = DebtLetter(
        stage=stage,
        recipient=payer.name,
        issuer=issuer.name,
        items=debt.items,
        account=None if account is None else account.masked_iban,
        pay_before=today + timedelta(days=int(nonpayment_on(today, figure).value)),
        language=payer.language,
        is_household=payer.accounting_office is None and Nif(payer.tax_number).is_natural,
        is_protected=bool(debt.protections),
    )
    subject, text = write_debt_letter(letter)
    attached = _list_documents(session, owner, debt)[:_MOST_PDFS]
    draft = MessageDraft(
        MessageKind.REMINDER,
        payer.email or "",
        payer.language,
        subject,
        text,
        attached,
        account_id=None if account is None else account.id,
    )
    key = f"{stage} {debt.issuer_id} {debt.member_id} {debt.oldest_due_on}"
    return queue_message(session, promoter_id=owner, draft=draft, idempotency_key=key, now=now)


def _list_documents(session: Session, promoter_id: UUID, debt: Debt) -> tuple[UUID, ...]:
    """List the invoices of a debt, each followed by those that correct it."""
    ids = dict.fromkeys(item.invoice_id for item in debt.items)
    rectifying = group_rectifying(session, promoter_id=promoter_id, invoice_ids=ids)
    return tuple(key for own in ids for key in (own, *(row.id for row in rectifying[own])))
