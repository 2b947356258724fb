"""Do what the timeline of a debt allows next: write to its member, or note what was decided."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.follow_debts import Debt, follow_debts
from api.services.collection.record_payment import hold_issuer
from api.services.collection.store_debt_step import TakenStep, store_debt_step
from api.services.collection.waiting_receipts import WaitingReceipt, group_waiting_receipts
from loaders.invoice_checks import MOST_TEXT, check_text
from models.repositories.payment_plans import map_payers
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage, SupplyProtection
from models.values.errors import ConflictError, InvalidArgumentError


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


class WaitingReceiptsError(ConflictError):
    """Money of nobody may have paid a debt.

    Attributes
    ----------
    receipts : tuple of WaitingReceipt
        Which.
    """

    def __init__(self, receipts: Sequence[WaitingReceipt]) -> None:
        self.receipts = tuple(receipts)
        self.payments = tuple(
            f"{each.left_eur} EUR, {each.received_on} ({each.payment_id})" for each in receipts
        )
        super().__init__(
            f"receipts that nobody has assigned may have paid this: {', '.join(self.payments)};"
            " assign each to whoever paid, or name those that are not the member's"
        )


class UnsaidDecisionError(InvalidArgumentError):
    """A suspension or the end of a contract needs its reason, a letter has none.

    Attributes
    ----------
    stage : DebtStage
        What was asked for.
    reason : str
        Whether it needs a reason or takes none.
    """

    def __init__(self, stage: DebtStage) -> None:
        need = "takes no reason" if stage.is_written else "needs a reason"
        super().__init__(f"{stage} {need}")
        self.stage = stage
        self.reason = need


def take_debt_step(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_id: UUID,
    stage: DebtStage,
    now: datetime,
    because: str | None = None,
    despite: Collection[UUID] = (),
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
    despite : collection of UUID
        Payments of nobody that keep nothing from being done: somebody has judged that they are
        not this member's.

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
        If the supply may not be cut off, nor that be announced.
    StepOutOfTurnError
        If something else comes before, or its day has not come.
    WaitingReceiptsError
        If money of nobody may have paid it.
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
    waiting = group_waiting_receipts(
        session, promoter_id=promoter_id, issuer_id=issuer_id, debts=[debt], despite=despite
    )
    if receipts := waiting.get(member_id):
        raise WaitingReceiptsError(receipts)
    payer = map_payers(session, promoter_id=promoter_id, member_ids=[member_id]).get(member_id)
    return store_debt_step(
        session, issuer=issuer, debt=debt, stage=stage, payer=payer, now=now, because=because
    )


def _check_turn(debt: Debt, stage: DebtStage, today: date) -> None:
    if debt.protections and stage.cuts_off:
        raise ProtectedSupplyError(debt.protections)
    allowed = debt.next_step
    if allowed is None or allowed.stage is not stage or allowed.from_day > today:
        raise StepOutOfTurnError(stage, debt)
