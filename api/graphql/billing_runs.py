"""Billing runs: what one would issue, what it issued, and whether all of it still holds."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.enums import describe
from api.graphql.invoices import Invoice
from api.graphql.node import Node, open_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.payment_plans import InvoiceIssuer, Payer
from api.graphql.scalars import Euro, Kwh
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import PagedList
from api.services.invoices import billing_faults, draft_invoices, preview_billing_run
from api.services.invoices.billing_faults import MissingKind
from api.services.invoices.draft_lines import DraftLine
from api.services.invoices.find_invoices import InvoiceFilter
from api.services.invoices.verify_invoices import IssuerReport
from models import tables
from models.values.cups import Cups
from models.values.invoicing import BillingBasis, InvoiceKind, TaxKind
from models.values.money import from_cents
from models.values.period import Period

describe(
    MissingKind,
    "What a billing run lacks.",
    PERIOD_NOT_OVER="The period is not over.",
    NOTHING_APPLIED="Generation is stored, but nothing is recorded as applied.",
    NOT_ALLOCATED="A month was not shared out.",
    STALE_ALLOCATION="A month would be shared out in another way today.",
    NO_PLAN="A supply point shares, but pays by no plan.",
    NO_PAYER="Nobody pays for a member.",
    NO_SAVINGS="What a supply point saves is not known.",
    BILLED_ALREADY="Some of the days were billed already.",
)

_WH_PER_KWH = 1000


@strawberry.type(description="Something that a billing run lacks.")
class MissingForRun:
    """What, of what, and what to do."""

    kind: MissingKind = strawberry.field(description="What.")
    subject: str = strawberry.field(
        description="CAU, CUPS, code of a member or code of a community."
    )
    since: date | None = strawberry.field(description="First day for which it is missing.")
    because: str | None = strawberry.field(description="Why, where the kind does not tell.")
    remedy: str = strawberry.field(description="What to do about it.")


@strawberry.type(description="A bill far above what is usual, held until somebody looks at it.")
class HeldBill:
    """Shows a bill and what is usual."""

    cups: Cups = strawberry.field(description="The supply point.")
    total_eur: Euro = strawberry.field(description="The bill [EUR].")
    usual_eur: Euro = strawberry.field(description="What is usual [EUR].")


@strawberry.type(description="A line that would be issued.")
class DraftInvoiceLine:
    """Everything that is needed to multiply it out."""

    charges: BillingBasis = strawberry.field(description="What it charges for.")
    description: str = strawberry.field(description="Its text.")
    quantity: str = strawberry.field(description="How much, exact decimal text.")
    unit: str = strawberry.field(description="Unit of the quantity.")
    price_eur: str = strawberry.field(description="Of one unit, exact decimal text [EUR].")
    net_eur: Euro = strawberry.field(description="Quantity times price, without tax [EUR].")
    tax: TaxKind = strawberry.field(description="Tax on it.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")


@strawberry.type(description="What one tax at one rate would come to.")
class DraftInvoiceTax:
    """Base and quota."""

    tax: TaxKind = strawberry.field(description="The tax.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")
    base_eur: Euro = strawberry.field(description="What is taxed [EUR].")
    quota_eur: Euro = strawberry.field(description="The tax on it [EUR].")
    exempt_because: str | None = strawberry.field(description="The law that exempts it.")


@strawberry.type(description="An invoice that would be issued; it has no number.")
class DraftInvoice:
    """Shows a draft."""

    draft: strawberry.Private[draft_invoices.DraftInvoice]

    @strawberry.field(description="For which supply point.")
    def supply_point(self) -> SupplyPoint:
        """Hand the record on."""
        return self.draft.point  # type: ignore[return-value]

    @strawberry.field(description="To whom.")
    def payer(self) -> Payer:
        """Hand the record on."""
        return self.draft.payer  # type: ignore[return-value]

    @strawberry.field(description="In whose name.")
    def issuer(self) -> InvoiceIssuer:
        """Hand the record on."""
        return self.draft.issuer  # type: ignore[return-value]

    @strawberry.field(description="Energy of the plants that was used [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Sum it."""
        pieces = [piece for billed in self.draft.billed for piece in billed.energy]
        return Kwh(sum(piece.self_consumed_wh for piece in pieces) / _WH_PER_KWH)

    @strawberry.field(description="What was left of the share [kWh].")
    def surplus_kwh(self) -> Kwh:
        """Sum it."""
        pieces = [piece for billed in self.draft.billed for piece in billed.energy]
        return Kwh(sum(piece.surplus_wh for piece in pieces) / _WH_PER_KWH)

    @strawberry.field(description="Its lines, in their order.")
    def lines(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DraftInvoiceLine]:
        """Page through them."""
        return paginate([_show_line(line) for line in self.draft.lines], first, after)

    @strawberry.field(description="Its taxes, by tax and rate.")
    def taxes(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DraftInvoiceTax]:
        """Page through them."""
        taxes = [
            DraftInvoiceTax(
                tax=each.tax,
                tax_percent=f"{each.rate_percent:f}",
                base_eur=Euro(each.base_eur),
                quota_eur=Euro(each.quota_eur),
                exempt_because=each.exempt_because or None,
            )
            for each in self.draft.taxes
        ]
        return paginate(taxes, first, after)

    @strawberry.field(description="Without taxes [EUR].")
    def net_eur(self) -> Euro:
        """Sum it."""
        return Euro(sum((each.base_eur for each in self.draft.taxes), Decimal("0.00")))

    @strawberry.field(description="What would be to be paid [EUR].")
    def total_eur(self) -> Euro:
        """Sum it."""
        return Euro(self.draft.total_eur)


@strawberry.type(description="What a billing run would issue; nothing of it is stored.")
class BillingPreview:
    """Shows drafts, and all that keeps them from being issued."""

    preview: strawberry.Private[preview_billing_run.BillingPreview]

    @strawberry.field(description="Whether it can be issued, but for bills that are held.")
    def is_ready(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.preview.missing

    @strawberry.field(description="All drafts together [EUR].")
    def total_eur(self) -> Euro:
        """Sum them."""
        return Euro(self.preview.total_eur)

    @strawberry.field(
        description="What would be issued, by member and CUPS; none while energy is missing."
    )
    def invoices(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DraftInvoice]:
        """Page through them."""
        return paginate([DraftInvoice(draft=each) for each in self.preview.drafts], first, after)

    @strawberry.field(description="All that keeps it from being issued.")
    def missing(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MissingForRun]:
        """Page through it."""
        return page_missing(self.preview.missing, first, after)

    @strawberry.field(description="Bills that somebody has to look at.")
    def held(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[HeldBill]:
        """Page through them."""
        return page_held(self.preview.held, first, after)


@strawberry.type(description="A community's invoices of a period, issued together.")
@shows(tables.BillingRun)
class BillingRun(Node):
    """Shows a run."""

    community_id: strawberry.Private[UUID]
    total_cents: strawberry.Private[int]

    period_start: date = strawberry.field(description="First day of the period.")
    period_end: date = strawberry.field(description="The day after the last.")
    idempotency_key: str = strawberry.field(description="The caller's own name for it.")
    invoice_count: int = strawberry.field(description="How many invoices it issued.")
    issued_at: datetime = strawberry.field(description="When it was asked for.")

    @strawberry.field(description="All its invoices together [EUR].")
    def total_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.total_cents))

    @strawberry.field(description="Its invoices, by number.")
    async def invoices(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Invoice]:
        """Page through them."""
        return await info.context.loaders.page(PagedList.INVOICES_OF_RUN, self.id, first, after)

    @strawberry.field(
        description="Relative address of a ZIP with all its PDFs, once `renderInvoices` has made "
        f"them.{LINK}"
    )
    def download(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"/billing-runs/{self.id}/invoices.zip")


@strawberry.type(description="Something that is wrong with an issuer's invoices.")
class ChainFinding:
    """Shows a finding."""

    text: str = strawberry.field(description="In a sentence.")


@strawberry.type(description="What a verification found of an issuer's invoices.")
class ChainVerification:
    """Shows the state of a chain and of its series."""

    report: strawberry.Private[IssuerReport]

    @strawberry.field(description="Whose invoices.")
    def issuer(self) -> InvoiceIssuer:
        """Hand the record on."""
        return self.report.issuer  # type: ignore[return-value]

    @strawberry.field(description="Whether nothing is wrong.")
    def is_sound(self) -> bool:
        """Read the report."""
        return self.report.is_sound

    @strawberry.field(description="Records that hold, from the first one on.")
    def sound_records(self) -> int:
        """Read the report."""
        return self.report.chain.n_sound

    @strawberry.field(description="What is wrong.")
    def findings(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ChainFinding]:
        """Page through it."""
        found = [ChainFinding(text=text) for text in self.report.list_findings()]
        return paginate(found, first, after)


@strawberry.input(description="Which invoices; every condition that is given holds for all.")
class InvoiceFilterInput:
    """Conditions."""

    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of a community."
    )
    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of a member."
    )
    issuer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of an issuer."
    )
    period_from: date | None = strawberry.field(
        default=None, description="Those that charge this day or a later one."
    )
    period_until: date | None = strawberry.field(
        default=None, description="Those that charge a day before this one."
    )
    series: str | None = strawberry.field(default=None, description="Code of a series.")
    kind: InvoiceKind | None = strawberry.field(default=None, description="Kind of invoice.")
    is_cancelled: bool | None = strawberry.field(
        default=None, description="Whether they were cancelled."
    )


@strawberry.type
class InvoiceQueries:
    """Ways to invoices."""

    @strawberry.field(
        description="What a billing run would issue, and all that keeps it from being issued; "
        "free to repeat, nothing is stored."
    )
    async def preview_billing_run(
        self,
        info: Info,
        community_id: Annotated[
            strawberry.ID, strawberry.argument(description="Global id of the community.")
        ],
        start: Annotated[date, strawberry.argument(description="First day of a month.")],
        end: Annotated[
            date,
            strawberry.argument(description="The day after the last: the first one of a month."),
        ],
        cups: Annotated[
            list[Cups] | None,
            strawberry.argument(description="Only these; all that share or pay by default."),
        ] = None,
    ) -> BillingPreview:
        """Work it out."""
        key = read_community(community_id)
        chosen = None if cups is None else list(map(str, cups))
        loaders = info.context.loaders
        return BillingPreview(
            preview=await loaders.billing_preview(key, Period(start, end), chosen)
        )

    @strawberry.field(description="The caller's invoices, by number.")
    async def invoices(
        self,
        info: Info,
        where: Annotated[
            InvoiceFilterInput | None, strawberry.argument(description="Only these.")
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Invoice]:
        """Page through them."""
        wanted = read_filter(where or InvoiceFilterInput())
        return await info.context.loaders.invoices(wanted, first, after)

    @strawberry.field(description="In whose names the caller issues invoices, by NIF.")
    async def invoice_issuers(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InvoiceIssuer]:
        """Page through them."""
        loaders = info.context.loaders
        page: Connection[InvoiceIssuer] = loaders.cut(await loaders.issuers(), first, after)  # type: ignore[arg-type]
        return page

    @strawberry.field(
        description="Every issuer's chain of records and series of numbers, verified now."
    )
    async def verify_invoice_chain(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ChainVerification]:
        """Verify them."""
        reports = await info.context.loaders.chains()
        return paginate([ChainVerification(report=each) for each in reports], first, after)


def read_filter(given: InvoiceFilterInput) -> InvoiceFilter:
    """Open the ids of a filter; what is none names nothing, as an unknown one does."""
    return InvoiceFilter(
        community_id=open_key(tables.Community, given.community_id),
        member_id=open_key(tables.Member, given.member_id),
        issuer_id=open_key(tables.InvoiceIssuer, given.issuer_id),
        period_from=given.period_from,
        period_until=given.period_until,
        series=given.series,
        kind=given.kind,
        is_cancelled=given.is_cancelled,
    )


def page_missing(
    missing: Sequence[billing_faults.Missing], first: int | None, after: str | None
) -> Connection[MissingForRun]:
    """Page through what a run lacks."""
    shown = [
        MissingForRun(
            kind=each.kind,
            subject=each.subject,
            since=each.since,
            because=each.because or None,
            remedy=each.kind.remedy,
        )
        for each in missing
    ]
    return paginate(shown, first, after)


def page_held(
    held: Sequence[billing_faults.HeldBill], first: int | None, after: str | None
) -> Connection[HeldBill]:
    """Page through bills that are held."""
    shown = [
        HeldBill(
            cups=Cups(each.cups), total_eur=Euro(each.total_eur), usual_eur=Euro(each.usual_eur)
        )
        for each in held
    ]
    return paginate(shown, first, after)


def _show_line(draft: DraftLine) -> DraftInvoiceLine:
    line = draft.line
    return DraftInvoiceLine(
        charges=draft.term.basis,
        description=line.description,
        quantity=f"{line.quantity:f}",
        unit=line.unit,
        price_eur=f"{line.unit_price_eur:f}",
        net_eur=Euro(line.base_eur),
        tax=line.tax,
        tax_percent=f"{line.rate_percent:f}",
    )
