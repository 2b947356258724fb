"""Entries of the books: what is owed, paid and left over, always as sums of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, or_
from sqlmodel import Session, col, func, select

from models.repositories.page import Listing, Page, PageRequest
from models.tables.invoices import Invoice
from models.tables.ledger import Instalment, LedgerEntry, Payment
from models.tables.mandates import Debit
from models.tables.members import Member
from models.values.ledger import LedgerAccount, LedgerEvent
from models.values.listing import EVERYTHING, ListWish

_NEWEST = Listing(LedgerEntry, parent="issuer_id", order="posted_at", newest_first=True)
_NUMBERS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries are wanted; every condition that is not None holds for all of them."""

    issuer_id: UUID | None = None
    community_id: UUID | None = None
    member_id: UUID | None = None
    invoice_id: UUID | None = None
    payment_id: UUID | None = None
    event: LedgerEvent | None = None
    account: LedgerAccount | None = None
    """On either side."""
    since: date | None = None
    """Posted for this local day or later."""
    until: date | None = None
    """Posted for a local day before this one."""


class OwedRow(NamedTuple):
    """What a part of the entries of an invoice leaves open: those of debits of one due day."""

    invoice: Invoice
    community_id: UUID
    debited_due_on: date | None
    """Due day that its direct debits collected; null for all other entries."""
    open_cents: int
    returned_count: int


def read_owed(
    session: Session,
    *,
    promoter_id: UUID,
    on: date,
    issuer_id: UUID | None = None,
    community_id: UUID | None = None,
    member_ids: Collection[UUID] | None = None,
    invoice_ids: Collection[UUID] | None = None,
) -> tuple[list[OwedRow], dict[UUID, list[Instalment]]]:
    """Read in one query what entries up to a day leave open, and the instalments agreed by then.

    Invoices of which nothing is open are left out.
    """
    conditions = [col(LedgerEntry.promoter_id) == promoter_id, col(LedgerEntry.posted_on) <= on]
    if issuer_id is not None:
        conditions.append(col(LedgerEntry.issuer_id) == issuer_id)
    if member_ids is not None:
        conditions.append(col(LedgerEntry.member_id).in_(member_ids))
    if invoice_ids is not None:
        conditions.append(col(LedgerEntry.invoice_id).in_(invoice_ids))
    owed = _sum_receivables(conditions)
    newest = _find_newest_agreements(promoter_id, on)
    rows = (
        select(  # type: ignore[call-overload]
            Invoice, Member.community_id, owed.c.due_on, owed.c.cents, owed.c.returned, Instalment
        )
        .join(owed, owed.c.invoice_id == Invoice.id)
        .join(Member, col(Member.id) == Invoice.member_id)
        .outerjoin(newest, newest.c.invoice_id == Invoice.id)
        .outerjoin(
            Instalment,
            and_(
                col(Instalment.invoice_id) == newest.c.invoice_id,
                col(Instalment.agreement) == newest.c.agreement,
            ),
        )
        .where(owed.c.total != 0)
        .order_by(
            col(Invoice.due_on), col(Invoice.full_number), owed.c.due_on, col(Instalment.position)
        )
    )
    if community_id is not None:
        rows = rows.where(Member.community_id == community_id)
    found: dict[tuple[UUID, date | None], OwedRow] = {}
    agreed: defaultdict[UUID, dict[int, Instalment]] = defaultdict(dict)
    for invoice, community, due_on, cents, returned, instalment in session.exec(rows):
        found[invoice.id, due_on] = OwedRow(invoice, community, due_on, int(cents), int(returned))
        if instalment is not None:
            agreed[invoice.id][instalment.position] = instalment
    return list(found.values()), {key: list(parts.values()) for key, parts in agreed.items()}


def _sum_receivables(conditions: list[ColumnElement[bool]]) -> Subquery:
    """Sum the receivable of each invoice, apart what debits of one due day collected."""
    moved = _signed(LedgerAccount.RECEIVABLE)
    is_returned = case((col(LedgerEntry.event) == LedgerEvent.RETURNED, 1), else_=0)
    keys = (col(LedgerEntry.invoice_id), col(Debit.due_on))
    sums: Subquery = (
        select(  # type: ignore[call-overload]
            keys[0],
            keys[1],
            func.sum(moved).label("cents"),
            func.sum(is_returned).label("returned"),
            func.sum(func.sum(moved)).over(partition_by=keys[0]).label("total"),
        )
        .select_from(LedgerEntry)
        .outerjoin(Payment, col(Payment.id) == LedgerEntry.payment_id)
        .outerjoin(Debit, and_(col(Debit.id) == Payment.debit_id, col(Debit.invoice_id) == keys[0]))
        .where(*conditions, _touches(LedgerAccount.RECEIVABLE))
        .group_by(*keys)
        .subquery()
    )
    return sums


def _find_newest_agreements(promoter_id: UUID, on: date) -> Subquery:
    return (
        select(Instalment.invoice_id, func.max(Instalment.agreement).label("agreement"))
        .where(Instalment.promoter_id == promoter_id, col(Instalment.agreed_on) <= on)
        .group_by(col(Instalment.invoice_id))
        .subquery()
    )


def _signed(account: LedgerAccount) -> ColumnElement[int]:
    """Count debits of an account above zero and credits below."""
    amount = col(LedgerEntry.amount_cents)
    return case((col(LedgerEntry.debit) == account, amount), else_=-amount)


def _touches(account: LedgerAccount) -> ColumnElement[bool]:
    return or_(col(LedgerEntry.debit) == account, col(LedgerEntry.credit) == account)


def list_entries(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_ids: Collection[UUID] = (),
    payment_ids: Collection[UUID] = (),
) -> list[LedgerEntry]:
    """Read the entries of some invoices or payments, as they were posted."""
    rows = (
        select(LedgerEntry)
        .where(
            LedgerEntry.promoter_id == promoter_id,
            or_(
                col(LedgerEntry.invoice_id).in_(invoice_ids),
                col(LedgerEntry.payment_id).in_(payment_ids),
            ),
        )
        .order_by(col(LedgerEntry.posted_at), col(LedgerEntry.id))
    )
    return list(session.exec(rows))


def find_entries(
    session: Session, *, promoter_id: UUID, wanted: EntryFilter, limit: int
) -> list[LedgerEntry]:
    """Read the newest entries that are wanted."""
    rows = select(LedgerEntry).where(LedgerEntry.promoter_id == promoter_id)
    for name in ("issuer_id", "member_id", "invoice_id", "payment_id", "event"):
        if (value := getattr(wanted, name)) is not None:
            rows = rows.where(getattr(LedgerEntry, name) == value)
    if wanted.community_id is not None:
        members = select(Member.id).where(Member.community_id == wanted.community_id)
        rows = rows.where(col(LedgerEntry.member_id).in_(members))
    if wanted.account is not None:
        rows = rows.where(_touches(wanted.account))
    if wanted.since is not None:
        rows = rows.where(col(LedgerEntry.posted_on) >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(col(LedgerEntry.posted_on) < wanted.until)
    newest = (col(LedgerEntry.posted_at).desc(), col(LedgerEntry.id).desc())
    return list(session.exec(rows.order_by(*newest).limit(limit)))


def sum_accounts(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, on: date
) -> dict[LedgerAccount, tuple[int, int]]:
    """Sum what was debited and credited to each account of an issuer up to a day [cents]."""
    sides = []
    for side in (LedgerEntry.debit, LedgerEntry.credit):
        sums = (
            select(side, func.sum(LedgerEntry.amount_cents))
            .where(
                LedgerEntry.promoter_id == promoter_id,
                LedgerEntry.issuer_id == issuer_id,
                col(LedgerEntry.posted_on) <= on,
            )
            .group_by(col(side))
        )
        sides.append({account: int(cents) for account, cents in session.exec(sums)})
    debits, credits_ = sides
    return {
        account: (debits.get(account, 0), credits_.get(account, 0)) for account in LedgerAccount
    }


def sum_members(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, tuple[int, int]]:
    """Sum what each member owes and what is left of each one's money [cents]."""
    owed = _when(LedgerAccount.RECEIVABLE)
    left = _when(LedgerAccount.PREPAYMENT)
    rows = (
        select(LedgerEntry.member_id, func.sum(owed), func.sum(-left))
        .where(
            LedgerEntry.promoter_id == promoter_id,
            col(LedgerEntry.member_id).in_(member_ids),
        )
        .group_by(col(LedgerEntry.member_id))
    )
    sums = {key: (int(one), int(other)) for key, one, other in session.exec(rows)}
    return {key: sums.get(key, (0, 0)) for key in member_ids}


def _when(account: LedgerAccount) -> ColumnElement[int]:
    """Count an account's debits above zero, its credits below, and other entries not at all."""
    return case((_touches(account), _signed(account)), else_=0)


def list_prepayments(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    member_ids: Collection[UUID] | None = None,
) -> list[tuple[Payment, int]]:
    """Read what is left of members' payments to an issuer [cents], oldest first."""
    rows = _select_left(LedgerAccount.PREPAYMENT, promoter_id, issuer_id)
    if member_ids is not None:
        rows = rows.where(col(Payment.member_id).in_(member_ids))
    return [(payment, int(cents)) for payment, cents in session.exec(rows)]


def list_unknown_receipts(
    session: Session, *, promoter_id: UUID, issuer_id: UUID
) -> list[tuple[Payment, int]]:
    """Read what is left of payments of nobody to an issuer [cents], oldest first."""
    rows = _select_left(LedgerAccount.UNKNOWN_RECEIPTS, promoter_id, issuer_id)
    return [(payment, int(cents)) for payment, cents in session.exec(rows)]


def _select_left(account: LedgerAccount, promoter_id: UUID, issuer_id: UUID) -> Any:
    """Select the payments of which an account still holds something, and how much."""
    left = func.sum(-_signed(account))
    sums = (
        select(LedgerEntry.payment_id, left.label("cents"))
        .where(
            LedgerEntry.promoter_id == promoter_id,
            LedgerEntry.issuer_id == issuer_id,
            _touches(account),
        )
        .group_by(col(LedgerEntry.payment_id))
        .having(left > 0)
        .subquery()
    )
    return (
        select(Payment, sums.c.cents)
        .join(sums, sums.c.payment_id == Payment.id)
        .order_by(col(Payment.received_on), col(Payment.recorded_at), col(Payment.id))
    )


def page_entries(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[LedgerEntry]]:
    """Read the same page of many issuers' entries, newest first."""
    return _NEWEST.read_pages(
        session,
        col(LedgerEntry.promoter_id) == promoter_id,
        parent_ids=issuer_ids,
        request=request,
    )


def count_entries(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the entries of many issuers."""
    tenant = col(LedgerEntry.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=issuer_ids, wish=wish)


def find_last_agreement(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> int:
    """Read how often instalments of an invoice were agreed."""
    rows = select(func.coalesce(func.max(Instalment.agreement), 0)).where(
        Instalment.promoter_id == promoter_id, Instalment.invoice_id == invoice_id
    )
    return session.exec(rows).one()


def group_paid_invoices(
    session: Session, *, promoter_id: UUID, payment_ids: Collection[UUID]
) -> dict[UUID, set[tuple[UUID, str]]]:
    """Read id and number of the ordinary invoices that payments have paid, whatever came back."""
    keys = list(payment_ids)
    found: dict[UUID, set[tuple[UUID, str]]] = {key: set() for key in keys}
    for start in range(0, len(keys), _NUMBERS_AT_ONCE):
        rows = (
            select(LedgerEntry.payment_id, Invoice.id, Invoice.full_number)
            .join(Invoice, col(Invoice.id) == LedgerEntry.invoice_id)
            .where(
                LedgerEntry.promoter_id == promoter_id,
                col(LedgerEntry.payment_id).in_(keys[start : start + _NUMBERS_AT_ONCE]),
            )
            .distinct()
        )
        for payment_id, invoice_id, number in session.exec(rows):
            assert payment_id is not None
            found[payment_id].add((invoice_id, number))
    return found


def map_ordinary_numbers(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, numbers: Collection[str]
) -> dict[str, Invoice]:
    """Read an issuer's ordinary invoices by their numbers."""
    named = list(numbers)
    found: dict[str, Invoice] = {}
    for start in range(0, len(named), _NUMBERS_AT_ONCE):
        rows = select(Invoice).where(
            Invoice.promoter_id == promoter_id,
            Invoice.issuer_id == issuer_id,
            col(Invoice.rectifies_id).is_(None),
            col(Invoice.full_number).in_(named[start : start + _NUMBERS_AT_ONCE]),
        )
        found |= {invoice.full_number: invoice for invoice in session.exec(rows)}
    return found
