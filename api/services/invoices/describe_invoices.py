"""Describe previews, runs and invoices as JSON values, for people at a terminal and programs."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.energy.allocate_month import MonthOutcome
from api.services.invoices.billing_scope import end_of
from api.services.invoices.draft_invoices import DraftInvoice
from api.services.invoices.generate_invoice_files import QrTarget, address_qr
from api.services.invoices.preview_billing_run import BillingPreview
from loaders.invoice_parts import InvoiceLine, TaxAmount
from models import tables
from models.repositories.invoice_lists import (
    group_lines,
    group_records,
    group_rectifying,
    group_taxes,
    map_issued,
)
from models.repositories.members import map_members
from models.tables import BillingRun, FiscalRecordKind, Invoice
from models.values.errors import CommunityError
from models.values.invoicing import Rectification
from models.values.money import from_cents

Document = dict[str, Any]
"""JSON values; amounts as exact decimal text."""


def describe_outcomes(outcomes: Iterable[MonthOutcome]) -> list[Document]:
    """Describe what became of months that were to be shared out.

    Parameters
    ----------
    outcomes : iterable of MonthOutcome
        Month by month.

    Returns
    -------
    list of dict
        ``stored``, ``unchanged`` or ``failed``, and why it failed.
    """
    return [
        {
            "cau": each.cau,
            "month": f"{each.month:%Y-%m}",
            "outcome": "failed"
            if isinstance(each.result, CommunityError)
            else "stored"
            if each.is_new
            else "unchanged",
            "because": str(each.result) if isinstance(each.result, CommunityError) else None,
        }
        for each in outcomes
    ]


def describe_preview(preview: BillingPreview) -> Document:
    """Describe what a billing run would issue.

    Parameters
    ----------
    preview : BillingPreview
        The preview.

    Returns
    -------
    dict
        Drafts, what is missing, which bills are held, and the total.
    """
    period = preview.scope.period
    return {
        "community": preview.scope.community.code,
        "period": [period.start.isoformat(), end_of(period).isoformat()],
        "invoices": [_describe_draft(draft) for draft in preview.drafts],
        "missing": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "since": each.since and each.since.isoformat(),
                "because": each.because or None,
                "remedy": each.kind.remedy,
            }
            for each in preview.missing
        ],
        "held": [
            {
                "cups": bill.cups,
                "total_eur": str(bill.total_eur),
                "usual_eur": str(bill.usual_eur),
            }
            for bill in preview.held
        ],
        "total_eur": str(preview.total_eur),
    }


def describe_run(run: BillingRun) -> Document:
    """Describe a billing run.

    Parameters
    ----------
    run : BillingRun
        The run.

    Returns
    -------
    dict
        Its period, size and total.
    """
    return {
        "id": str(run.id),
        "period": [run.period_start.isoformat(), run.period_end.isoformat()],
        "invoices": run.invoice_count,
        "total_eur": str(from_cents(run.total_cents)),
        "issued_at": run.issued_at.isoformat(),
    }


def describe_heads(
    session: Session, *, promoter_id: UUID, invoices: Sequence[Invoice]
) -> list[Document]:
    """Describe invoices by what a list shows of them.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    invoices : sequence of Invoice
        Its invoices.

    Returns
    -------
    list of dict
        In the same order: number, days, member, payer, amounts, what became of them and what they
        count for: one that was cancelled for nothing, one by substitution for what it changes.
    """
    keys = [invoice.id for invoice in invoices]
    members = map_members(
        session, promoter_id=promoter_id, member_ids={each.member_id for each in invoices}
    )
    rectifying = group_rectifying(session, promoter_id=promoter_id, invoice_ids=keys)
    records = group_records(session, promoter_id=promoter_id, invoice_ids=keys)
    replaced = _map_replaced(session, promoter_id, invoices)
    heads = [
        {
            "id": str(invoice.id),
            "number": invoice.full_number,
            "kind": invoice.kind.value,
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": invoice.due_on.isoformat(),
            "period": [invoice.period_start.isoformat(), invoice.period_end.isoformat()],
            "member": members[invoice.member_id].code,
            "payer": invoice.parties["recipient"]["name"],
            "net_eur": str(from_cents(invoice.net_cents)),
            "tax_eur": str(from_cents(invoice.tax_cents)),
            "total_eur": str(from_cents(invoice.total_cents)),
            "is_cancelled": any(
                record.kind is FiscalRecordKind.CANCELLATION for record in records[invoice.id]
            ),
            "rectified_by": [each.full_number for each in rectifying[invoice.id]],
        }
        for invoice in invoices
    ]
    for head, invoice in zip(heads, invoices, strict=True):
        counted = _count(invoice, replaced, is_cancelled=head["is_cancelled"])
        head["counted"] = {f"{name}_eur": str(from_cents(cents)) for name, cents in counted.items()}
    return heads


def describe_invoice(
    session: Session, *, promoter_id: UUID, invoice: Invoice, qr: QrTarget
) -> Document:
    """Describe an invoice with all its parts.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    invoice : Invoice
        Its invoice.
    qr : QrTarget
        Where the QR leads.

    Returns
    -------
    dict
        What ``describe_heads`` gives, and parties, lines, taxes, energy, corrections and records.
    """
    (head,) = describe_heads(session, promoter_id=promoter_id, invoices=[invoice])
    keys = [invoice.id]
    lines = group_lines(session, promoter_id=promoter_id, invoice_ids=keys)[invoice.id]
    taxes = group_taxes(session, promoter_id=promoter_id, invoice_ids=keys)[invoice.id]
    records = group_records(session, promoter_id=promoter_id, invoice_ids=keys)[invoice.id]
    facts = invoice.facts
    return head | {
        "issuer": invoice.parties["issuer"],
        "recipient": invoice.parties["recipient"],
        "description": facts["description"],
        "cups": facts["cups"],
        "caus": facts["caus"],
        "self_consumed_wh": facts["self_consumed_wh"],
        "surplus_wh": facts["surplus_wh"],
        "lines": [_describe_stored_line(line) for line in lines],
        "taxes": [_describe_stored_tax(tax) for tax in taxes],
        "rectifies": _name_rectified(session, promoter_id, invoice),
        "rectification": invoice.rectification and invoice.rectification.value,
        "rectified_because": invoice.rectified_because,
        "records": [_describe_record(record) for record in records],
        "qr": address_qr(invoice, qr),
    }


def _map_replaced(
    session: Session, promoter_id: UUID, invoices: Iterable[Invoice]
) -> dict[UUID, Invoice]:
    """Read the invoices that others state anew."""
    keys = {key for invoice in invoices for key in _list_replaced(invoice)}
    return map_issued(session, promoter_id=promoter_id, invoice_ids=keys)


def _list_replaced(invoice: Invoice) -> list[UUID]:
    if invoice.rectification is not Rectification.SUBSTITUTION:
        return []
    return [UUID(key) for key in invoice.facts["corrects"]]


def _count(
    invoice: Invoice, replaced: Mapping[UUID, Invoice], *, is_cancelled: bool
) -> dict[str, int]:
    """Tell by how much an invoice changes what is charged [cents]."""
    if is_cancelled:
        return {"net": 0, "tax": 0, "total": 0}
    before = [replaced[key] for key in _list_replaced(invoice)]
    return {
        "net": invoice.net_cents - sum(each.net_cents for each in before),
        "tax": invoice.tax_cents - sum(each.tax_cents for each in before),
        "total": invoice.total_cents - sum(each.total_cents for each in before),
    }


def _describe_stored_line(line: tables.InvoiceLine) -> Document:
    return {
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "price_eur": line.price,
        "net_eur": str(from_cents(line.net_cents)),
        "tax": line.tax.value,
        "tax_percent": line.tax_percent,
    }


def _describe_stored_tax(tax: tables.InvoiceTax) -> Document:
    return {
        "tax": tax.tax.value,
        "percent": tax.tax_percent,
        "base_eur": str(from_cents(tax.base_cents)),
        "quota_eur": str(from_cents(tax.quota_cents)),
        "exempt_because": tax.exempt_because,
    }


def _describe_record(record: tables.FiscalRecord) -> Document:
    return {
        "kind": record.kind.value,
        "attempt": record.attempt,
        "position": record.position,
        "generated_at": record.generated_at,
        "sha256": record.sha256,
        "because": record.because,
    }


def _name_rectified(session: Session, promoter_id: UUID, invoice: Invoice) -> str | None:
    """Give the number of the invoice that another one rectifies."""
    key = invoice.rectifies_id
    if key is None:
        return None
    return map_issued(session, promoter_id=promoter_id, invoice_ids=[key])[key].full_number


def _describe_draft(draft: DraftInvoice) -> Document:
    energy = [piece for billed in draft.billed for piece in billed.energy]
    return {
        "member": draft.member.code,
        "cups": draft.point.cups,
        "payer": draft.payer.name,
        "issuer": draft.issuer.tax_number,
        "self_consumed_wh": sum(piece.self_consumed_wh for piece in energy),
        "surplus_wh": sum(piece.surplus_wh for piece in energy),
        "lines": [_describe_line(each.line) for each in draft.lines],
        "taxes": _describe_taxes(draft.taxes),
        "net_eur": str(sum((each.base_eur for each in draft.taxes), Decimal("0.00"))),
        "tax_eur": str(sum((each.quota_eur for each in draft.taxes), Decimal("0.00"))),
        "total_eur": str(draft.total_eur),
    }


def _describe_line(line: InvoiceLine) -> Document:
    return {
        "description": line.description,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
        "price_eur": f"{line.unit_price_eur:f}",
        "net_eur": str(line.base_eur),
        "tax": line.tax.value,
        "tax_percent": f"{line.rate_percent:f}",
    }


def _describe_taxes(taxes: Iterable[TaxAmount]) -> list[Document]:
    return [
        {
            "tax": each.tax.value,
            "percent": f"{each.rate_percent:f}",
            "base_eur": str(each.base_eur),
            "quota_eur": str(each.quota_eur),
            "exempt_because": each.exempt_because or None,
        }
        for each in taxes
    ]
