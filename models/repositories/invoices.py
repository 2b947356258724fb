"""Issued invoices: read whole, and written many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, func, select, update

from models.tables.allocations import AllocatedEnergy, MonthAllocation
from models.tables.invoices import (
    FIRST_ATTEMPT,
    BilledPeriod,
    BillingRun,
    FiscalRecord,
    FiscalRecordKind,
    Invoice,
    InvoiceFile,
    InvoiceFileKind,
    InvoiceLine,
    InvoiceSeries,
    InvoiceTax,
)
from models.values.invoicing import BillingBasis
from models.values.period import Period

Rows = Mapping[type[SQLModel], Sequence[Mapping[str, Any]]]
"""Values of new rows by their table, in the order in which they refer to each other."""

_RECORDS_AT_ONCE = 500


class InvoiceRows(NamedTuple):
    """An invoice with its parts, lines in their order."""

    invoice: Invoice
    series: InvoiceSeries
    lines: list[InvoiceLine]
    taxes: list[InvoiceTax]


def insert_rows(session: Session, rows: Rows) -> None:
    """Store many rows of several tables, each table at a stroke."""
    for table, values in rows.items():
        if values:
            session.execute(insert(table), [dict(row) for row in values])


def ensure_series(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, code: str, is_rectifying: bool
) -> InvoiceSeries:
    """Read a series of an issuer that this transaction holds; begin it if there is none."""
    rows = (
        select(InvoiceSeries)
        .where(
            InvoiceSeries.promoter_id == promoter_id,
            InvoiceSeries.issuer_id == issuer_id,
            InvoiceSeries.code == code,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    series = session.exec(rows).one_or_none()
    if series is None:
        series = InvoiceSeries(
            promoter_id=promoter_id, issuer_id=issuer_id, code=code, is_rectifying=is_rectifying
        )
        session.add(series)
        session.flush()
    return series


def find_run(session: Session, *, promoter_id: UUID, idempotency_key: str) -> BillingRun | None:
    """Read the run that was asked for by a key."""
    rows = select(BillingRun).where(
        BillingRun.promoter_id == promoter_id, BillingRun.idempotency_key == idempotency_key
    )
    return session.exec(rows).one_or_none()


def get_invoice(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> InvoiceRows | None:
    """Read one invoice with its parts."""
    return map_invoices(session, promoter_id=promoter_id, invoice_ids=[invoice_id]).get(invoice_id)


def map_invoices(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, InvoiceRows]:
    """Read invoices with their parts, by id."""
    found = session.exec(
        select(Invoice, InvoiceSeries)
        .join(InvoiceSeries, col(InvoiceSeries.id) == Invoice.series_id)
        .where(Invoice.promoter_id == promoter_id, col(Invoice.id).in_(invoice_ids))
    )
    whole = {invoice.id: InvoiceRows(invoice, series, [], []) for invoice, series in found}
    lines = select(InvoiceLine).where(
        InvoiceLine.promoter_id == promoter_id, col(InvoiceLine.invoice_id).in_(invoice_ids)
    )
    for line in session.exec(lines.order_by(col(InvoiceLine.position))):
        whole[line.invoice_id].lines.append(line)
    taxes = select(InvoiceTax).where(
        InvoiceTax.promoter_id == promoter_id, col(InvoiceTax.invoice_id).in_(invoice_ids)
    )
    for tax in session.exec(taxes.order_by(col(InvoiceTax.tax), col(InvoiceTax.tax_percent))):
        whole[tax.invoice_id].taxes.append(tax)
    return whole


def list_billed_periods(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    since: date,
    until: date,
) -> list[BilledPeriod]:
    """Read which days in [since, until) were billed to supply points and not released."""
    row = BilledPeriod
    rows = (
        select(row)
        .where(
            row.promoter_id == promoter_id,
            col(row.supply_point_id).in_(supply_point_ids),
            col(row.released_at).is_(None),
            row.valid_from < until,
            row.valid_until > since,
        )
        .order_by(col(row.supply_point_id), col(row.valid_from))
    )
    return list(session.exec(rows))


def find_last_billed_day(
    session: Session, *, promoter_id: UUID, subscription_id: UUID
) -> date | None:
    """Find the first day after those that were billed of a subscription."""
    rows = select(func.max(BilledPeriod.valid_until)).where(
        BilledPeriod.promoter_id == promoter_id,
        BilledPeriod.subscription_id == subscription_id,
        col(BilledPeriod.released_at).is_(None),
    )
    return session.exec(rows).one()


def release_periods(
    session: Session, *, promoter_id: UUID, invoice_id: UUID, released_at: datetime
) -> None:
    """Let the days of an invoice be billed again."""
    released = (
        update(BilledPeriod)
        .where(
            col(BilledPeriod.promoter_id) == promoter_id,
            col(BilledPeriod.invoice_id) == invoice_id,
        )
        .values(released_at=released_at)
    )
    session.exec(released)


def group_last_totals(
    session: Session, *, promoter_id: UUID, supply_point_ids: Collection[UUID], since: date
) -> defaultdict[tuple[UUID, UUID], list[tuple[Period, int]]]:
    """Read period and total in cents of ordinary invoices by member and supply point.

    Oldest first; those that were cancelled are left out.
    """
    cancelled = select(FiscalRecord.invoice_id).where(
        FiscalRecord.promoter_id == promoter_id,
        FiscalRecord.kind == FiscalRecordKind.CANCELLATION,
    )
    rows = (
        select(Invoice)
        .where(
            Invoice.promoter_id == promoter_id,
            col(Invoice.supply_point_id).in_(supply_point_ids),
            col(Invoice.rectifies_id).is_(None),
            col(Invoice.id).not_in(cancelled),
            Invoice.period_start >= since,
        )
        .order_by(col(Invoice.period_start))
    )
    groups: defaultdict[tuple[UUID, UUID], list[tuple[Period, int]]] = defaultdict(list)
    for row in session.exec(rows):
        days = Period(row.period_start, row.period_end)
        groups[row.member_id, row.supply_point_id].append((days, row.total_cents))
    return groups


def list_fee_sources(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    besides: Collection[UUID],
) -> list[dict[str, Any]]:
    """Read from what the lines of entry fees come, of invoices that were not cancelled."""
    cancelled = select(FiscalRecord.invoice_id).where(
        FiscalRecord.promoter_id == promoter_id,
        FiscalRecord.kind == FiscalRecordKind.CANCELLATION,
    )
    rows = (
        select(InvoiceLine)
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(
            InvoiceLine.promoter_id == promoter_id,
            InvoiceLine.basis == BillingBasis.ENTRY_FEE,
            col(Invoice.supply_point_id).in_(supply_point_ids),
            col(Invoice.id).not_in(cancelled),
            col(Invoice.id).not_in(besides),
        )
    )
    return [line.source for line in session.exec(rows)]


def list_energy_as_of(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_id: UUID,
    since: datetime,
    until: datetime,
    recorded_at: datetime,
) -> list[tuple[MonthAllocation, AllocatedEnergy]]:
    """Read a supply point's months that start in [since, until) as they stood at an instant."""
    rows = (
        select(MonthAllocation, AllocatedEnergy)
        .join(AllocatedEnergy, col(AllocatedEnergy.allocation_id) == MonthAllocation.id)
        .where(
            MonthAllocation.promoter_id == promoter_id,
            AllocatedEnergy.supply_point_id == supply_point_id,
            MonthAllocation.starts_at >= since,
            MonthAllocation.starts_at < until,
            MonthAllocation.recorded_at <= recorded_at,
        )
        .order_by(col(MonthAllocation.starts_at), col(MonthAllocation.version))
    )
    newest = {(row[0].installation_id, row[0].starts_at): row for row in session.exec(rows)}
    return list(newest.values())


def list_series_counts(
    session: Session, *, promoter_id: UUID, issuer_id: UUID
) -> list[tuple[InvoiceSeries, int, int]]:
    """Read each series of an issuer, how many invoices it has, and their greatest number."""
    rows = (
        select(
            InvoiceSeries, func.count(col(Invoice.id)), func.coalesce(func.max(Invoice.number), 0)
        )
        .outerjoin(Invoice, col(Invoice.series_id) == InvoiceSeries.id)
        .where(InvoiceSeries.promoter_id == promoter_id, InvoiceSeries.issuer_id == issuer_id)
        .group_by(col(InvoiceSeries.id))
        .order_by(col(InvoiceSeries.code))
    )
    return list(session.exec(rows))


def list_issued_ids(session: Session, *, promoter_id: UUID, issuer_id: UUID) -> list[UUID]:
    """Read the ids of an issuer's invoices, as they were issued."""
    rows = (
        select(Invoice.id)
        .where(Invoice.promoter_id == promoter_id, Invoice.issuer_id == issuer_id)
        .order_by(col(Invoice.issued_at), col(Invoice.full_number))
    )
    return list(session.exec(rows))


def count_unregistered(session: Session, *, promoter_id: UUID, issuer_id: UUID) -> int:
    """Count the invoices of an issuer that no record registers."""
    registered = select(FiscalRecord.invoice_id).where(
        FiscalRecord.promoter_id == promoter_id,
        FiscalRecord.kind == FiscalRecordKind.REGISTRATION,
    )
    rows = select(func.count()).where(
        Invoice.promoter_id == promoter_id,
        Invoice.issuer_id == issuer_id,
        col(Invoice.id).not_in(registered),
    )
    return session.exec(rows).one()


def find_last_record(
    session: Session, *, promoter_id: UUID, tax_number: str
) -> tuple[FiscalRecord, Invoice] | None:
    """Read the newest record of an issuer's chain, and the invoice that it is about."""
    rows = (
        select(FiscalRecord, Invoice)
        .join(Invoice, col(Invoice.id) == FiscalRecord.invoice_id)
        .where(FiscalRecord.promoter_id == promoter_id, FiscalRecord.tax_number == tax_number)
        .order_by(col(FiscalRecord.position).desc())
        .limit(1)
    )
    return session.exec(rows).one_or_none()


def map_cancellations(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, FiscalRecord]:
    """Read the record by which each invoice was cancelled, the first where others mend it."""
    rows = select(FiscalRecord).where(
        FiscalRecord.promoter_id == promoter_id,
        col(FiscalRecord.invoice_id).in_(invoice_ids),
        FiscalRecord.kind == FiscalRecordKind.CANCELLATION,
        FiscalRecord.attempt == FIRST_ATTEMPT,
    )
    return {record.invoice_id: record for record in session.exec(rows)}


def iterate_records(
    session: Session, *, promoter_id: UUID, tax_number: str
) -> Iterator[FiscalRecord]:
    """Read a chain from its first record to its last, some at a time."""
    rows = (
        select(FiscalRecord)
        .where(FiscalRecord.promoter_id == promoter_id, FiscalRecord.tax_number == tax_number)
        .order_by(col(FiscalRecord.position))
        .execution_options(yield_per=_RECORDS_AT_ONCE)
    )
    return iter(session.exec(rows))


def find_invoice_file(session: Session, like: InvoiceFile) -> InvoiceFile | None:
    """Find the file of an invoice that is the same as another, down to the last byte."""
    rows = select(InvoiceFile).where(
        InvoiceFile.promoter_id == like.promoter_id,
        InvoiceFile.invoice_id == like.invoice_id,
        InvoiceFile.kind == like.kind,
        InvoiceFile.language == like.language,
        InvoiceFile.sha256 == like.sha256,
    )
    return session.exec(rows).one_or_none()


def list_invoice_files(
    session: Session, *, promoter_id: UUID, invoice_id: UUID, kind: InvoiceFileKind
) -> list[InvoiceFile]:
    """Read the files of an invoice of one kind, newest first."""
    rows = (
        select(InvoiceFile)
        .where(
            InvoiceFile.promoter_id == promoter_id,
            InvoiceFile.invoice_id == invoice_id,
            InvoiceFile.kind == kind,
        )
        .order_by(col(InvoiceFile.created_at).desc())
    )
    return list(session.exec(rows))
