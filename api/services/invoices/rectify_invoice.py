"""Rectify an issued invoice by another one: nothing that was issued is ever changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.collection.invoice_entries import post_rectification
from api.services.collection.refuse_underway import refuse_underway
from api.services.invoices.invoice_history import (
    BasedLine,
    InvoiceHistory,
    negate,
    read_history,
    require_invoice,
)
from api.services.invoices.issue_billing_run import SeriesKindError
from api.services.invoices.record_chain import RecordChain
from api.services.invoices.restated_invoice import Restated, restate_invoice
from api.services.invoices.stored_invoice import (
    list_invoice_values,
    list_line_rows,
    list_tax_rows,
    name_rectified,
    number_invoice,
    read_party,
)
from loaders.invoice_checks import MOST_TEXT, check_text
from loaders.invoice_parts import TaxAmount
from loaders.invoice_record import Correction, CorrectionReason, InvoiceRecord, sum_taxes
from loaders.verifactu.records import BillingSystem
from models.repositories.invoices import ensure_series, insert_rows
from models.repositories.payment_plans import lock_issuers
from models.tables import BilledEnergy, FiscalRecord, Invoice, InvoiceLine, InvoiceTax
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.invoicing import InvoiceKind, Rectification
from models.values.money import from_cents, round_to_cents
from models.values.period import Period

_DUE = timedelta(days=20)
_KINDS = {
    InvoiceKind.RECTIFIED_BY_LAW,
    InvoiceKind.RECTIFIED_FOR_INSOLVENCY,
    InvoiceKind.RECTIFIED_FOR_BAD_DEBT,
    InvoiceKind.RECTIFIED_OTHERWISE,
}


class NothingToRectifyError(ConflictError):
    """An invoice would be rectified by what it says already.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"invoice {number} says so already: there is nothing to rectify")
        self.number = number


@dataclass(frozen=True, slots=True)
class RectificationWish:
    """How an invoice is to be rectified.

    Attributes
    ----------
    invoice_id : UUID
        Which, or any that rectifies it.
    method : Rectification
        By difference or by substitution.
    series : str
        Series of rectifying invoices.
    reason : CorrectionReason
        Which part was wrong.
    because : str
        The same in words, 1 to 500 printable characters.
    lines : tuple of BasedLine or None
        What is right; worked out anew from plan and energy when None.
    kind : InvoiceKind
        R1 to R4.

    Raises
    ------
    UnfitInvoiceError
        If the series or the words are unfit.
    InvalidArgumentError
        If the kind rectifies no full invoice.
    """

    invoice_id: UUID
    method: Rectification
    series: str
    reason: CorrectionReason
    because: str
    lines: tuple[BasedLine, ...] | None = None
    kind: InvoiceKind = InvoiceKind.RECTIFIED_OTHERWISE

    def __post_init__(self) -> None:
        number_invoice(self.series, 1)
        check_text("cause", self.because, MOST_TEXT)
        if self.kind not in _KINDS:
            raise InvalidArgumentError(f"kind {self.kind.value} rectifies no full invoice")


def rectify_invoice(
    session: Session,
    *,
    promoter_id: UUID,
    wish: RectificationWish,
    system: BillingSystem,
    now: datetime,
) -> Invoice:
    """Issue an invoice that rectifies another one.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : RectificationWish
        Which invoice, how and why.
    system : BillingSystem
        The software, as its declaration of conformity names it.
    now : datetime
        The present instant.

    Returns
    -------
    Invoice
        The rectifying invoice. By difference it takes back the lines that were wrong and states
        the right ones; by substitution it states the whole anew.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    CancelledInvoiceError
        If it was cancelled.
    UndecidedDebitError
        If a bank is collecting it, or what it rectifies.
    NothingToRectifyError
        If nothing would change.
    SeriesKindError
        If the series is one of ordinary invoices.
    UnreadyRunError
        If it is to be worked out anew, and energy is missing.

    Notes
    -----
    RD 1619/2012, article 15 and, for the series, article 6.1.a.
    """
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=wish.invoice_id)
    issuer_id = rows.invoice.issuer_id
    issuer = lock_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id])[issuer_id]
    history = read_history(session, promoter_id=promoter_id, invoice_id=wish.invoice_id)
    refuse_underway(session, promoter_id=promoter_id, invoice_id=history.documents[0].invoice.id)
    right = restate_invoice(session, history=history, lines=wish.lines, now=now)
    lines = _choose_lines(wish, history, right)
    series = ensure_series(
        session,
        promoter_id=promoter_id,
        issuer_id=issuer_id,
        code=wish.series,
        is_rectifying=True,
    )
    if not series.is_rectifying:
        raise SeriesKindError(wish.series)
    chain = RecordChain(session, issuer=issuer, system=system, now=now)
    number = series.last_number + 1
    record = _make_record(wish, history, right, lines, number, chain)
    place = {"series_id": series.id, "number": number, "issuer_id": issuer_id}
    invoice = _lay_out(wish, history, right, record, chain) | place
    sources = [{"basis": basis, "source": right.source} for basis, _ in lines]
    _store(session, invoice, record, sources, right, chain)
    series.last_number = number
    session.flush()
    is_whole = wish.method is Rectification.SUBSTITUTION
    post_rectification(
        session,
        invoice=invoice,
        first=history.documents[0].invoice,
        replaced=[each.invoice for each in history.standing] if is_whole else [],
    )
    return require_invoice(session, promoter_id=promoter_id, invoice_id=invoice["id"]).invoice


def _store(
    session: Session,
    invoice: dict[str, Any],
    record: InvoiceRecord,
    sources: list[dict[str, Any]],
    right: Restated,
    chain: RecordChain,
) -> None:
    head = {"invoice_id": invoice["id"], "promoter_id": invoice["promoter_id"]}
    insert_rows(
        session,
        {
            Invoice: [invoice],
            InvoiceLine: list_line_rows(record, sources, head),
            InvoiceTax: list_tax_rows(record, head),
            BilledEnergy: [row | head for row in right.energy],
            FiscalRecord: [chain.register(invoice["id"], record)],
        },
    )


def _choose_lines(
    wish: RectificationWish, history: InvoiceHistory, right: Restated
) -> list[BasedLine]:
    """Give the lines of the rectifying invoice."""
    standing = history.list_standing_lines()
    changed = list(_subtract(standing, right.lines))
    has_other_parties = right.parties != history.last.invoice.parties
    is_substitution = wish.method is Rectification.SUBSTITUTION
    if not changed and not (is_substitution and has_other_parties):
        raise NothingToRectifyError(history.last.invoice.full_number)
    return list(right.lines) if is_substitution else changed


def _subtract(standing: Sequence[BasedLine], right: Sequence[BasedLine]) -> Iterator[BasedLine]:
    """Take back what is not right, and add what is and does not stand."""
    added = list(right)
    for line in standing:
        if line in added:
            added.remove(line)
        else:
            yield negate(line)
    yield from added


def _make_record(
    wish: RectificationWish,
    history: InvoiceHistory,
    right: Restated,
    lines: Sequence[BasedLine],
    number: int,
    chain: RecordChain,
) -> InvoiceRecord:
    plain = tuple(line for _, line in lines)
    is_substitution = wish.method is Rectification.SUBSTITUTION
    amounts = sum_taxes(plain)
    if not is_substitution:
        amounts = tuple(_complete(amount, history) for amount in amounts)
    taxes = tuple(_exempt(amount, history, right) for amount in amounts)
    first = history.documents[0].invoice
    corrected = history.standing if is_substitution else history.standing[:1]
    total = sum((each.base_eur + each.quota_eur for each in taxes), start=plain[0].base_eur * 0)
    return InvoiceRecord(
        kind=wish.kind,
        number=number_invoice(wish.series, number),
        issued_on=chain.issued_on,
        period=Period(first.period_start, first.period_end),
        issuer=read_party(right.parties["issuer"]),
        recipient=read_party(right.parties["recipient"]),
        description=first.facts["description"],
        lines=plain,
        taxes=taxes,
        total_eur=total,
        correction=Correction(
            wish.method,
            wish.reason,
            wish.because,
            tuple(name_rectified(rows) for rows in corrected),
        ),
    )


def _complete(difference: TaxAmount, history: InvoiceHistory) -> TaxAmount:
    """Make the quotas that count together that of the bases that do, rounded once."""
    key = (difference.tax, difference.rate_percent)
    counted = [
        tax
        for rows in history.standing
        for tax in rows.taxes
        if Restated.key_of(tax.tax, tax.tax_percent) == key
    ]
    base_eur = difference.base_eur + from_cents(sum(tax.base_cents for tax in counted))
    quota_eur = round_to_cents(base_eur * difference.rate_percent / 100)
    before_eur = from_cents(sum(tax.quota_cents for tax in counted))
    return replace(difference, quota_eur=quota_eur - before_eur)


def _exempt(amount: TaxAmount, history: InvoiceHistory, right: Restated) -> TaxAmount:
    """Say why a rate bears no tax as the invoices before did."""
    stored = [
        (Restated.key_of(tax.tax, tax.tax_percent), tax.exemption, tax.exempt_because)
        for rows in history.documents
        for tax in rows.taxes
    ]
    reasons = {key: (exemption, why) for key, exemption, why in stored if exemption is not None}
    reason = (reasons | dict(right.exemptions)).get((amount.tax, amount.rate_percent))
    if reason is None:
        return amount
    return replace(amount, exemption=reason[0], exempt_because=reason[1] or "")


def _lay_out(
    wish: RectificationWish,
    history: InvoiceHistory,
    right: Restated,
    record: InvoiceRecord,
    chain: RecordChain,
) -> dict[str, Any]:
    """Lay out the row of the rectifying invoice, without its place in the series."""
    before = history.last.invoice
    is_substitution = wish.method is Rectification.SUBSTITUTION
    corrected = history.standing if is_substitution else history.standing[:1]
    facts = {
        "description": record.description,
        "notes": [],
        # What is left to pay is known once it is set against what was paid.
        "payment": None,
        "correction_reason": wish.reason.value,
        "corrects": [str(rows.invoice.id) for rows in corrected],
    }
    return list_invoice_values(record) | {
        "id": uuid4(),
        "promoter_id": before.promoter_id,
        "run_id": None,
        "member_id": before.member_id,
        "supply_point_id": before.supply_point_id,
        "issued_at": chain.recorded_at,
        "due_on": chain.issued_on + _DUE,
        "rectifies_id": before.id,
        "rectification": wish.method,
        "rectified_because": wish.because,
        "parties": right.parties,
        "facts": dict(before.facts) | facts | right.facts,
    }
