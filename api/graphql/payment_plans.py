"""Who issues invoices, who pays them, and by which plans of prices."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.communities.browse_records import OneEach, PagedList, WholeList
from models import tables
from models.values.invoicing import BillingBasis, Exemption, TaxKind
from models.values.language import Language

if TYPE_CHECKING:
    from api.graphql.debit_runs import DebitRun
    from api.graphql.mandates import CreditorAccount, Mandate
    from api.graphql.members import Member
    from api.graphql.supply_points import SupplyPoint

describe(
    BillingBasis,
    "What a price charges for.",
    SELF_CONSUMED="Energy of the plant that was used [EUR/kWh].",
    SURPLUS="Handling of the surplus that was not used [EUR/kWh].",
    PARTICIPATION="A part of the plant's power [EUR/kW and month].",
    FIXED="Time, whatever the energy [EUR/month].",
    SHARE_OF_SAVINGS="A part of what is saved on the retailer's bill [1].",
    ENTRY_FEE="Joining, once or in equal monthly parts [EUR].",
)
describe(
    Exemption,
    "Why something bears no tax, by its key at the tax agency.",
    INNER_OPERATION="E1: article 20 of the VAT law, or its like.",
    OTHERWISE="E6: exempt for another reason.",
    NOT_SUBJECT="N1: not subject to the tax.",
    NOT_SUBJECT_THERE="N2: not subject by the rules of place.",
)


@strawberry.type(description="Somebody in whose name invoices are issued.")
@shows(tables.InvoiceIssuer)
class InvoiceIssuer(Node):
    """Shows an issuer."""

    tax_number: str = strawberry.field(description="NIF.")
    name: str = strawberry.field(description="Name on the invoices.")
    address: str = strawberry.field(description="Street and number.")
    postal_code: str = strawberry.field(description="Five digits.")
    town: str = strawberry.field(description="Town.")
    province: str = strawberry.field(description="Province.")

    @strawberry.field(description="With what it collects by direct debit; null if it does not.")
    async def creditor_account(
        self, info: Info
    ) -> Annotated["CreditorAccount", strawberry.lazy("api.graphql.mandates")] | None:
        """Find the account."""
        return await info.context.loaders.one(OneEach.CREDITOR_ACCOUNT_OF_ISSUER, self.id)

    @strawberry.field(description="Mandates to collect with, ended ones too, newest first.")
    async def mandates(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Annotated["Mandate", strawberry.lazy("api.graphql.mandates")]]:
        """Page through them."""
        return await info.context.loaders.page(PagedList.MANDATES_OF_ISSUER, self.id, first, after)

    @strawberry.field(description="Files of direct debits, newest first.")
    async def debit_runs(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Annotated["DebitRun", strawberry.lazy("api.graphql.debit_runs")]]:
        """Page through them."""
        listing = PagedList.DEBIT_RUNS_OF_ISSUER
        return await info.context.loaders.page(listing, self.id, first, after)


@strawberry.type(description="Somebody who is invoiced for a member.")
@shows(tables.Payer)
class Payer(Node):
    """Shows a payer."""

    member_id: strawberry.Private[UUID]

    tax_number: str = strawberry.field(description="NIF or NIE.")
    name: str = strawberry.field(description="Name on the invoices.")
    address: str = strawberry.field(description="Street and number.")
    postal_code: str = strawberry.field(description="Five digits.")
    town: str = strawberry.field(description="Town.")
    province: str = strawberry.field(description="Province.")
    email: str | None = strawberry.field(description="Where the invoices go.")
    language: Language = strawberry.field(description="Of the invoices.")
    accounting_office: str | None = strawberry.field(
        description="DIR3 code of a public body's accounting office."
    )
    managing_body: str | None = strawberry.field(description="DIR3 code of its managing body.")
    processing_unit: str | None = strawberry.field(description="DIR3 code of its processing unit.")

    @strawberry.field(description="For whom.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.member_id)


@strawberry.type(description="One price of a plan; it never changes.")
class PlanTerm:
    """Shows a price."""

    position: int = strawberry.field(description="Place of its line on the invoice.")
    basis: BillingBasis = strawberry.field(name="charges", description="What it charges for.")
    price: str = strawberry.field(
        name="priceEur", description="Of a unit of it, exact decimal text [EUR]."
    )
    description: str = strawberry.field(description="Text of its line.")
    tax: TaxKind = strawberry.field(description="Tax on it.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")
    exemption: Exemption | None = strawberry.field(description="Why it bears no tax.")
    exempt_because: str | None = strawberry.field(description="The law that says so.")
    instalments: int = strawberry.field(description="Equal monthly parts of an entry fee.")
    valid_from: date = strawberry.field(description="First day on which it holds.")
    valid_until: date | None = strawberry.field(description="First day on which it does not.")


@strawberry.type(description="Prices under which members pay; free without any.")
@shows(tables.PaymentPlan)
class PaymentPlan(Node):
    """Shows a plan."""

    issuer_id: strawberry.Private[UUID]

    code: str = strawberry.field(description="The promoter's own key of it.")
    name: str = strawberry.field(description="What people call it.")
    created_at: datetime = strawberry.field(description="When it was written down.")

    @strawberry.field(description="In whose name its invoices are issued.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)

    @strawberry.field(description="Its prices, by place on the invoice and day.")
    async def terms(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[PlanTerm]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.TERMS_OF_PLAN, self.id, first, after)


@strawberry.type(description="Days on which a supply point pays by a plan.")
@shows(tables.PlanSubscription)
class PlanSubscription(Node):
    """Shows a subscription."""

    plan_id: strawberry.Private[UUID]
    supply_point_id: strawberry.Private[UUID]

    valid_from: date = strawberry.field(description="First day.")
    valid_until: date | None = strawberry.field(description="First day after those.")

    @strawberry.field(description="By which plan.")
    async def plan(self, info: Info) -> PaymentPlan:
        """Find the plan."""
        return await info.context.loaders.record(tables.PaymentPlan, self.plan_id)

    @strawberry.field(description="Which supply point.")
    async def supply_point(
        self, info: Info
    ) -> Annotated["SupplyPoint", strawberry.lazy("api.graphql.supply_points")]:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)
