"""Issued invoices and billing runs as lists: filtered, paged, and by what they hang on."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, case, exists, tuple_, type_coerce
from sqlmodel import Session, col, func, select

from models.keyring import SEAL_BYTES
from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.invoices import (
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
from models.tables.members import Member
from models.values.invoicing import InvoiceKind
from models.values.language import Language

_FILES_AT_ONCE = 50
_RUNS = Listing(BillingRun, parent="community_id", order="issued_at", newest_first=True)
_OF_RUN = Listing(Invoice, parent="run_id", order="full_number")


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which invoices are wanted; every condition that is not None holds for all of them."""

    community_id: UUID | None = None
    member_id: UUID | None = None
    issuer_id: UUID | None = None
    run_id: UUID | None = None
    period_from: date | None = None
    """Charged days from this one on."""
    period_until: date | None = None
    """Charged days before this one."""
    series: str | None = None
    kind: InvoiceKind | None = None
    is_cancelled: bool | None = None


class InvoiceFileHead(NamedTuple):
    """A document of an invoice without its content."""

    id: UUID
    invoice_id: UUID
    kind: InvoiceFileKind
    language: Language
    file_name: str
    sha256: str
    size_bytes: int
    created_at: datetime


def page_invoices(
    session: Session, *, promoter_id: UUID, wanted: InvoiceFilter, request: PageRequest
) -> Page[Invoice]:
    """Read a page of invoices, by number and then by id."""
    by = (col(Invoice.full_number), col(Invoice.id))
    rows = select(Invoice).where(*_conditions(promoter_id, wanted))
    if request.after is not None:
        rows = rows.where(tuple_(*by) > tuple_(*request.after))
    found = list(session.exec(rows.order_by(*by).limit(request.first + 1)))
    items = tuple(found[: request.first])
    return Page(
        items,
        keys=tuple((invoice.full_number, invoice.id) for invoice in items),
        has_next=len(found) > request.first,
    )


def count_invoices(session: Session, *, promoter_id: UUID, wanted: InvoiceFilter) -> int:
    """Count invoices."""
    rows = select(func.count()).select_from(Invoice).where(*_conditions(promoter_id, wanted))
    return session.exec(rows).one()


def find_invoices_by_number(
    session: Session, *, promoter_id: UUID, full_number: str
) -> list[Invoice]:
    """Read the invoices of a number, one for each issuer that has it."""
    rows = select(Invoice).where(
        Invoice.promoter_id == promoter_id, Invoice.full_number == full_number
    )
    return list(session.exec(rows))


def map_issued(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, Invoice]:
    """Read invoices without their parts, by id."""
    return map_by_key(session, Invoice, invoice_ids, promoter_id=promoter_id)


def map_series(
    session: Session, *, promoter_id: UUID, series_ids: Collection[UUID]
) -> dict[UUID, InvoiceSeries]:
    """Read series by id."""
    return map_by_key(session, InvoiceSeries, series_ids, promoter_id=promoter_id)


def map_runs(
    session: Session, *, promoter_id: UUID, run_ids: Collection[UUID]
) -> dict[UUID, BillingRun]:
    """Read billing runs by id."""
    return map_by_key(session, BillingRun, run_ids, promoter_id=promoter_id)


def page_runs(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[BillingRun]]:
    """Read the same page of many communities' billing runs, newest first."""
    tenant = col(BillingRun.promoter_id) == promoter_id
    return _RUNS.read_pages(session, tenant, parent_ids=community_ids, request=request)


def count_runs(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the billing runs of many communities."""
    tenant = col(BillingRun.promoter_id) == promoter_id
    return _RUNS.count_rows(session, tenant, parent_ids=community_ids)


def page_run_invoices(
    session: Session, *, promoter_id: UUID, run_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[Invoice]]:
    """Read the same page of many billing runs' invoices, by number."""
    tenant = col(Invoice.promoter_id) == promoter_id
    return _OF_RUN.read_pages(session, tenant, parent_ids=run_ids, request=request)


def count_run_invoices(
    session: Session, *, promoter_id: UUID, run_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the invoices of many billing runs."""
    tenant = col(Invoice.promoter_id) == promoter_id
    return _OF_RUN.count_rows(session, tenant, parent_ids=run_ids)


def group_lines(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[InvoiceLine]]:
    """Read the lines of many invoices, in their order."""
    return group_by_key(
        session,
        InvoiceLine,
        invoice_ids,
        promoter_id=promoter_id,
        key="invoice_id",
        order=("position",),
    )


def group_taxes(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[InvoiceTax]]:
    """Read the taxes of many invoices, by tax and rate."""
    return group_by_key(
        session,
        InvoiceTax,
        invoice_ids,
        promoter_id=promoter_id,
        key="invoice_id",
        order=("tax", "tax_percent"),
    )


def group_rectifying(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[Invoice]]:
    """Read the invoices that rectify others directly, oldest first."""
    return group_by_key(
        session,
        Invoice,
        invoice_ids,
        promoter_id=promoter_id,
        key="rectifies_id",
        order=("issued_at", "number"),
    )


def group_records(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[FiscalRecord]]:
    """Read the records of many invoices, in the order of their chain."""
    return group_by_key(
        session,
        FiscalRecord,
        invoice_ids,
        promoter_id=promoter_id,
        key="invoice_id",
        order=("position",),
    )


def group_files(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[InvoiceFileHead]]:
    """Read what was made of many invoices, newest first, without the content."""
    file = InvoiceFile
    rows = (
        select(  # type: ignore[call-overload]
            file.id,
            file.invoice_id,
            file.kind,
            file.language,
            file.file_name,
            file.sha256,
            func.length(file.content) - _count_of_seal(),
            file.created_at,
        )
        .where(file.promoter_id == promoter_id, col(file.invoice_id).in_(invoice_ids))
        .order_by(col(file.created_at).desc(), col(file.id))
    )
    groups: dict[UUID, list[InvoiceFileHead]] = {key: [] for key in invoice_ids}
    for row in session.exec(rows):
        groups[row[1]].append(InvoiceFileHead(*row))
    return groups


def _count_of_seal() -> ColumnElement[int]:
    """Count the bytes that a document has more where it is kept sealed."""
    is_sealed = col(InvoiceFile.kind) == InvoiceFileKind.FACTURAE
    count: ColumnElement[int] = case((is_sealed, SEAL_BYTES), else_=0)
    return count


def get_file(session: Session, *, promoter_id: UUID, file_id: UUID) -> InvoiceFile | None:
    """Read one document of an invoice with its content."""
    rows = select(InvoiceFile).where(
        InvoiceFile.promoter_id == promoter_id, InvoiceFile.id == file_id
    )
    return session.exec(rows).one_or_none()


def list_without_pdf(session: Session, *, promoter_id: UUID, run_id: UUID) -> list[UUID]:
    """Read which invoices of a run have no PDF of what they are now yet, by number."""
    made = exists().where(
        col(InvoiceFile.invoice_id) == col(Invoice.id),
        *_is_page_to_hand_out(),
    )
    rows = select(Invoice.id).where(
        Invoice.promoter_id == promoter_id, Invoice.run_id == run_id, ~made
    )
    return list(session.exec(rows.order_by(col(Invoice.full_number), col(Invoice.id))))


def iterate_run_pdfs(
    session: Session, *, promoter_id: UUID, run_id: UUID
) -> Iterator[tuple[UUID, str, bytes]]:
    """Read the newest PDF of what each invoice of a run is now, one by one, by number.

    Each comes as its invoice, its name and its content.
    """
    rows = (
        select(InvoiceFile.invoice_id, InvoiceFile.file_name, InvoiceFile.content)
        .join(Invoice, col(Invoice.id) == InvoiceFile.invoice_id)
        .where(
            Invoice.promoter_id == promoter_id,
            Invoice.run_id == run_id,
            *_is_page_to_hand_out(),
        )
        .order_by(col(Invoice.full_number), col(Invoice.id), col(InvoiceFile.created_at).desc())
        .execution_options(yield_per=_FILES_AT_ONCE)
    )
    for _, held in groupby(session.exec(rows), itemgetter(0)):
        yield next(held)


def _is_page_to_hand_out() -> list[ColumnElement[bool]]:
    """Ask for a page in the payer's language that tells of a cancellation if there was one."""
    language = col(Invoice.parties)["recipient"]["language"].as_string()
    return [
        col(InvoiceFile.kind) == InvoiceFileKind.PDF,
        type_coerce(col(InvoiceFile.language), String) == language,
        col(InvoiceFile.tells_cancellation) == _is_cancelled(),
    ]


def _is_cancelled() -> ColumnElement[bool]:
    record = (
        select(FiscalRecord.id)
        .where(
            FiscalRecord.invoice_id == col(Invoice.id),
            FiscalRecord.kind == FiscalRecordKind.CANCELLATION,
        )
        .correlate(Invoice)
    )
    return record.exists()


def _conditions(promoter_id: UUID, wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    """Write a filter as conditions."""
    row = Invoice
    cancelled = _is_cancelled()
    members = select(Member.id).where(Member.community_id == wanted.community_id)
    series = select(InvoiceSeries.id).where(InvoiceSeries.code == wanted.series)
    conditions: list[tuple[object, ColumnElement[bool]]] = [
        (promoter_id, col(row.promoter_id) == promoter_id),
        (wanted.community_id, col(row.member_id).in_(members)),
        (wanted.member_id, col(row.member_id) == wanted.member_id),
        (wanted.issuer_id, col(row.issuer_id) == wanted.issuer_id),
        (wanted.run_id, col(row.run_id) == wanted.run_id),
        (wanted.series, col(row.series_id).in_(series)),
        (wanted.kind, col(row.kind) == wanted.kind),
        (wanted.is_cancelled, cancelled if wanted.is_cancelled else ~cancelled),
    ]
    # Days of a period that was charged only in part count, too.
    if wanted.period_from is not None:
        conditions.append((True, col(row.period_end) > wanted.period_from))
    if wanted.period_until is not None:
        conditions.append((True, col(row.period_start) < wanted.period_until))
    return [condition for value, condition in conditions if value is not None]
