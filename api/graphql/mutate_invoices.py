"""Issue invoices, correct them, and make their documents."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.billing_runs import (
    BillingRun,
    HeldBill,
    MissingForRun,
    page_held,
    page_missing,
)
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.invoices import Invoice, InvoiceFile
from api.graphql.mutate_files import JobPayload
from api.graphql.node import require_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.invoice_settings import (
    UnsetBillingSystemError,
    choose_qr_target,
    find_facturae_signer,
    require_billing_system,
)
from api.services.communities.browse_records import WholeList
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices import billing_faults
from api.services.invoices.billing_faults import HeldBillsError, UnreadyRunError
from api.services.invoices.billing_scope import BillingPeriodError
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.corrected_lines import (
    CorrectedLinesError,
    CorrectionReason,
    check_lines,
)
from api.services.invoices.find_invoices import UnknownRunError
from api.services.invoices.generate_invoice_files import generate_facturae, generate_invoice_pdf
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.issue_billing_run import (
    BillingRunWish,
    SameKeyError,
    SeriesKindError,
    issue_billing_run,
)
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from api.services.invoices.render_run import request_rendering
from api.services.jobs.request_job import (
    IdempotencyKeyReusedError,
    IdempotencyKeyTooLongError,
)
from models import tables
from models.tables import InvoiceFileKind
from models.values.cups import Cups
from models.values.errors import CommunityError
from models.values.invoicing import BillingBasis, InvoiceKind, Rectification, TaxKind
from models.values.language import Language
from models.values.period import Period

describe(
    CorrectionReason,
    "Which part of an invoice was wrong, by its code in Facturae.",
    NUMBER="01: its number.",
    SERIES="02: its series.",
    ISSUE_DATE="03: its day of issue.",
    ISSUER_NAME="04: name of the issuer.",
    RECIPIENT_NAME="05: name of the payer.",
    ISSUER_NIF="06: NIF of the issuer.",
    RECIPIENT_NIF="07: NIF of the payer.",
    ISSUER_ADDRESS="08: address of the issuer.",
    RECIPIENT_ADDRESS="09: address of the payer.",
    LINES="10: its lines.",
    TAX_RATE="11: the rate of a tax.",
    TAX_QUOTA="12: the quota of a tax.",
    PERIOD="13: its period.",
    INVOICE_CLASS="14: its class.",
    LEGAL_TEXTS="15: its legal texts.",
    TAXABLE_BASE="16: its taxable base.",
    TAX_CALCULATION="80: how a quota was worked out.",
    DISCOUNT="83: a discount.",
    FIRM_DECISION="84: a firm decision of a court or an authority.",
    INSOLVENCY="85: insolvency of the payer.",
)


@strawberry.input(description="Which invoices to issue.")
class IssueBillingRunInput:
    """A period of a community."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    start: date = strawberry.field(description="First day of a month.")
    end: date = strawberry.field(
        description="The day after the last: the first one of a month, a year later at most."
    )
    series: str = strawberry.field(description="Series of the numbers, 1 to 20 plain letters.")
    idempotency_key: str = strawberry.field(
        description="Your own name for the run, 1 to 100 characters: the same again gives the "
        "same run."
    )
    cups: list[Cups] | None = strawberry.field(
        default=None, description="Only these; all that share or pay by default."
    )
    looked_at: list[Cups] = strawberry.field(
        default_factory=list,
        description="Supply points whose bill is far above the usual, and right.",
    )
    due_days: int = strawberry.field(default=20, description="Days to pay, 0 to 365.")


@strawberry.input(description="A line as it should have been.")
class CorrectedLineInput:
    """A line."""

    charges: BillingBasis = strawberry.field(description="What it charges for.")
    description: str = strawberry.field(description="Its text.")
    quantity: str = strawberry.field(description="How much, exact decimal text.")
    unit: str = strawberry.field(description="Unit of the quantity.")
    price_eur: str = strawberry.field(description="Of one unit, exact decimal text [EUR].")
    tax: TaxKind = strawberry.field(default=TaxKind.VAT, description="Tax on it.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")


@strawberry.input(description="How to rectify an invoice.")
class RectifyInvoiceInput:
    """A rectification."""

    invoice_id: strawberry.ID = strawberry.field(
        description="Global id of the invoice, or of any that rectifies it."
    )
    method: Rectification = strawberry.field(description="By substitution or by difference.")
    series: str = strawberry.field(description="Series of rectifying invoices.")
    reason: CorrectionReason = strawberry.field(description="Which part was wrong.")
    because: str = strawberry.field(description="The same in words, 1 to 500 characters.")
    kind: InvoiceKind = strawberry.field(
        default=InvoiceKind.RECTIFIED_OTHERWISE, description="R1 to R4, by the law."
    )
    lines: list[CorrectedLineInput] | None = strawberry.field(
        default=None,
        description="What is right; worked out anew from plan and energy without them.",
    )


@strawberry.input(description="Which invoice to cancel.")
class CancelInvoiceInput:
    """A cancellation."""

    invoice_id: strawberry.ID = strawberry.field(description="Global id of the invoice.")
    because: str = strawberry.field(description="Why, 1 to 500 characters; it is kept.")


@strawberry.input(description="Which document to make of an invoice.")
class GenerateInvoiceFileInput:
    """A kind and its language."""

    invoice_id: strawberry.ID = strawberry.field(description="Global id of the invoice.")
    kind: InvoiceFileKind = strawberry.field(description="What to make.")
    language: Language | None = strawberry.field(
        default=None, description="Of a PDF's page; the payer's without it."
    )


@strawberry.input(description="Of which billing run to render the PDFs.")
class RenderInvoicesInput:
    """A run."""

    run_id: strawberry.ID = strawberry.field(description="Global id of the billing run.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type(description="The run, or all that kept it from being issued.")
class IssueBillingRunPayload:
    """Answer of ``issueBillingRun``."""

    lacking: strawberry.Private[Sequence[billing_faults.Missing]]
    unusual: strawberry.Private[Sequence[billing_faults.HeldBill]]

    run: BillingRun | None = strawberry.field(description="The run.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being issued.")

    @strawberry.field(description="Everything that it lacks.")
    def missing(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MissingForRun]:
        """Page through it."""
        return page_missing(self.lacking, first, after)

    @strawberry.field(description="Bills that nobody has looked at.")
    def held(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[HeldBill]:
        """Page through them."""
        return page_held(self.unusual, first, after)


@strawberry.type(description="The invoice, or why nothing was done.")
class InvoicePayload:
    """Answer of what is done to an invoice."""

    invoice: Invoice | None = strawberry.field(
        description="The rectifying invoice; else the one that was cancelled, or whose record was "
        "mended."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="The document, or why there is none.")
class GenerateInvoiceFilePayload:
    """Answer of ``generateInvoiceFile``."""

    file: InvoiceFile | None = strawberry.field(description="The document, which is kept.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being made.")


@strawberry.type
class InvoiceMutations:
    """What can be done about invoices."""

    @strawberry.mutation(
        description="Issue a community's invoices of a period, all of them or none, and each only "
        "once: numbered without a gap, sealed, and registered in each issuer's chain."
    )
    async def issue_billing_run(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            IssueBillingRunInput, strawberry.argument(description="Which invoices.")
        ],
    ) -> IssueBillingRunPayload:
        """Issue them."""
        missing: list[billing_faults.Missing] = []
        held: list[billing_faults.HeldBill] = []

        def find_fault(error: CommunityError) -> Sequence[str]:
            if isinstance(error, UnreadyRunError):
                missing.extend(error.missing)
            if isinstance(error, HeldBillsError):
                held.extend(error.held)
            return _find_run_fault(error)

        run, errors = await attempt(_issue(info, input), find_fault)
        return IssueBillingRunPayload(lacking=missing, unusual=held, run=run, user_errors=errors)

    @strawberry.mutation(
        description="Issue an invoice that rectifies another one, which stays as it is."
    )
    async def rectify_invoice(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RectifyInvoiceInput, strawberry.argument(description="Which, how and why.")
        ],
    ) -> InvoicePayload:
        """Issue it."""
        invoice, errors = await attempt(_rectify(info, input), _find_invoice_fault)
        return InvoicePayload(invoice=invoice, user_errors=errors)

    @strawberry.mutation(
        description="Cancel an invoice that should never have been issued; its number stays "
        "taken, and its days can be billed again."
    )
    async def cancel_invoice(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CancelInvoiceInput, strawberry.argument(description="Which, and why.")
        ],
    ) -> InvoicePayload:
        """Cancel it."""
        invoice, errors = await attempt(_cancel(info, input), _find_invoice_fault)
        return InvoicePayload(invoice=invoice, user_errors=errors)

    @strawberry.mutation(
        description="Make a document of an invoice and keep it; the same bytes again are the same "
        "document."
    )
    async def generate_invoice_file(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            GenerateInvoiceFileInput, strawberry.argument(description="Which document.")
        ],
    ) -> GenerateInvoiceFilePayload:
        """Make it."""
        file, errors = await attempt(_generate(info, input), _find_invoice_fault)
        return GenerateInvoiceFilePayload(file=file, user_errors=errors)

    @strawberry.mutation(
        description="Render the PDFs of a billing run in a job; the run's `download` is a ZIP of "
        "all."
    )
    async def render_invoices(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RenderInvoicesInput, strawberry.argument(description="Which run.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_render(info, input), _find_rendering_fault)
        return JobPayload(job=job, user_errors=errors)


async def _issue(info: Info, given: IssueBillingRunInput) -> Any:
    system = require_billing_system(info.context.settings)
    wish = BillingRunWish(
        community_id=read_community(given.community_id),
        period=Period(given.start, given.end),
        series=given.series,
        cups=None if given.cups is None else tuple(map(str, given.cups)),
        looked_at=frozenset(map(str, given.looked_at)),
        due_days=given.due_days,
    )
    return await info.context.write(
        issue_billing_run,
        wish=wish,
        idempotency_key=given.idempotency_key,
        system=system,
        now=now(),
    )


async def _rectify(info: Info, given: RectifyInvoiceInput) -> Any:
    wish = RectificationWish(
        invoice_id=read_invoice(given.invoice_id),
        method=given.method,
        series=given.series,
        reason=given.reason,
        because=given.because,
        lines=None if given.lines is None else check_lines(map(asdict, given.lines)),
        kind=given.kind,
    )
    system = require_billing_system(info.context.settings)
    return await info.context.write(rectify_invoice, wish=wish, system=system, now=now())


async def _cancel(info: Info, given: CancelInvoiceInput) -> Any:
    key = read_invoice(given.invoice_id)
    system = require_billing_system(info.context.settings)
    await info.context.write(
        cancel_invoice, invoice_id=key, because=given.because, system=system, now=now()
    )
    return await info.context.loaders.record(tables.Invoice, key)


async def _generate(info: Info, given: GenerateInvoiceFileInput) -> Any:
    """Make a document, and find it without its content."""
    key = read_invoice(given.invoice_id)
    if given.kind is InvoiceFileKind.PDF:
        file = await info.context.write(
            generate_invoice_pdf,
            invoice_id=key,
            qr=choose_qr_target(info.context.settings),
            keyring=info.context.keyring,
            language=given.language,
            now=now(),
        )
    else:
        file = await info.context.write(
            generate_facturae,
            invoice_id=key,
            keyring=info.context.keyring,
            certificate=find_facturae_signer(info.context.settings),
            now=now(),
        )
    heads: list[Any] = await info.context.loaders.rows(WholeList.FILES_OF_INVOICE, key)
    return next(head for head in heads if head.id == file.id)


async def _render(info: Info, given: RenderInvoicesInput) -> Any:
    key = require_key(tables.BillingRun, str(given.run_id), UnknownRunError)
    return await info.context.write(
        request_rendering, run_id=key, idempotency_key=given.idempotency_key, now=now()
    )


def read_invoice(text: strawberry.ID) -> UUID:
    """Read the key of an invoice."""
    return require_key(tables.Invoice, str(text), UnknownInvoiceError)


def _find_run_fault(error: CommunityError) -> list[str]:
    """Name the input of a run at fault."""
    match error:
        case UnknownCommunityError():
            return ["communityId"]
        case BillingPeriodError():
            return ["start"]
        case UnknownCupsError():
            return ["cups"]
        case HeldBillsError():
            return ["lookedAt"]
        case SeriesKindError():
            return ["series"]
        case SameKeyError():
            return ["idempotencyKey"]
    return []


def _find_invoice_fault(error: CommunityError) -> list[str]:
    """Name the input of what is done to an invoice at fault."""
    match error:
        case SeriesKindError():
            return ["series"]
        case CorrectedLinesError():
            return ["lines"]
        case UnsetBillingSystemError():
            return []
    return ["invoiceId"]


def _find_rendering_fault(error: CommunityError) -> list[str]:
    """Name the input of a rendering at fault."""
    match error:
        case IdempotencyKeyTooLongError() | IdempotencyKeyReusedError():
            return ["idempotencyKey"]
    return ["runId"]
