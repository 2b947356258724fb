"""Let what is left of members' money pay what they owe."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.collection.settlement import Money, Settlement
from models.repositories.ledger import list_prepayments
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent


def apply_prepayments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    now: datetime,
    member_ids: Collection[UUID] | None = None,
) -> int:
    """Let what is left of members' money pay what they owe, both the oldest first.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the issuer's books.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose books.
    now : datetime
        The present instant.
    member_ids : collection of UUID, optional
        Only theirs.

    Returns
    -------
    int
        How many members had money left.
    """
    settlement, owners = _spend(session, promoter_id, issuer_id, member_ids, now)
    if settlement is not None:
        settlement.store()
    return len(owners)


def foresee_prepayments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    now: datetime,
    member_ids: Collection[UUID] | None = None,
) -> dict[tuple[UUID, date], int]:
    """Tell what ``apply_prepayments`` would leave open, and change nothing.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose books.
    now : datetime
        The present instant.
    member_ids : collection of UUID, optional
        Only theirs.

    Returns
    -------
    dict of tuple of UUID and date to int
        By invoice and due day of those who have money left [cents].
    """
    settlement, _ = _spend(session, promoter_id, issuer_id, member_ids, now)
    return {} if settlement is None else settlement.tell_left()


def _spend(
    session: Session,
    promoter_id: UUID,
    issuer_id: UUID,
    member_ids: Collection[UUID] | None,
    now: datetime,
) -> tuple[Settlement | None, set[UUID]]:
    """Let money pay in memory, and tell whose."""
    left = list_prepayments(
        session, promoter_id=promoter_id, issuer_id=issuer_id, member_ids=member_ids
    )
    owners = {payment.member_id for payment, _ in left if payment.member_id is not None}
    if not owners:
        return None, owners
    settlement = Settlement(
        session, promoter_id=promoter_id, issuer_id=issuer_id, member_ids=owners, now=now
    )
    for payment, cents in left:
        assert payment.member_id is not None, "a prepayment is a member's"
        settlement.pay(
            Money(
                payment_id=payment.id,
                member_id=payment.member_id,
                cents=cents,
                source=LedgerAccount.PREPAYMENT,
                event=LedgerEvent.APPLIED,
                posted_on=local_day(now, LAW_CLOCK),
            )
        )
    return settlement, owners
