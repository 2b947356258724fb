"""Issue a community's invoices of a period: all of them, once, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.collection.apply_prepayments import apply_prepayments
from api.services.collection.choose_payments import choose_payments
from api.services.collection.invoice_entries import list_issue_entries
from api.services.invoices.billing_faults import HeldBillsError, UnreadyRunError
from api.services.invoices.billing_scope import end_of
from api.services.invoices.draft_invoices import DraftInvoice
from api.services.invoices.invoice_texts import describe_due_day, describe_operation
from api.services.invoices.preview_billing_run import BillingPreview, preview_billing_run
from api.services.invoices.record_chain import RecordChain
from api.services.invoices.stored_invoice import (
    describe_party,
    list_invoice_values,
    list_line_rows,
    list_tax_rows,
    number_invoice,
    read_party,
)
from api.services.invoices.stored_rows import (
    copy_parties,
    list_energy_values,
    list_facts,
    list_period_values,
)
from loaders.invoice_checks import check_text
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.records import BillingSystem
from models.repositories.installations import group_installations, lock_installation
from models.repositories.invoices import ensure_series, find_run, insert_rows
from models.repositories.payment_plans import lock_issuers
from models.tables import (
    BilledEnergy,
    BilledPeriod,
    BillingRun,
    FiscalRecord,
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    InvoiceTax,
    LedgerEntry,
)
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.invoicing import InvoiceKind
from models.values.money import to_cents
from models.values.period import Period

_LONGEST_KEY = 100
_MOST_DUE_DAYS = 365

_Rows = dict[type[Any], list[dict[str, Any]]]
_TABLES = (
    Invoice,
    InvoiceLine,
    InvoiceTax,
    BilledPeriod,
    BilledEnergy,
    FiscalRecord,
    LedgerEntry,
)


class SameKeyError(ConflictError):
    """A billing run of that key was asked for with something else.

    Attributes
    ----------
    idempotency_key : str
        The key.
    """

    def __init__(self, idempotency_key: str) -> None:
        super().__init__(
            f"the key {idempotency_key} was used for another billing run: choose another one"
        )
        self.idempotency_key = idempotency_key


class SeriesKindError(ConflictError):
    """Ordinary and rectifying invoices would share a series.

    Attributes
    ----------
    series : str
        Its code.
    """

    def __init__(self, series: str) -> None:
        super().__init__(
            f"series {series} is of the other kind: rectifying invoices have series of their own"
        )
        self.series = series


@dataclass(frozen=True, slots=True)
class BillingRunWish:
    """What is asked of a billing run.

    Attributes
    ----------
    community_id : UUID
        Whose members are billed.
    period : Period
        1 to 12 whole months that are over.
    series : str
        Series of each issuer; begun where there is none.
    cups : tuple of str or None
        Only these supply points; all that share or pay when None.
    looked_at : frozenset of str
        CUPS of bills far above the usual that somebody found right.
    due_days : int
        Days that the payers have, 0 to 365.

    Raises
    ------
    UnfitInvoiceError
        If the series is not 1 to 20 plain letters.
    InvalidArgumentError
        If the days are fewer or more.
    """

    community_id: UUID
    period: Period
    series: str
    cups: tuple[str, ...] | None = None
    looked_at: frozenset[str] = field(default_factory=frozenset)
    due_days: int = 20

    def __post_init__(self) -> None:
        number_invoice(self.series, 1)
        if not 0 <= self.due_days <= _MOST_DUE_DAYS:
            raise InvalidArgumentError(f"{self.due_days} days to pay are not 0 to {_MOST_DUE_DAYS}")

    def as_document(self) -> dict[str, Any]:
        """Give the wish as it is stored and compared."""
        end = self.period.end
        return {
            "community_id": str(self.community_id),
            "period": [self.period.start.isoformat(), end and end.isoformat()],
            "series": self.series,
            "cups": None if self.cups is None else sorted(self.cups),
            "looked_at": sorted(self.looked_at),
            "due_days": self.due_days,
        }


def issue_billing_run(
    session: Session,
    *,
    promoter_id: UUID,
    wish: BillingRunWish,
    idempotency_key: str,
    system: BillingSystem,
    now: datetime,
) -> BillingRun:
    """Issue a community's invoices of a period.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : BillingRunWish
        What is billed.
    idempotency_key : str
        The same key gives the same run; at most 100 characters.
    system : BillingSystem
        The software, as its declaration of conformity names it.
    now : datetime
        The present instant.

    Returns
    -------
    BillingRun
        The run; its invoices are numbered, sealed and registered in each issuer's chain.

    Raises
    ------
    UnfitInvoiceError
        If the key is blank or too long.
    SameKeyError
        If the key was used for another run.
    UnreadyRunError
        If something is missing; nothing is issued.
    HeldBillsError
        If bills far above the usual were not looked at; nothing is issued.
    SeriesKindError
        If the series is one of rectifying invoices.
    BillingPeriodError, UnknownCommunityError, UnknownCupsError, UnbalancedEnergyError
        As ``preview_billing_run``.

    Notes
    -----
    RD 1619/2012, article 6: numbers without a gap in each series; RD 1007/2023: one chain of
    records for each issuer. Whoever issues holds the issuer's row until the transaction ends.
    """
    check_text("idempotency key", idempotency_key, _LONGEST_KEY)
    request = wish.as_document()
    known = find_run(session, promoter_id=promoter_id, idempotency_key=idempotency_key)
    if known is not None:
        if known.request != request:
            raise SameKeyError(idempotency_key)
        return known
    hold_plants(session, promoter_id=promoter_id, community_id=wish.community_id)
    preview = preview_billing_run(
        session,
        promoter_id=promoter_id,
        community_id=wish.community_id,
        period=wish.period,
        cups=wish.cups,
        now=now,
    )
    _check_ready(preview, wish)
    run = BillingRun(
        promoter_id=promoter_id,
        community_id=wish.community_id,
        period_start=wish.period.start,
        period_end=end_of(wish.period),
        idempotency_key=idempotency_key,
        request=request,
        invoice_count=len(preview.drafts),
        total_cents=to_cents(preview.total_eur),
        issued_at=now,
    )
    session.add(run)
    session.flush()
    _issue(session, run, wish, preview, system)
    return run


def hold_plants(session: Session, *, promoter_id: UUID, community_id: UUID) -> None:
    """Let nothing of a community be shared out or billed by others until the transaction ends.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose plants.
    """
    plants = group_installations(session, promoter_id=promoter_id, community_ids=[community_id])
    for plant in plants[community_id]:
        lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)


def _check_ready(preview: BillingPreview, wish: BillingRunWish) -> None:
    if preview.missing:
        raise UnreadyRunError(preview.missing)
    if held := [bill for bill in preview.held if bill.cups not in wish.looked_at]:
        raise HeldBillsError(held)


def _issue(
    session: Session,
    run: BillingRun,
    wish: BillingRunWish,
    preview: BillingPreview,
    system: BillingSystem,
) -> None:
    """Give the drafts numbers, chain and store them, issuer by issuer."""
    issuer_ids = {draft.issuer.id for draft in preview.drafts}
    issuers = lock_issuers(session, promoter_id=run.promoter_id, issuer_ids=issuer_ids)
    for issuer_id, issuer in issuers.items():
        series = ensure_series(
            session,
            promoter_id=run.promoter_id,
            issuer_id=issuer_id,
            code=wish.series,
            is_rectifying=False,
        )
        if series.is_rectifying:
            raise SeriesKindError(wish.series)
        chain = RecordChain(session, issuer=issuer, system=system, now=run.issued_at)
        drafts = [draft for draft in preview.drafts if draft.issuer.id == issuer_id]
        payments = choose_payments(
            session,
            promoter_id=run.promoter_id,
            issuer_id=issuer_id,
            member_ids={draft.member.id for draft in drafts},
            due_on=chain.issued_on + timedelta(days=wish.due_days),
        )
        rows = _lay_out(run, wish, series, chain, drafts, _name_plants(preview), payments)
        insert_rows(session, rows)
        series.last_number += len(drafts)
        session.flush()
        apply_prepayments(
            session, promoter_id=run.promoter_id, issuer_id=issuer_id, now=run.issued_at
        )


def _lay_out(
    run: BillingRun,
    wish: BillingRunWish,
    series: InvoiceSeries,
    chain: RecordChain,
    drafts: Sequence[DraftInvoice],
    caus: dict[UUID, str],
    payments: dict[UUID, dict[str, Any]],
) -> _Rows:
    """Give every draft its number and its record, and lay out all their rows."""
    rows: _Rows = {table: [] for table in _TABLES}
    due_on = chain.issued_on + timedelta(days=wish.due_days)
    for number, draft in enumerate(drafts, start=series.last_number + 1):
        chosen = payments.get(draft.member.id) if draft.total_eur > 0 else None
        note_on = due_on if chosen is None else None
        record = _record_draft(draft, series.code, number, chain, note_on)
        head = {"invoice_id": uuid4(), "promoter_id": run.promoter_id}
        facts = {
            "description": record.description,
            "notes": list(record.notes),
            "payment": chosen,
        }
        rows[Invoice].append(
            list_invoice_values(record)
            | {
                "id": head["invoice_id"],
                "promoter_id": run.promoter_id,
                "series_id": series.id,
                "number": number,
                "run_id": run.id,
                "issuer_id": draft.issuer.id,
                "member_id": draft.member.id,
                "supply_point_id": draft.point.id,
                "issued_at": chain.recorded_at,
                "due_on": due_on,
                "parties": copy_parties(draft.issuer, draft.payer),
                "facts": facts | list_facts(draft, caus),
            }
        )
        sources = [{"basis": each.term.basis, "source": each.source} for each in draft.lines]
        rows[InvoiceLine] += list_line_rows(record, sources, head)
        rows[InvoiceTax] += list_tax_rows(record, head)
        rows[BilledPeriod] += [head | values for values in list_period_values(draft)]
        rows[BilledEnergy] += [head | values for values in list_energy_values(draft)]
        rows[FiscalRecord].append(chain.register(head["invoice_id"], record))
        rows[LedgerEntry] += list_issue_entries(rows[Invoice][-1])
    return rows


def _record_draft(
    draft: DraftInvoice,
    series: str,
    number: int,
    chain: RecordChain,
    note_on: date | None,
) -> InvoiceRecord:
    """Make the invoice of a draft, with a note of when it is due where nothing else tells."""
    language = draft.payer.language
    return InvoiceRecord(
        kind=InvoiceKind.FULL,
        number=number_invoice(series, number),
        issued_on=chain.issued_on,
        period=draft.period,
        issuer=read_party(describe_party(draft.issuer)),
        recipient=read_party(describe_party(draft.payer)),
        description=describe_operation(draft.period, language),
        lines=tuple(each.line for each in draft.lines),
        taxes=draft.taxes,
        total_eur=draft.total_eur,
        notes=(describe_due_day(note_on, language),) if note_on else (),
    )


def _name_plants(preview: BillingPreview) -> dict[UUID, str]:
    return {key: plant.cau for key, plant in preview.scope.plants.items()}
