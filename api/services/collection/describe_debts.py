"""Describe debts and the letters about them as JSON values."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.follow_debts import Debt
from api.services.collection.named_members import map_named_members
from api.services.collection.send_debt_letters import DebtLetters
from api.services.collection.waiting_receipts import WaitingReceipt


def describe_debts(
    session: Session, *, promoter_id: UUID, debts: Sequence[Debt]
) -> list[dict[str, Any]]:
    """Describe what members are late with.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    debts : sequence of Debt
        Those.

    Returns
    -------
    list of dict
        Days by ISO 8601, amounts as text in EUR; members by code and name.
    """
    members = map_named_members(
        session, promoter_id=promoter_id, member_ids=[debt.member_id for debt in debts]
    )
    return [
        {
            "member": members[debt.member_id].code,
            "name": members[debt.member_id].name,
            "oldest_due_on": debt.oldest_due_on.isoformat(),
            "overdue_eur": str(debt.overdue_eur),
            "invoices": [
                {
                    "number": item.number,
                    "due_on": item.due_on.isoformat(),
                    "open_eur": str(item.open_eur),
                }
                for item in debt.items
            ],
            "steps": [
                {
                    "stage": step.stage.value,
                    "taken_on": step.taken_on.isoformat(),
                    "is_undelivered": step.id in debt.undelivered,
                }
                for step in debt.steps
            ],
            "stage": debt.stage,
            "next_stage": debt.next_step and debt.next_step.stage.value,
            "next_from": debt.next_step and debt.next_step.from_day.isoformat(),
            "protections": sorted(debt.protections),
        }
        for debt in debts
    ]


def describe_letters(
    session: Session, *, promoter_id: UUID, letters: DebtLetters
) -> list[dict[str, Any]]:
    """Describe what was written, and what is held back.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    letters : DebtLetters
        Those of a day.

    Returns
    -------
    list of dict
        To whom, what, whether an e-mail was queued, and the receipts that hold a letter back; what
        was written comes first.
    """
    debts = [each.debt for each in letters.taken] + [each.debt for each in letters.held]
    members = map_named_members(
        session, promoter_id=promoter_id, member_ids=[debt.member_id for debt in debts]
    )
    rows: list[dict[str, Any]] = [
        {
            "stage": each.step.stage.value,
            "is_mailed": each.step.message_id is not None,
            "held_by": [],
        }
        for each in letters.taken
    ] + [
        {
            "stage": each.stage.value,
            "is_mailed": False,
            "held_by": [_describe_receipt(receipt) for receipt in each.receipts],
        }
        for each in letters.held
    ]
    return [
        {
            "member": members[debt.member_id].code,
            "name": members[debt.member_id].name,
            "open_eur": str(debt.overdue_eur),
            **row,
        }
        for debt, row in zip(debts, rows, strict=True)
    ]


def _describe_receipt(receipt: WaitingReceipt) -> dict[str, Any]:
    return {
        "payment": str(receipt.payment_id),
        "received_on": receipt.received_on.isoformat(),
        "amount_eur": str(receipt.left_eur),
        "payer": receipt.payer,
        "reference": receipt.reference,
        "clues": [clue.value for clue in receipt.clues],
    }
