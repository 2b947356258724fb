"""Describe debts and the letters about them as JSON values."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.follow_debts import Debt
from api.services.collection.take_debt_step import TakenStep
from models.repositories.members import map_members
from models.values.money import from_cents


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
        Days by ISO 8601, amounts as text in EUR; members by code.
    """
    codes = _name(session, promoter_id, debts)
    return [
        {
            "member": codes[debt.member_id],
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
    session: Session, *, promoter_id: UUID, taken: Sequence[TakenStep]
) -> list[dict[str, Any]]:
    """Describe what was written.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    taken : sequence of TakenStep
        What was done.

    Returns
    -------
    list of dict
        To whom, what, and whether an e-mail was queued.
    """
    codes = _name(session, promoter_id, [each.debt for each in taken])
    return [
        {
            "member": codes[each.debt.member_id],
            "stage": each.step.stage.value,
            "open_eur": str(from_cents(each.step.open_cents)),
            "is_mailed": each.step.message_id is not None,
        }
        for each in taken
    ]


def _name(session: Session, promoter_id: UUID, debts: Sequence[Debt]) -> dict[UUID, str]:
    ids = {debt.member_id for debt in debts}
    found = map_members(session, promoter_id=promoter_id, member_ids=ids)
    return {key: member.code for key, member in found.items()}
