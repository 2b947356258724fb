"""Mandates, the accounts that they name, and with what issuers collect."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.payment_plans import InvoiceIssuer
from api.services.communities.browse_records import WholeList
from models import tables
from models.values.direct_debits import MandateEnd, MandateKind, PainVersion

if TYPE_CHECKING:
    from api.graphql.members import Member

describe(
    MandateKind,
    "For how many debits a mandate was signed.",
    RECURRENT="For any number.",
    ONE_OFF="For one.",
)
describe(
    MandateEnd,
    "Why nothing is collected with a mandate any more.",
    REVOKED="It was taken back.",
    RETURNED="A debit came back with a code that ends it.",
    LAPSED="It was not used for 36 months.",
    SPENT="Its only or its last debit was collected.",
)
describe(
    PainVersion,
    "Form of the file of debits that a bank takes.",
    V02="pain.008.001.02, of 2009.",
    V08="pain.008.001.08, of 2019, which the SEPA schemes have used since 2023.",
)


@strawberry.type(description="With what an issuer collects by direct debit.")
class CreditorAccount:
    """Shows an account, masked."""

    creditor_id: str = strawberry.field(description="Creditor identifier (AT-02).")
    bic: str | None = strawberry.field(description="Code of its bank.")
    notice_days: int = strawberry.field(description="Days that payers are told ahead.")
    lead_days: int = strawberry.field(
        description="Business days that the bank wants between a file and its collection."
    )
    pain_version: PainVersion = strawberry.field(description="Form of the file.")
    masked_iban: str = strawberry.field(description="Country and last characters of the account.")


@strawberry.type(description="An account that a mandate names, or named.")
class MandateAccount:
    """Shows an account, masked."""

    recorded_on: date = strawberry.field(description="Local day on which it was told.")
    usable_from: date = strawberry.field(description="First day of a collection from it.")
    closes_previous: bool = strawberry.field(
        description="Whether the account before it can be debited no more."
    )
    masked_iban: str = strawberry.field(description="Country and last characters of the account.")


@strawberry.type(description="What a member signed so that an issuer may collect.")
@shows(tables.Mandate)
class Mandate(Node):
    """Shows a mandate."""

    issuer_id: strawberry.Private[UUID]
    member_id: strawberry.Private[UUID]

    reference: str = strawberry.field(description="Reference that it bears.")
    kind: MandateKind = strawberry.field(description="For how many debits.")
    signed_on: date = strawberry.field(description="Day of the signature.")
    last_used_on: date | None = strawberry.field(
        description="Last collection with it, made elsewhere before it was recorded."
    )
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    ended_on: date | None = strawberry.field(
        description="First day on which nothing is collected with it."
    )
    ended_because: MandateEnd | None = strawberry.field(description="Why.")
    ended_code: str | None = strawberry.field(description="Code of the return that ended it.")

    @strawberry.field(description="Who may collect.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)

    @strawberry.field(description="From whom.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.member_id)

    @strawberry.field(description="Accounts that it names, newest first.")
    async def accounts(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MandateAccount]:
        """Page through them."""
        listing = WholeList.ACCOUNTS_OF_MANDATE
        return await info.context.loaders.whole(listing, self.id, first, after)
