"""Read payments, and who is behind them."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session

from models.repositories.members import map_members
from models.repositories.page import PageRequest
from models.repositories.payments import page_payments
from models.tables import Member, Payment


def list_payments(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, limit: int
) -> tuple[Payment, ...]:
    """Read the newest payments to an issuer.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id, issuer_id : UUID
        The tenant, and to whom.
    limit : int
        How many at most.

    Returns
    -------
    tuple of Payment
        Newest first.
    """
    pages = page_payments(
        session, promoter_id=promoter_id, issuer_ids=[issuer_id], request=PageRequest(limit)
    )
    return pages[issuer_id].items


def map_named_members(
    session: Session, *, promoter_id: UUID, member_ids: Iterable[UUID | None]
) -> dict[UUID, Member]:
    """Read the members that something names.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    member_ids : iterable of UUID or None
        Who; None for nobody.

    Returns
    -------
    dict of UUID to Member
    """
    named = {key for key in member_ids if key is not None}
    return map_members(session, promoter_id=promoter_id, member_ids=named)
