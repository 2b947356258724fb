"""Read payments, and what of them went back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from models.repositories.page import PageRequest
from models.repositories.payments import map_returns, page_payments, sum_refunds
from models.tables import Payment


@dataclass(frozen=True, slots=True)
class GoneMoney:
    """What of a payment went back.

    Attributes
    ----------
    cents : int
        Returned or refunded [cents].
    returned_on : date or None
        Day on which the bank took it back, if it did.
    """

    cents: int = 0
    returned_on: date | None = None


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


def map_gone_money(
    session: Session, *, promoter_id: UUID, payments: Collection[Payment]
) -> dict[UUID, GoneMoney]:
    """Read what of payments went back.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    payments : collection of Payment
        Its payments.

    Returns
    -------
    dict of UUID to GoneMoney
        By payment, in two queries; a payment that the bank took back went back whole.
    """
    keys = [payment.id for payment in payments]
    returns = map_returns(session, promoter_id=promoter_id, payment_ids=keys)
    refunds = sum_refunds(session, promoter_id=promoter_id, payment_ids=keys)
    gone = {key: GoneMoney(cents) for key, cents in refunds.items()}
    for payment in payments:
        if payment.id in returns:
            gone[payment.id] = GoneMoney(payment.amount_cents, returns[payment.id].returned_on)
    return gone
