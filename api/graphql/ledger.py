"""What is owed and paid: open items, payments, entries of the books and their balances."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.invoices import Invoice
from api.graphql.list_wishes import IN_ORDER, WHICH
from api.graphql.node import NOTHING, Node, open_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.payment_plans import InvoiceIssuer
from api.graphql.record_filters import MoneyOrder, read_record_wish
from api.graphql.scalars import Euro
from api.services.collection import balances, open_items
from api.services.communities.browse_records import OneEach, PagedList
from models import tables
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod
from models.values.money import from_cents
from models.values.period import Period

if TYPE_CHECKING:
    from api.graphql.members import Member

describe(
    LedgerAccount,
    "An account of an issuer's books.",
    RECEIVABLE="What members owe for invoices.",
    REVENUE="What was charged, without tax.",
    OUTPUT_TAX="The tax on it.",
    BANK="Money that came in, whatever the means, less what went back.",
    PREPAYMENT="Members' money that no invoice has taken yet.",
    UNKNOWN_RECEIPTS="Money of nobody who is known.",
    BANK_CHARGES="What banks took for returns.",
    WRITE_OFF="What was given up.",
)
describe(
    LedgerEvent,
    "What an entry is about.",
    ISSUED="An invoice was issued.",
    RECTIFIED="An invoice was rectified.",
    CANCELLED="An invoice was cancelled.",
    PAID="Money came in.",
    APPLIED="A prepayment pays an invoice.",
    FREED="An invoice shrank below what was paid: the rest is the member's again.",
    ASSIGNED="Money of nobody got its member.",
    RETURNED="The bank took a payment back.",
    CHARGED="The bank's charge for that.",
    REFUNDED="Money was paid back.",
    WRITTEN_OFF="What was owed was given up.",
    WRITTEN_BACK="An invoice shrank below what was given up.",
)
describe(
    PaymentMethod,
    "How a member pays.",
    DIRECT_DEBIT="By a debit that we collect.",
    TRANSFER="By transfer.",
    CARD="By card, through a link.",
    CASH="In cash.",
)

IssuerArgument = Annotated[
    strawberry.ID, strawberry.argument(description="Global id of the issuer.")
]


@strawberry.type(description="What stands between a member and the issuers of its invoices.")
class MemberBalance:
    """Sums of entries."""

    owed_eur: Euro = strawberry.field(description="What it owes for invoices [EUR].")
    prepaid_eur: Euro = strawberry.field(description="What is left of its money [EUR].")
    balance_eur: Euro = strawberry.field(
        description="What it owes in the end [EUR]; below zero when money is left."
    )


@strawberry.type(description="An account of an issuer's trial balance.")
class AccountBalance:
    """Sums of entries."""

    account: LedgerAccount = strawberry.field(description="Which.")
    debit_eur: Euro = strawberry.field(description="All that was debited to it [EUR].")
    credit_eur: Euro = strawberry.field(description="All that was credited to it [EUR].")
    balance_eur: Euro = strawberry.field(
        description="Debits less credits [EUR]; those of all accounts sum to zero."
    )


@strawberry.type(description="An amount that a member owes from one day on.")
class OpenItem:
    """Shows an open item."""

    item: strawberry.Private[open_items.OpenItem]

    due_on: date = strawberry.field(description="Day on which it is due.")
    open_eur: Euro = strawberry.field(description="What is left of it [EUR].")
    instalment: int | None = strawberry.field(
        description="Which agreed instalment it is; null for what is due as the invoice says."
    )
    returned_count: int = strawberry.field(description="How often payments of it came back.")

    @strawberry.field(description="For which ordinary invoice.")
    async def invoice(self, info: Info) -> Invoice:
        """Find the invoice."""
        return await info.context.loaders.record(tables.Invoice, self.item.invoice_id)

    @strawberry.field(description="Who owes it.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.item.member_id)


@strawberry.type(description="Money that came in.")
@shows(tables.Payment)
class Payment(Node):
    """Shows a payment."""

    issuer_id: strawberry.Private[UUID]
    member_id: strawberry.Private[UUID | None]
    amount_cents: strawberry.Private[int]
    masked_payer_iban: strawberry.Private[str | None]

    received_on: date = strawberry.field(description="Local day on which it was there.")
    method: PaymentMethod = strawberry.field(description="How it was paid.")
    reference: str | None = strawberry.field(description="What it is for, in the payer's words.")
    payer_name: str | None = strawberry.field(description="Who paid, as the bank names them.")
    source_key: str = strawberry.field(description="What told of it.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")

    @strawberry.field(description="How much [EUR].")
    def amount_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.amount_cents))

    @strawberry.field(description="Account that it came from: country and last characters.")
    def payer_account(self) -> str | None:
        """Read what may be shown."""
        return self.masked_payer_iban

    @strawberry.field(description="To whom.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)

    @strawberry.field(description="Whose it is; null while nobody knows.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")] | None:
        """Find the member."""
        if self.member_id is None:
            return None
        return await info.context.loaders.record(tables.Member, self.member_id)


@strawberry.type(description="An amount that moved from one account to another; never changed.")
class LedgerEntry:
    """Shows an entry."""

    amount_cents: strawberry.Private[int]
    member_id: strawberry.Private[UUID | None]
    invoice_id: strawberry.Private[UUID | None]
    payment_id: strawberry.Private[UUID | None]

    event: LedgerEvent = strawberry.field(description="What it is about.")
    debit: LedgerAccount = strawberry.field(description="Where it went to.")
    credit: LedgerAccount = strawberry.field(description="Where it came from.")
    posted_on: date = strawberry.field(description="Local day for which it counts.")
    posted_at: datetime = strawberry.field(description="When it was posted.")
    because: str | None = strawberry.field(description="Why something was given up.")

    @strawberry.field(description="How much [EUR].")
    def amount_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.amount_cents))

    @strawberry.field(description="Of which ordinary invoice.")
    async def invoice(self, info: Info) -> Invoice | None:
        """Find the invoice."""
        if self.invoice_id is None:
            return None
        return await info.context.loaders.record(tables.Invoice, self.invoice_id)

    @strawberry.field(description="Of which payment.")
    async def payment(self, info: Info) -> Payment | None:
        """Find the payment."""
        if self.payment_id is None:
            return None
        return await info.context.loaders.record(tables.Payment, self.payment_id)


@strawberry.input(description="Which open items; all of them without any choice.")
class OpenItemFilterInput:
    """Conditions that hold together."""

    issuer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what is owed to this issuer."
    )
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what is owed in this community."
    )
    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what this member owes."
    )
    on: date | None = strawberry.field(
        default=None, description="As entries up to this local day leave it; today by default."
    )


@strawberry.input(description="Which payments.")
class PaymentFilter:
    """Narrows payments."""

    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those of the member of this global id."
    )
    method: PaymentMethod | None = strawberry.field(
        default=None, description="Only those that came in this way."
    )
    received_in: Period | None = strawberry.field(
        default=None, description="Only those that were received on these days."
    )


@strawberry.input(description="Which entries.")
class LedgerEntryFilter:
    """Narrows entries."""

    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those about the member of this global id."
    )
    invoice_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those about the invoice of this global id."
    )
    event: LedgerEvent | None = strawberry.field(
        default=None, description="Only those that this brought about."
    )
    posted_in: Period | None = strawberry.field(
        default=None, description="Only those that count on these days."
    )


@strawberry.type
class LedgerQueries:
    """Ways to what is owed and paid."""

    @strawberry.field(description="What is owed, by due day and number.")
    async def open_items(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            OpenItemFilterInput | None, strawberry.argument(description="Which.")
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[OpenItem]:
        """Read them in one query."""
        given = input or OpenItemFilterInput()
        found = await info.context.read(
            open_items.list_open_items,
            on=given.on or local_day(now(), LAW_CLOCK),
            issuer_id=open_key(tables.InvoiceIssuer, given.issuer_id),
            community_id=open_key(tables.Community, given.community_id),
            member_id=open_key(tables.Member, given.member_id),
        )
        shown = [show_item(item) for item in found]
        return info.context.loaders.cut(shown, first, after)

    @strawberry.field(description="Money that came in to an issuer, newest first.")
    async def payments(
        self,
        info: Info,
        issuer_id: IssuerArgument,
        filter: Annotated[PaymentFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[MoneyOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Payment]:
        """Page through it."""
        key = open_key(tables.InvoiceIssuer, issuer_id) or NOTHING
        wish, listing = read_record_wish(filter, order), PagedList.PAYMENTS_OF_ISSUER
        return await info.context.loaders.page(listing, key, first, after, wish)

    @strawberry.field(description="Entries of an issuer's books, newest first.")
    async def ledger_entries(
        self,
        info: Info,
        issuer_id: IssuerArgument,
        filter: Annotated[LedgerEntryFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[MoneyOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[LedgerEntry]:
        """Page through them."""
        key = open_key(tables.InvoiceIssuer, issuer_id) or NOTHING
        wish, listing = read_record_wish(filter, order), PagedList.ENTRIES_OF_ISSUER
        return await info.context.loaders.page(listing, key, first, after, wish)

    @strawberry.field(description="Trial balance of an issuer's books; it sums to zero.")
    async def account_balances(
        self,
        info: Info,
        issuer_id: IssuerArgument,
        on: Annotated[
            date | None,
            strawberry.argument(description="Entries up to this local day; today by default."),
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[AccountBalance]:
        """Sum the accounts."""
        found = await info.context.read(
            balances.account_balances,
            issuer_id=open_key(tables.InvoiceIssuer, issuer_id) or NOTHING,
            on=on or local_day(now(), LAW_CLOCK),
        )
        shown = [
            AccountBalance(
                account=each.account,
                debit_eur=Euro(each.debit_eur),
                credit_eur=Euro(each.credit_eur),
                balance_eur=Euro(each.balance_eur),
            )
            for each in found
        ]
        return info.context.loaders.cut(shown, first, after)


async def read_balance(info: Info, member_id: UUID) -> MemberBalance:
    """Read the balance of a member, with those of all others that are asked for."""
    found: balances.MemberBalance = await info.context.loaders.one(
        OneEach.BALANCE_OF_MEMBER, member_id
    )
    return MemberBalance(
        owed_eur=Euro(found.owed_eur),
        prepaid_eur=Euro(found.prepaid_eur),
        balance_eur=Euro(found.balance_eur),
    )


def show_item(item: open_items.OpenItem) -> OpenItem:
    """Show an open item."""
    return OpenItem(
        item=item,
        due_on=item.due_on,
        open_eur=Euro(item.open_eur),
        instalment=item.instalment,
        returned_count=item.returned_count,
    )
