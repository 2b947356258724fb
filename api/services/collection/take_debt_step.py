"""Do what the timeline of a debt allows next: write to its member, or note what was decided."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.services.collection.debt_letters import DebtLetter, write_debt_letter
from api.services.collection.follow_debts import Debt, follow_debts
from api.services.collection.record_payment import hold_issuer
from api.services.communities.find_community import require_community
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from loaders.invoice_checks import MOST_TEXT, check_text
from models.regulation.nonpayment import Nonpayment, nonpayment_on
from models.repositories.invoice_lists import group_rectifying
from models.repositories.mandates import map_creditor_accounts
from models.repositories.payment_plans import map_payers
from models.tables import DebtStep, InvoiceIssuer, OutboxMessage, Payer
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage, SupplyProtection
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.nif import Nif

_MOST_PDFS = 20


class NoDebtError(ConflictError):
    """A member is not late with anything."""

    def __init__(self, member_id: UUID) -> None:
        super().__init__("nothing is overdue of this member to this issuer")
        self.member_id = member_id


class StepOutOfTurnError(ConflictError):
    """Another step comes before, or the day of this one has not come.

    Attributes
    ----------
    stage : DebtStage
        What was asked for.
    next_stage : DebtStage or None
        What comes next; None when the last was done.
    from_day : date or None
        From when on.
    """

    def __init__(self, stage: DebtStage, debt: Debt) -> None:
        allowed = debt.next_step
        told = f"{allowed.stage} from {allowed.from_day} on" if allowed else "nothing more"
        if debt.undelivered:
            told = "nothing until the letter that was not delivered is sent again"
        super().__init__(f"{stage} is not next: the timeline allows {told}")
        self.stage = stage
        self.next_stage = allowed and allowed.stage
        self.from_day = allowed and allowed.from_day


class ProtectedSupplyError(ConflictError):
    """A supply is not cut off for a debt.

    Attributes
    ----------
    protections : frozenset of SupplyProtection
        Why.
    """

    def __init__(self, protections: frozenset[SupplyProtection]) -> None:
        named = ", ".join(sorted(protections))
        super().__init__(f"the supply is protected ({named}): collect the debt by other means")
        self.protections = protections


class UnsaidDecisionError(InvalidArgumentError):
    """A suspension or the end of a contract needs its reason, a letter has none.

    Attributes
    ----------
    stage : DebtStage
        What was asked for.
    """

    def __init__(self, stage: DebtStage) -> None:
        need = "takes no reason" if stage.is_written else "needs a reason"
        super().__init__(f"{stage} {need}")
        self.stage = stage


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


def take_debt_step(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_id: UUID,
    stage: DebtStage,
    now: datetime,
    because: str | None = None,
) -> TakenStep:
    """Do the next thing about a member's debt.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id, member_id : UUID
        To whom it is owed, and by whom.
    stage : DebtStage
        What is done: a letter is queued as an e-mail if the payer has an address; suspension and
        termination note what a person decided, and do nothing else.
    now : datetime
        The present instant.
    because : str, optional
        Why, of a decision.

    Returns
    -------
    TakenStep
        The debt and what was done.

    Raises
    ------
    UnsaidDecisionError
        If a decision has no reason, or a letter one.
    UnfitInvoiceError
        If the reason is unfit.
    UnknownIssuerError
        If the promoter has no such issuer.
    NoDebtError
        If nothing is overdue.
    ProtectedSupplyError
        If the supply may not be cut off.
    StepOutOfTurnError
        If something else comes before, or its day has not come.
    """
    if stage.is_written != (because is None):
        raise UnsaidDecisionError(stage)
    if because is not None:
        check_text("reason", because, MOST_TEXT)
    issuer = hold_issuer(session, promoter_id=promoter_id, issuer_id=issuer_id)
    today = local_day(now, LAW_CLOCK)
    found = follow_debts(
        session, promoter_id=promoter_id, on=today, issuer_id=issuer_id, member_ids=[member_id]
    )
    if not found:
        raise NoDebtError(member_id)
    debt = found[0]
    _check_turn(debt, stage, today)
    payers = map_payers(session, promoter_id=promoter_id, member_ids=[member_id])
    return _take(session, debt, stage, because, issuer, payers.get(member_id), now)


def send_debt_letters(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    now: datetime,
    community_id: UUID | None = None,
    last_stage: DebtStage = DebtStage.DEMAND,
) -> list[TakenStep]:
    """Write to all who are late, as far as the timeline allows today.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        To whom it is owed.
    now : datetime
        The present instant.
    community_id : UUID, optional
        Only in this community.
    last_stage : DebtStage
        Reminders and demands only by default; a notice of suspension has to be asked for.

    Returns
    -------
    list of TakenStep
        One letter for each who is due one, however often this is called on a day. A step without
        ``message_id`` is of a payer without an address, who has to be written to by post.

    Raises
    ------
    UnsaidDecisionError
        If the last stage is a decision, which is taken one by one.
    UnknownIssuerError, UnknownCommunityError
        If the promoter has no such issuer, or no such community.
    """
    if not last_stage.is_written:
        raise UnsaidDecisionError(last_stage)
    issuer = hold_issuer(session, promoter_id=promoter_id, issuer_id=issuer_id)
    if community_id is not None:
        require_community(session, promoter_id=promoter_id, community_id=community_id)
    today = local_day(now, LAW_CLOCK)
    debts = follow_debts(
        session,
        promoter_id=promoter_id,
        on=today,
        issuer_id=issuer_id,
        community_id=community_id,
    )
    stages = tuple(DebtStage)[: tuple(DebtStage).index(last_stage) + 1]
    due = [
        (debt, debt.next_step.stage)
        for debt in debts
        if debt.next_step and debt.next_step.stage in stages and debt.next_step.from_day <= today
    ]
    owing = [debt.member_id for debt, _ in due]
    payers = map_payers(session, promoter_id=promoter_id, member_ids=owing)
    return [
        _take(session, debt, stage, None, issuer, payers.get(debt.member_id), now)
        for debt, stage in due
    ]


def _check_turn(debt: Debt, stage: DebtStage, today: date) -> None:
    if debt.protections and not stage.is_written:
        raise ProtectedSupplyError(debt.protections)
    allowed = debt.next_step
    if allowed is None or allowed.stage is not stage or allowed.from_day > today:
        raise StepOutOfTurnError(stage, debt)


def _take(
    session: Session,
    debt: Debt,
    stage: DebtStage,
    because: str | None,
    issuer: InvoiceIssuer,
    payer: Payer | None,
    now: datetime,
) -> TakenStep:
    """Queue the letter, if it is one and has an address, and store the step."""
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
        iban=None if account is None else account.iban,
        pay_before=today + timedelta(days=int(nonpayment_on(today, figure).value)),
        language=payer.language,
        is_household=payer.accounting_office is None and Nif(payer.tax_number).is_natural,
    )
    subject, text = write_debt_letter(letter)
    attached = _list_documents(session, owner, debt)[:_MOST_PDFS]
    draft = MessageDraft(
        MessageKind.REMINDER, payer.email or "", payer.language, subject, text, attached
    )
    key = f"{stage} {debt.issuer_id} {debt.member_id} {debt.oldest_due_on}"
    return queue_message(session, promoter_id=owner, draft=draft, idempotency_key=key, now=now)


def _list_documents(session: Session, promoter_id: UUID, debt: Debt) -> tuple[UUID, ...]:
    """List the invoices of a debt, each followed by those that correct it."""
    ids = dict.fromkeys(item.invoice_id for item in debt.items)
    rectifying = group_rectifying(session, promoter_id=promoter_id, invoice_ids=ids)
    return tuple(key for own in ids for key in (own, *(row.id for row in rectifying[own])))
