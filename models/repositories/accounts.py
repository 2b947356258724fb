"""What accountants are handed: invoices, lines, taxes, money and entries of days, in streams."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.tables.communities import Community
from models.tables.invoices import (
    FIRST_ATTEMPT,
    FiscalRecord,
    FiscalRecordKind,
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    InvoiceTax,
)
from models.tables.ledger import LedgerEntry, Payment
from models.tables.members import Member
from models.tables.payment_plans import InvoiceIssuer, Payer, PaymentPlan
from models.values.invoicing import BillingBasis, Exemption, InvoiceKind, Rectification, TaxKind

_ROWS_AT_ONCE = 500
_KEYS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class AccountsScope:
    """Whose accounts: of an issuer, of the members of a community, or of both; and of which days.

    Attributes
    ----------
    promoter_id : UUID
        The tenant.
    since, until : date
        First local day, and the one after the last.
    issuer_id, community_id : UUID or None
        Only of these.
    """

    promoter_id: UUID
    since: date
    until: date
    issuer_id: UUID | None = None
    community_id: UUID | None = None


class InvoiceRow(NamedTuple):
    """An invoice as it was issued, and whether it was cancelled."""

    id: UUID
    issuer: str
    community: str
    member: str
    series: str
    full_number: str
    issued_on: date
    period_start: date
    period_end: date
    due_on: date
    kind: InvoiceKind
    rectification: Rectification | None
    rectified: str | None
    because: str | None
    parties: dict[str, Any]
    facts: dict[str, Any]
    net_cents: int
    tax_cents: int
    total_cents: int
    cancelled_at: str | None


class LineRow(NamedTuple):
    """A line of an invoice."""

    full_number: str
    issued_on: date
    member: str
    position: int
    basis: BillingBasis
    description: str
    quantity: str
    unit: str
    price: str
    net_cents: int
    tax: TaxKind
    tax_percent: str
    cancelled_at: str | None


class TaxRow(NamedTuple):
    """One rate of an invoice."""

    invoice_id: UUID
    issuer: str
    series: str
    full_number: str
    kind: InvoiceKind
    issued_on: date
    period_end: date
    rectification: Rectification | None
    rectified: str | None
    parties: dict[str, Any]
    facts: dict[str, Any]
    tax: TaxKind
    tax_percent: str
    base_cents: int
    quota_cents: int
    exemption: Exemption | None
    cancelled_at: str | None


class OwingMember(NamedTuple):
    """Who may owe something."""

    code: str
    community: str
    name: str | None
    tax_number: str | None


def iterate_invoices(session: Session, scope: AccountsScope) -> Iterator[InvoiceRow]:
    """Read the invoices of the days, cancelled ones too, by day and number."""
    rectified = aliased(Invoice)
    rows = (
        select(  # type: ignore[call-overload]
            Invoice.id, InvoiceIssuer.tax_number, Community.code, Member.code.label("member"),  # type: ignore[attr-defined]
            InvoiceSeries.code.label("series"), Invoice.full_number,  # type: ignore[attr-defined]
            Invoice.issued_on, Invoice.period_start, Invoice.period_end, Invoice.due_on,
            Invoice.kind, Invoice.rectification, rectified.full_number.label("rectified"),  # type: ignore[attr-defined]
            Invoice.rectified_because, Invoice.parties, Invoice.facts,
            Invoice.net_cents, Invoice.tax_cents, Invoice.total_cents, FiscalRecord.generated_at,
        )
        .select_from(Invoice)
        .join(InvoiceIssuer, col(InvoiceIssuer.id) == Invoice.issuer_id)
        .join(Member, col(Member.id) == Invoice.member_id)
        .join(Community, col(Community.id) == Member.community_id)
        .join(InvoiceSeries, col(InvoiceSeries.id) == Invoice.series_id)
        .outerjoin(rectified, col(rectified.id) == Invoice.rectifies_id)
        .outerjoin(FiscalRecord, _cancels_invoice())
        .where(*_issued_in(scope))
        .order_by(*_BY_NUMBER)
    )  # fmt: skip
    return map(InvoiceRow._make, stream_rows(session, rows))


def iterate_lines(session: Session, scope: AccountsScope) -> Iterator[LineRow]:
    """Read the lines of the days' invoices, by invoice and place."""
    rows = (
        select(  # type: ignore[call-overload]
            Invoice.full_number, Invoice.issued_on, Member.code, InvoiceLine.position,
            InvoiceLine.basis, InvoiceLine.description, InvoiceLine.quantity, InvoiceLine.unit,
            InvoiceLine.price, InvoiceLine.net_cents, InvoiceLine.tax, InvoiceLine.tax_percent,
            FiscalRecord.generated_at,
        )
        .select_from(Invoice)
        .join(InvoiceLine, col(InvoiceLine.invoice_id) == Invoice.id)
        .join(Member, col(Member.id) == Invoice.member_id)
        .outerjoin(FiscalRecord, _cancels_invoice())
        .where(*_issued_in(scope))
        .order_by(*_BY_NUMBER, col(InvoiceLine.position))
    )  # fmt: skip
    return map(LineRow._make, stream_rows(session, rows))


def iterate_taxes(session: Session, scope: AccountsScope) -> Iterator[TaxRow]:
    """Read the rates of the days' invoices, cancelled ones too, by invoice."""
    rectified = aliased(Invoice)
    rows = (
        select(  # type: ignore[call-overload]
            Invoice.id, InvoiceIssuer.tax_number, InvoiceSeries.code, Invoice.full_number,
            Invoice.kind, Invoice.issued_on, Invoice.period_end, Invoice.rectification,
            rectified.full_number.label("rectified"), Invoice.parties, Invoice.facts,  # type: ignore[attr-defined]
            InvoiceTax.tax, InvoiceTax.tax_percent, InvoiceTax.base_cents, InvoiceTax.quota_cents,
            InvoiceTax.exemption, FiscalRecord.generated_at,
        )
        .select_from(Invoice)
        .join(InvoiceTax, col(InvoiceTax.invoice_id) == Invoice.id)
        .join(InvoiceIssuer, col(InvoiceIssuer.id) == Invoice.issuer_id)
        .join(InvoiceSeries, col(InvoiceSeries.id) == Invoice.series_id)
        .outerjoin(rectified, col(rectified.id) == Invoice.rectifies_id)
        .outerjoin(FiscalRecord, _cancels_invoice())
        .where(*_issued_in(scope))
        .order_by(*_BY_NUMBER, col(InvoiceTax.tax), col(InvoiceTax.tax_percent))
    )  # fmt: skip
    return map(TaxRow._make, stream_rows(session, rows))


def map_replaced_taxes(session: Session, scope: AccountsScope) -> dict[UUID, list[InvoiceTax]]:
    """Read the rates of what the days' substitutions stand in for, by the invoice replaced."""
    wanted = select(Invoice.facts).where(
        *_issued_in(scope), col(Invoice.rectification) == Rectification.SUBSTITUTION
    )
    keys = sorted({UUID(key) for facts in session.exec(wanted) for key in facts["corrects"]})
    found: defaultdict[UUID, list[InvoiceTax]] = defaultdict(list)
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        rows = select(InvoiceTax).where(
            InvoiceTax.promoter_id == scope.promoter_id,
            col(InvoiceTax.invoice_id).in_(keys[start : start + _KEYS_AT_ONCE]),
        )
        for tax in session.exec(rows):
            found[tax.invoice_id].append(tax)
    return found


def list_scope_issuers(session: Session, scope: AccountsScope) -> list[InvoiceIssuer]:
    """Read in whose names the invoices are, by NIF."""
    rows = select(InvoiceIssuer).where(InvoiceIssuer.promoter_id == scope.promoter_id)
    if scope.issuer_id is not None:
        rows = rows.where(InvoiceIssuer.id == scope.issuer_id)
    if scope.community_id is not None:
        issuing = select(PaymentPlan.issuer_id).where(
            PaymentPlan.community_id == scope.community_id
        )
        rows = rows.where(col(InvoiceIssuer.id).in_(issuing))
    return list(session.exec(rows.order_by(col(InvoiceIssuer.tax_number))))


def map_owing_members(session: Session, scope: AccountsScope) -> dict[UUID, OwingMember]:
    """Read all who may owe, with who pays for them now."""
    rows = (
        select(  # type: ignore[call-overload]
            Member.id, Member.code, Community.code.label("community"), Payer.name,  # type: ignore[attr-defined]
            Payer.tax_number,
        )
        .select_from(Member)
        .join(Community, col(Community.id) == Member.community_id)
        .outerjoin(Payer, col(Payer.member_id) == Member.id)
        .where(col(Member.promoter_id) == scope.promoter_id)
    )  # fmt: skip
    if scope.community_id is not None:
        rows = rows.where(col(Member.community_id) == scope.community_id)
    return {key: OwingMember(*rest) for key, *rest in session.exec(rows)}


_BY_NUMBER = (col(Invoice.issued_on), col(Invoice.full_number), col(Invoice.id))


def stream_rows(session: Session, rows: Any) -> Iterator[Sequence[Any]]:
    """Read rows some at a time."""
    found: Iterator[Sequence[Any]] = iter(
        session.exec(rows.execution_options(yield_per=_ROWS_AT_ONCE))
    )
    return found


def _cancels_invoice() -> ColumnElement[bool]:
    return and_(
        col(FiscalRecord.invoice_id) == Invoice.id,
        col(FiscalRecord.kind) == FiscalRecordKind.CANCELLATION,
        col(FiscalRecord.attempt) == FIRST_ATTEMPT,
    )


def _issued_in(scope: AccountsScope) -> list[ColumnElement[bool]]:
    return [
        *narrow_to(scope, Invoice),
        col(Invoice.issued_on) >= scope.since,
        col(Invoice.issued_on) < scope.until,
    ]


def narrow_to(
    scope: AccountsScope, table: type[Invoice | Payment | LedgerEntry]
) -> list[ColumnElement[bool]]:
    """Narrow to the tenant, the issuer and the community; nobody's money is of no community."""
    conditions = [col(table.promoter_id) == scope.promoter_id]
    if scope.issuer_id is not None:
        conditions.append(col(table.issuer_id) == scope.issuer_id)
    if scope.community_id is not None:
        members = select(Member.id).where(Member.community_id == scope.community_id)
        is_members: ColumnElement[bool] = col(table.member_id).in_(members)
        if table is LedgerEntry:
            # Money that was nobody's at first is the member's once it is known.
            theirs = select(Payment.id).where(col(Payment.member_id).in_(members))
            is_members = or_(
                is_members,
                and_(col(table.member_id).is_(None), col(LedgerEntry.payment_id).in_(theirs)),
            )
        conditions.append(is_members)
    return conditions
