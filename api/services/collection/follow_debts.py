"""Follow what is overdue: who owes it, since when, what was done, and what may be done next."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.collection.debt_timeline import NextStep, find_next_step
from api.services.collection.find_underway import leave_out_underway
from api.services.collection.open_items import OpenItem, open_items
from models.repositories.debts import (
    group_debt_steps,
    group_protections,
    map_letters,
)
from models.tables import DebtStep, MessageState, OutboxMessage
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage, SupplyProtection
from models.values.money import from_cents


@dataclass(frozen=True, slots=True)
class Debt:
    """What a member is late with to an issuer.

    Attributes
    ----------
    issuer_id, community_id, member_id : UUID
        To whom, where, and who.
    items : tuple of OpenItem
        What is overdue and no bank is collecting, the oldest first.
    coming : tuple of OpenItem
        What the member owes besides, in the order of its due days.
    steps : tuple of DebtStep
        What was done since the oldest was due, in order.
    undelivered : frozenset of UUID
        Which of them the member was not told of: the mail server refused their letter for good.
    protections : frozenset of SupplyProtection
        Why the member's supply is not cut off.
    next_step : NextStep or None
        What may be done next; None when nothing more may, and until an undelivered letter is sent
        again.
    """

    issuer_id: UUID
    community_id: UUID
    member_id: UUID
    items: tuple[OpenItem, ...]
    coming: tuple[OpenItem, ...]
    steps: tuple[DebtStep, ...]
    undelivered: frozenset[UUID]
    protections: frozenset[SupplyProtection]
    next_step: NextStep | None

    @property
    def overdue_cents(self) -> int:
        """All that is overdue [cents]."""
        return sum(item.open_cents for item in self.items)

    @property
    def overdue_eur(self) -> Decimal:
        """All that is overdue [EUR]."""
        return from_cents(self.overdue_cents)

    @property
    def oldest_due_on(self) -> date:
        """Due day of the oldest of it."""
        return self.items[0].due_on

    @property
    def stage(self) -> DebtStage | None:
        """What was done last."""
        return self.steps[-1].stage if self.steps else None


@dataclass(frozen=True, slots=True)
class DebtFilter:
    """Which debts; what is None does not matter.

    Attributes
    ----------
    stage, next_stage : DebtStage, optional
        What was done last, and what may be done next.
    is_due : bool, optional
        Whether the next may be done already.
    is_protected : bool, optional
        Whether the supply is not cut off.
    """

    stage: DebtStage | None = None
    next_stage: DebtStage | None = None
    is_due: bool | None = None
    is_protected: bool | None = None

    def passes(self, debt: Debt, on: date) -> bool:
        """Tell whether a debt is one of them on a local day."""
        following = debt.next_step
        return (
            self.stage in (None, debt.stage)
            and self.next_stage in (None, following and following.stage)
            and self.is_due in (None, following is not None and following.from_day <= on)
            and self.is_protected in (None, bool(debt.protections))
        )


EVERY_DEBT = DebtFilter()


def follow_debts(
    session: Session,
    *,
    promoter_id: UUID,
    on: date,
    issuer_id: UUID | None = None,
    community_id: UUID | None = None,
    member_ids: Collection[UUID] | None = None,
    wanted: DebtFilter = EVERY_DEBT,
) -> list[Debt]:
    """List what members are late with.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    on : date
        Local day; what is due on it is not late yet.
    issuer_id, community_id : UUID, optional
        Only what is owed to one issuer, in one community.
    member_ids : collection of UUID, optional
        Only what these members owe.
    wanted : DebtFilter
        Only these.

    Returns
    -------
    list of Debt
        The oldest first, in five queries; what a bank is collecting is left out.
    """
    items = open_items(
        session,
        promoter_id,
        on=on,
        issuer_id=issuer_id,
        community_id=community_id,
        member_ids=member_ids,
    )
    overdue = [item for item in items if item.due_on < on]
    coming: defaultdict[tuple[UUID, UUID], list[OpenItem]] = defaultdict(list)
    for item in items:
        if item.due_on >= on:
            coming[item.issuer_id, item.member_id].append(item)
    late: defaultdict[tuple[UUID, UUID], list[OpenItem]] = defaultdict(list)
    for item in leave_out_underway(session, promoter_id=promoter_id, items=overdue, on=on):
        late[item.issuer_id, item.member_id].append(item)
    owing = {member_id for _, member_id in late}
    steps = group_debt_steps(session, promoter_id=promoter_id, member_ids=owing)
    letters = map_letters(session, promoter_id=promoter_id, member_ids=owing)
    protections = group_protections(session, promoter_id=promoter_id, member_ids=owing, on=on)
    found = (
        _describe(
            held,
            coming.get((issuer_id, member_id), ()),
            steps.get(member_id, ()),
            letters,
            frozenset(each.protection for each in protections.get(member_id, ())),
        )
        for (issuer_id, member_id), held in late.items()
    )
    return [debt for debt in found if wanted.passes(debt, on)]


def _describe(
    items: Sequence[OpenItem],
    coming: Sequence[OpenItem],
    steps: Sequence[DebtStep],
    letters: Mapping[UUID, OutboxMessage],
    protections: frozenset[SupplyProtection],
) -> Debt:
    """Count the steps that were taken since the oldest item was due."""
    first = items[0]
    counted = tuple(
        step for step in steps if step.issuer_id == first.issuer_id and step.taken_on > first.due_on
    )
    undelivered = frozenset(
        step.id
        for step in counted
        if step.id in letters and letters[step.id].state is MessageState.FAILED
    )
    taken = {step.stage: _told_on(step, letters.get(step.id)) for step in counted}
    following = None if undelivered else find_next_step(first.due_on, taken)
    return Debt(
        issuer_id=first.issuer_id,
        community_id=first.community_id,
        member_id=first.member_id,
        items=tuple(items),
        coming=tuple(coming),
        steps=counted,
        undelivered=undelivered,
        protections=protections,
        next_step=_limit(following, protections),
    )


def _told_on(step: DebtStep, letter: OutboxMessage | None) -> date:
    """Count a letter that was sent again from that day on."""
    if letter is None:
        return step.taken_on
    return max(step.taken_on, local_day(letter.requested_at, LAW_CLOCK))


def _limit(step: NextStep | None, protections: Collection[SupplyProtection]) -> NextStep | None:
    """Let a protected supply be asked to pay, and nothing more."""
    return None if step and protections and step.stage.cuts_off else step
