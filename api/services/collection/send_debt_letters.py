"""Write to all who are late, but to nobody who may have paid already."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.follow_debts import Debt, follow_debts
from api.services.collection.record_payment import hold_issuer
from api.services.collection.store_debt_step import TakenStep, store_debt_step
from api.services.collection.take_debt_step import UnsaidDecisionError
from api.services.collection.waiting_receipts import WaitingReceipt, group_waiting_receipts
from api.services.communities.find_community import require_community
from models.repositories.payment_plans import map_payers
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage


@dataclass(frozen=True, slots=True)
class HeldLetter:
    """A letter that is not written: its member may have paid.

    Attributes
    ----------
    debt : Debt
        What the member is late with.
    stage : DebtStage
        Which letter is due.
    receipts : tuple of WaitingReceipt
        Money of nobody that may have paid it: assign each, or judge that it is another's.
    """

    debt: Debt
    stage: DebtStage
    receipts: tuple[WaitingReceipt, ...]


@dataclass(frozen=True, slots=True)
class DebtLetters:
    """The letters of a day.

    Attributes
    ----------
    taken : tuple of TakenStep
        Those that were written. A step without ``message_id`` is of a payer without an address,
        who has to be written to by post.
    held : tuple of HeldLetter
        Those that wait for somebody's judgement of a receipt.
    """

    taken: tuple[TakenStep, ...]
    held: tuple[HeldLetter, ...]


def send_debt_letters(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    now: datetime,
    community_id: UUID | None = None,
    last_stage: DebtStage = DebtStage.DEMAND,
    despite: Collection[UUID] = (),
) -> DebtLetters:
    """Write to all who are late and may not have paid, as far as the timeline allows today.

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
    despite : collection of UUID
        Payments of nobody that hold no letter back: somebody has judged that they are of none of
        these members.

    Returns
    -------
    DebtLetters
        One letter for each who is due one, however often this is called on a day.

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
    owner: dict[str, Any] = {"promoter_id": promoter_id, "issuer_id": issuer_id}
    debts = follow_debts(session, **owner, on=today, community_id=community_id)
    due = _choose_due(debts, last_stage, today)
    late = [debt for debt, _ in due]
    waiting = group_waiting_receipts(session, **owner, debts=late, despite=despite)
    owing = [debt.member_id for debt in late]
    payers = map_payers(session, promoter_id=promoter_id, member_ids=owing)
    taken, held = [], []
    for debt, stage in due:
        if receipts := waiting.get(debt.member_id):
            held.append(HeldLetter(debt, stage, receipts))
            continue
        payer = payers.get(debt.member_id)
        step = store_debt_step(session, issuer=issuer, debt=debt, stage=stage, payer=payer, now=now)
        taken.append(step)
    return DebtLetters(tuple(taken), tuple(held))


def _choose_due(
    debts: Iterable[Debt], last_stage: DebtStage, today: date
) -> list[tuple[Debt, DebtStage]]:
    stages = tuple(DebtStage)[: tuple(DebtStage).index(last_stage) + 1]
    return [
        (debt, debt.next_step.stage)
        for debt in debts
        if debt.next_step and debt.next_step.stage in stages and debt.next_step.from_day <= today
    ]
