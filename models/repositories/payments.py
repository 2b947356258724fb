"""Payments, and what came back of them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.ledger import Payment, PaymentRefund, PaymentReturn
from models.tables.mandates import Debit, DebitRun, Mandate, MandateAccount
from models.values.listing import EVERYTHING, ListWish

_NEWEST = Listing(Payment, parent="issuer_id", order="recorded_at", newest_first=True)
_KEYS_AT_ONCE = 10_000


def get_payment(session: Session, *, promoter_id: UUID, payment_id: UUID) -> Payment | None:
    """Read one payment."""
    found = map_payments(session, promoter_id=promoter_id, payment_ids=[payment_id])
    return found.get(payment_id)


def map_payments(
    session: Session, *, promoter_id: UUID, payment_ids: Collection[UUID]
) -> dict[UUID, Payment]:
    """Read payments by id."""
    return map_by_key(session, Payment, payment_ids, promoter_id=promoter_id)


def map_payments_by_key(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, source_keys: Collection[str]
) -> dict[str, Payment]:
    """Read the payments that are known by some keys."""
    keys = list(source_keys)
    found: dict[str, Payment] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        rows = select(Payment).where(
            Payment.promoter_id == promoter_id,
            Payment.issuer_id == issuer_id,
            col(Payment.source_key).in_(keys[start : start + _KEYS_AT_ONCE]),
        )
        found |= {payment.source_key: payment for payment in session.exec(rows)}
    return found


def list_file_payments(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, days: Collection[date]
) -> list[Payment]:
    """Read what banks' files told to have come in on some days, in the order of recording."""
    if not days:
        return []
    rows = select(Payment).where(
        Payment.promoter_id == promoter_id,
        Payment.issuer_id == issuer_id,
        col(Payment.received_on).between(min(days), max(days)),
        col(Payment.source_key).startswith("bank "),
    )
    return list(session.exec(rows.order_by(col(Payment.source_key))))


def map_payments_by_debit(
    session: Session, *, promoter_id: UUID, debit_ids: Collection[UUID]
) -> dict[UUID, Payment]:
    """Read the payments that debits collected, by debit."""
    return map_by_key(session, Payment, debit_ids, promoter_id=promoter_id, key="debit_id")


def find_return(session: Session, *, promoter_id: UUID, payment_id: UUID) -> PaymentReturn | None:
    """Read how a payment came back, if it did."""
    return map_returns(session, promoter_id=promoter_id, payment_ids=[payment_id]).get(payment_id)


def map_returns(
    session: Session, *, promoter_id: UUID, payment_ids: Collection[UUID]
) -> dict[UUID, PaymentReturn]:
    """Read which payments came back, by payment."""
    key = "payment_id"
    return map_by_key(session, PaymentReturn, payment_ids, promoter_id=promoter_id, key=key)


def find_refund(
    session: Session, *, promoter_id: UUID, payment_id: UUID, source_key: str
) -> PaymentRefund | None:
    """Read what was paid back of a payment under a key."""
    rows = select(PaymentRefund).where(
        PaymentRefund.promoter_id == promoter_id,
        PaymentRefund.payment_id == payment_id,
        PaymentRefund.source_key == source_key,
    )
    return session.exec(rows).one_or_none()


def sum_refunds(
    session: Session, *, promoter_id: UUID, payment_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Sum what was paid back of payments, in cents, by payment."""
    rows = (
        select(PaymentRefund.payment_id, func.sum(PaymentRefund.amount_cents))
        .where(
            PaymentRefund.promoter_id == promoter_id,
            col(PaymentRefund.payment_id).in_(payment_ids),
        )
        .group_by(col(PaymentRefund.payment_id))
    )
    return {key: int(cents) for key, cents in session.exec(rows)}


def map_account_members(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, indexes: Collection[bytes]
) -> dict[bytes, set[UUID]]:
    """Read which members have mandates on accounts, or have paid from them, by its index."""
    signed = (
        select(MandateAccount.iban_index, Mandate.member_id)
        .join(Mandate, col(Mandate.id) == MandateAccount.mandate_id)
        .where(
            Mandate.promoter_id == promoter_id,
            Mandate.issuer_id == issuer_id,
            col(MandateAccount.iban_index).in_(indexes),
        )
    )
    paid = select(Payment.payer_iban_index, Payment.member_id).where(
        Payment.promoter_id == promoter_id,
        Payment.issuer_id == issuer_id,
        col(Payment.member_id).is_not(None),
        col(Payment.payer_iban_index).in_(indexes),
    )
    found: defaultdict[bytes, set[UUID]] = defaultdict(set)
    for index, member_id in [*session.exec(signed), *session.exec(paid)]:
        if index is not None and member_id is not None:
            found[index].add(member_id)
    return found


def map_named_runs(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, references: Collection[str]
) -> dict[UUID, str]:
    """Read the issuer's files that references name, of file, batch or debit: message by id."""
    named = list(references)
    found: dict[UUID, str] = {}
    for start in range(0, len(named), _KEYS_AT_ONCE):
        part = named[start : start + _KEYS_AT_ONCE]
        rows = (
            select(DebitRun.id, DebitRun.message_id)
            .join(Debit, col(Debit.run_id) == DebitRun.id)
            .where(
                DebitRun.promoter_id == promoter_id,
                DebitRun.issuer_id == issuer_id,
                or_(
                    col(DebitRun.message_id).in_(part),
                    col(Debit.payment_information_id).in_(part),
                    col(Debit.end_to_end_id).in_(part),
                ),
            )
            .distinct()
        )
        found |= dict(session.exec(rows).all())
    return found


def page_payments(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[Payment]]:
    """Read the same page of many issuers' payments, newest first."""
    return _NEWEST.read_pages(
        session, col(Payment.promoter_id) == promoter_id, parent_ids=issuer_ids, request=request
    )


def count_payments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the payments of many issuers."""
    tenant = col(Payment.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=issuer_ids, wish=wish)
