"""Issued invoices as they were, and what became of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.agency import InvoiceAgencyStatus, read_agency_status
from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.enums import describe
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.payment_plans import InvoiceIssuer
from api.graphql.scalars import Euro, Kwh
from api.graphql.supply_points import SupplyPoint
from api.invoice_settings import choose_qr_target
from api.services.communities.browse_records import OneEach, WholeList
from api.services.invoices.generate_invoice_files import address_qr
from models import tables
from models.tables import FiscalRecordKind, InvoiceFileKind
from models.values.cau import Cau
from models.values.invoicing import BillingBasis, Exemption, InvoiceKind, Rectification, TaxKind
from models.values.language import Language
from models.values.money import from_cents

if TYPE_CHECKING:
    from api.graphql.billing_runs import BillingRun
    from api.graphql.members import Member

describe(
    InvoiceKind,
    "Kind of an invoice, by its code at the tax agency.",
    FULL="F1: full invoice.",
    SIMPLIFIED="F2: simplified invoice.",
    RECTIFIED_BY_LAW="R1: rectifies by article 80.1, 80.2 or 80.6 of the VAT law.",
    RECTIFIED_FOR_INSOLVENCY="R2: rectifies for insolvency (article 80.3).",
    RECTIFIED_FOR_BAD_DEBT="R3: rectifies for bad debt (article 80.4).",
    RECTIFIED_OTHERWISE="R4: rectifies for another reason.",
    RECTIFIED_SIMPLIFIED="R5: rectifies a simplified invoice.",
)
describe(
    Rectification,
    "How an invoice rectifies another one.",
    SUBSTITUTION="It states the whole anew.",
    DIFFERENCE="It states the difference only.",
)
describe(
    FiscalRecordKind,
    "What a record tells the tax agency of an invoice.",
    REGISTRATION="That it was issued.",
    CANCELLATION="That it was cancelled.",
)
describe(
    InvoiceFileKind,
    "What was made of an invoice.",
    PDF="The page that the payer gets.",
    FACTURAE="The document that public bodies take: XML, signed where there is a certificate.",
)

_WH_PER_KWH = 1000


@strawberry.type(description="Issuer or payer as the invoice names them.")
class InvoiceParty:
    """A copy that later changes do not touch."""

    tax_number: str = strawberry.field(description="NIF or NIE.")
    name: str = strawberry.field(description="Name.")
    address: str = strawberry.field(description="Street and number.")
    postal_code: str = strawberry.field(description="Five digits.")
    town: str = strawberry.field(description="Town.")
    province: str = strawberry.field(description="Province.")


@strawberry.type(description="A plant whose energy an invoice charges.")
class InvoicedPlant:
    """Names a plant."""

    cau: Cau = strawberry.field(description="Its code.")


@strawberry.type(description="A line of an invoice.")
class InvoiceLine:
    """Everything that is needed to multiply it out."""

    net_cents: strawberry.Private[int]

    position: int = strawberry.field(description="Place on the invoice, from 0.")
    basis: BillingBasis = strawberry.field(name="charges", description="What it charges for.")
    description: str = strawberry.field(description="Its text.")
    quantity: str = strawberry.field(description="How much, exact decimal text.")
    unit: str = strawberry.field(description="Unit of the quantity, in the invoice's language.")
    price: str = strawberry.field(
        name="priceEur", description="Of one unit, exact decimal text [EUR]."
    )
    tax: TaxKind = strawberry.field(description="Tax on it.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")

    @strawberry.field(description="Quantity times price, without tax [EUR].")
    def net_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.net_cents))


@strawberry.type(description="What one tax at one rate comes to.")
class InvoiceTax:
    """Shows base and quota."""

    base_cents: strawberry.Private[int]
    quota_cents: strawberry.Private[int]

    tax: TaxKind = strawberry.field(description="The tax.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")
    exemption: Exemption | None = strawberry.field(description="Why there is none.")
    exempt_because: str | None = strawberry.field(description="The law that says so.")

    @strawberry.field(description="What is taxed [EUR].")
    def base_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.base_cents))

    @strawberry.field(description="The tax on it [EUR].")
    def quota_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.quota_cents))


@strawberry.type(description="A link of an issuer's chain of records for the tax agency.")
class FiscalRecord:
    """Shows a record without its XML."""

    kind: FiscalRecordKind = strawberry.field(description="What it tells.")
    attempt: int = strawberry.field(
        description="From 1; a later one mends the record of the same kind before it."
    )
    position: int = strawberry.field(description="Place in the chain, from 1.")
    generated_at: str = strawberry.field(
        description="Instant with offset, in the very characters that were hashed."
    )
    sha256: str = strawberry.field(description="Its fingerprint, hexadecimal capital digits.")
    previous_sha256: str | None = strawberry.field(
        description="Fingerprint of the record before; null in the first one."
    )
    because: str | None = strawberry.field(description="Why the invoice was cancelled.")


@strawberry.type(description="A document of an invoice as it was handed out; kept for good.")
class InvoiceFile:
    """Shows a document without its content."""

    id: strawberry.Private[UUID]

    kind: InvoiceFileKind = strawberry.field(description="What it is.")
    language: Language = strawberry.field(description="Of the document.")
    file_name: str = strawberry.field(description="Name under which it is sent.")
    sha256: str = strawberry.field(description="SHA-256 of its content, in hexadecimal digits.")
    size_bytes: int = strawberry.field(description="Size of its content [B].")
    created_at: datetime = strawberry.field(description="When it was first made.")

    @strawberry.field(description=f"Relative address.{LINK}")
    def download(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"/invoice-files/{self.id}")


@strawberry.type(description="An invoice as it was issued; nothing of it ever changes.")
@shows(tables.Invoice)
class Invoice(Node):
    """Shows an invoice."""

    series_id: strawberry.Private[UUID]
    issuer_id: strawberry.Private[UUID]
    member_id: strawberry.Private[UUID]
    supply_point_id: strawberry.Private[UUID]
    run_id: strawberry.Private[UUID | None]
    rectifies_id: strawberry.Private[UUID | None]
    net_cents: strawberry.Private[int]
    tax_cents: strawberry.Private[int]
    total_cents: strawberry.Private[int]
    parties: strawberry.Private[dict[str, Any]]
    facts: strawberry.Private[dict[str, Any]]

    full_number: str = strawberry.field(
        name="number", description="Series and number as they are printed and declared."
    )
    kind: InvoiceKind = strawberry.field(description="Kind of invoice.")
    issued_on: date = strawberry.field(description="Day of issue.")
    issued_at: datetime = strawberry.field(description="Instant of issue.")
    due_on: date = strawberry.field(description="Day until which it is paid.")
    period_start: date = strawberry.field(description="First day that it charges for.")
    period_end: date = strawberry.field(description="The day after the last.")
    rectification: Rectification | None = strawberry.field(
        description="How it rectifies another one; null for an ordinary invoice."
    )
    rectified_because: str | None = strawberry.field(description="Why it rectifies another one.")

    @strawberry.field(description="Code of its series.")
    async def series(self, info: Info) -> str:
        """Find the series."""
        loaders = info.context.loaders
        series: tables.InvoiceSeries = await loaders.one(OneEach.SERIES_OF_INVOICES, self.series_id)
        return series.code

    @strawberry.field(description="Without taxes [EUR].")
    def net_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.net_cents))

    @strawberry.field(description="All taxes [EUR].")
    def tax_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.tax_cents))

    @strawberry.field(description="What is to be paid [EUR].")
    def total_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.total_cents))

    @strawberry.field(description="What it is for, in its own language.")
    def description(self) -> str:
        """Read the text."""
        return str(self.facts["description"])

    @strawberry.field(description="Energy of the plants that was used [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the watt-hours."""
        return Kwh(self.facts["self_consumed_wh"] / _WH_PER_KWH)

    @strawberry.field(description="What was left of the share [kWh].")
    def surplus_kwh(self) -> Kwh:
        """Read the watt-hours."""
        return Kwh(self.facts["surplus_wh"] / _WH_PER_KWH)

    @strawberry.field(description="Plants whose energy it charges, by CAU.")
    def plants(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[InvoicedPlant]:
        """Page through them."""
        return paginate([InvoicedPlant(cau=Cau(code)) for code in self.facts["caus"]], first, after)

    @strawberry.field(description="Who issued it, as they were.")
    def issuer(self) -> InvoiceParty:
        """Read the copy."""
        return _show_party(self.parties["issuer"])

    @strawberry.field(description="Who pays it, as they were.")
    def recipient(self) -> InvoiceParty:
        """Read the copy."""
        return _show_party(self.parties["recipient"])

    @strawberry.field(description="Language of the payer's page.")
    def language(self) -> Language:
        """Read the copy."""
        return Language(self.parties["recipient"]["language"])

    @strawberry.field(description="Who issued it, as they are now.")
    async def issuer_now(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)

    @strawberry.field(description="For whom.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.member_id)

    @strawberry.field(description="For which supply point.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="The run that issued it; null for one that rectifies.")
    async def run(
        self, info: Info
    ) -> Annotated["BillingRun", strawberry.lazy("api.graphql.billing_runs")] | None:
        """Find the run."""
        if self.run_id is None:
            return None
        return await info.context.loaders.record(tables.BillingRun, self.run_id)

    @strawberry.field(description="Its lines, in their order.")
    async def lines(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InvoiceLine]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.LINES_OF_INVOICE, self.id, first, after)

    @strawberry.field(description="Its taxes, by tax and rate.")
    async def taxes(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InvoiceTax]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.TAXES_OF_INVOICE, self.id, first, after)

    @strawberry.field(description="The invoice that it rectifies.")
    async def rectifies(self, info: Info) -> "Invoice | None":
        """Find the invoice."""
        if self.rectifies_id is None:
            return None
        return await info.context.loaders.record(tables.Invoice, self.rectifies_id)

    @strawberry.field(description="Invoices that rectify it directly, oldest first.")
    async def rectified_by(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> "Connection[Invoice]":
        """Page through them."""
        listing = WholeList.RECTIFYING_OF_INVOICE
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Its records for the tax agency, in the order of the chain.")
    async def fiscal_records(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FiscalRecord]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.RECORDS_OF_INVOICE, self.id, first, after)

    @strawberry.field(description="What the tax agency made of its records.")
    async def agency_status(self, info: Info) -> InvoiceAgencyStatus:
        """Read the answers."""
        return await read_agency_status(info, self.id)

    @strawberry.field(description="Whether it was cancelled.")
    async def is_cancelled(self, info: Info) -> bool:
        """Look through its records."""
        loaders = info.context.loaders
        records: list[tables.FiscalRecord] = await loaders.rows(
            WholeList.RECORDS_OF_INVOICE, self.id
        )
        return any(record.kind is FiscalRecordKind.CANCELLATION for record in records)

    @strawberry.field(description="Address that its QR holds, where the payer can check it.")
    def qr_address(self, info: Info) -> str:
        """Write the address, for it is a record that resolvers see."""
        record: Any = self
        return address_qr(record, choose_qr_target(info.context.settings))

    @strawberry.field(description="Documents that were made of it, newest first.")
    async def files(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InvoiceFile]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.FILES_OF_INVOICE, self.id, first, after)


def _show_party(copy: Mapping[str, Any]) -> InvoiceParty:
    """Show somebody as an invoice keeps them."""
    names = ("tax_number", "name", "address", "postal_code", "town", "province")
    return InvoiceParty(**{name: copy[name] for name in names})
