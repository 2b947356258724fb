"""The money of an issuer's or a community's accounts: payments, what went back, entries."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, case, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, func, select

from models.repositories.accounts import AccountsScope, narrow_to, stream_rows
from models.tables.communities import Community
from models.tables.invoices import Invoice
from models.tables.ledger import LedgerEntry, Payment, PaymentRefund, PaymentReturn
from models.tables.members import Member
from models.tables.payment_plans import InvoiceIssuer
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod


class MoneyRow(NamedTuple):
    """Money that came in or went back; what went back is below zero."""

    day: date
    amount_cents: int
    issuer: str
    community: str | None
    member: str | None
    method: PaymentMethod
    payer_name: str | None
    payer_account: str | None
    reference: str | None
    payment_id: UUID
    reason: str | None
    charge_cents: int


class EntryRow(NamedTuple):
    """An entry of the books."""

    id: UUID
    issuer: str
    posted_on: date
    event: LedgerEvent
    debit: LedgerAccount
    credit: LedgerAccount
    amount_cents: int
    member: str | None
    invoice: str | None
    document: str | None
    payment_id: UUID | None
    because: str | None


class AccountSums(NamedTuple):
    """What was debited and credited to an account before a period and inside it [cents]."""

    opening_cents: int
    debit_cents: int
    credit_cents: int


def iterate_payments(session: Session, scope: AccountsScope) -> Iterator[MoneyRow]:
    """Read what came in, by day."""
    rows = _select_money(
        scope, Payment, col(Payment.received_on), col(Payment.amount_cents), literal(None)
    )
    return map(MoneyRow._make, stream_rows(session, rows))


def iterate_returns(session: Session, scope: AccountsScope) -> Iterator[MoneyRow]:
    """Read what banks took back, by day."""
    rows = _select_money(
        scope,
        PaymentReturn,
        col(PaymentReturn.returned_on),
        -col(Payment.amount_cents),
        col(PaymentReturn.reason_code),
        col(PaymentReturn.charge_cents),
    )
    return map(MoneyRow._make, stream_rows(session, rows))


def iterate_refunds(session: Session, scope: AccountsScope) -> Iterator[MoneyRow]:
    """Read what was paid back to members, by day."""
    rows = _select_money(
        scope,
        PaymentRefund,
        col(PaymentRefund.refunded_on),
        -col(PaymentRefund.amount_cents),
        col(PaymentRefund.because),
    )
    return map(MoneyRow._make, stream_rows(session, rows))


def iterate_entries(session: Session, scope: AccountsScope) -> Iterator[EntryRow]:
    """Read the entries of the days, as they were posted; those of a document together."""
    invoice, document = aliased(Invoice), aliased(Invoice)
    rows = (
        select(  # type: ignore[call-overload]
            LedgerEntry.id, InvoiceIssuer.tax_number, LedgerEntry.posted_on, LedgerEntry.event,
            LedgerEntry.debit, LedgerEntry.credit, LedgerEntry.amount_cents, Member.code,
            invoice.full_number, document.full_number.label("document"),  # type: ignore[attr-defined]
            LedgerEntry.payment_id, LedgerEntry.because,
        )
        .select_from(LedgerEntry)
        .join(InvoiceIssuer, col(InvoiceIssuer.id) == LedgerEntry.issuer_id)
        .outerjoin(Member, col(Member.id) == LedgerEntry.member_id)
        .outerjoin(invoice, col(invoice.id) == LedgerEntry.invoice_id)
        .outerjoin(document, col(document.id) == LedgerEntry.document_id)
        .where(
            *narrow_to(scope, LedgerEntry),
            col(LedgerEntry.posted_on) >= scope.since,
            col(LedgerEntry.posted_on) < scope.until,
        )
        .order_by(
            col(LedgerEntry.posted_on), col(LedgerEntry.posted_at),
            document.full_number, invoice.full_number,
            col(LedgerEntry.payment_id), col(LedgerEntry.id),
        )
    )  # fmt: skip
    return map(EntryRow._make, stream_rows(session, rows))


def sum_movements(session: Session, scope: AccountsScope) -> dict[LedgerAccount, AccountSums]:
    """Sum each account before the days and inside them, in the order of the accounts."""
    sides = [
        _sum_side(session, scope, side)
        for side in (col(LedgerEntry.debit), col(LedgerEntry.credit))
    ]
    nothing = (0, 0)
    sums = {}
    for account in LedgerAccount:
        (debited_before, debited), (credited_before, credited) = (
            side.get(account, nothing) for side in sides
        )
        sums[account] = AccountSums(debited_before - credited_before, debited, credited)
    return sums


def _select_money(
    scope: AccountsScope,
    table: type[SQLModel],
    day: SQLColumnExpression[date],
    cents: SQLColumnExpression[int],
    reason: SQLColumnExpression[Any],
    charge: SQLColumnExpression[int] | None = None,
) -> Select[Any]:
    """Select payments, or what became of them, with who is behind them."""
    rows = (
        select(  # type: ignore[call-overload]
            day, cents, InvoiceIssuer.tax_number, Community.code, Member.code.label("member"),  # type: ignore[attr-defined]
            Payment.method, Payment.payer_name, Payment.masked_payer_iban, Payment.reference,
            Payment.id, reason, literal(0) if charge is None else charge,
        )
        .select_from(Payment)
        .join(InvoiceIssuer, col(InvoiceIssuer.id) == Payment.issuer_id)
        .outerjoin(Member, col(Member.id) == Payment.member_id)
        .outerjoin(Community, col(Community.id) == Member.community_id)
        .where(*narrow_to(scope, Payment), day >= scope.since, day < scope.until)
        .order_by(day, col(Payment.recorded_at), col(Payment.id))
    )  # fmt: skip
    if table is not Payment:
        rows = rows.join(table, col(table.payment_id) == Payment.id)  # type: ignore[attr-defined]
    selected: Select[Any] = rows
    return selected


def _sum_side(
    session: Session, scope: AccountsScope, side: SQLColumnExpression[LedgerAccount]
) -> dict[LedgerAccount, tuple[int, int]]:
    """Sum what one side of the entries moved before the days and inside them."""
    amount = col(LedgerEntry.amount_cents)
    is_before = col(LedgerEntry.posted_on) < scope.since
    rows = (
        select(
            side,
            func.sum(case((is_before, amount), else_=0)),
            func.sum(case((is_before, 0), else_=amount)),
        )
        .where(*narrow_to(scope, LedgerEntry), col(LedgerEntry.posted_on) < scope.until)
        .group_by(side)
    )
    return {account: (int(before), int(inside)) for account, before, inside in session.exec(rows)}
