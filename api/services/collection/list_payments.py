"""Read payments."""

from uuid import UUID

from sqlmodel import Session

from models.repositories.page import PageRequest
from models.repositories.payments import page_payments
from models.tables import Payment


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
