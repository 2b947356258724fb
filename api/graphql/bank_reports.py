"""What became of the movements that a bank's file tells."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from sqlmodel import SQLModel

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.invoices import Invoice
from api.graphql.ledger import Payment
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Euro
from api.services.collection import bank_report
from api.services.collection.bank_report import MovementKind, ReportedMovement, UnmatchedBecause
from models import tables

if TYPE_CHECKING:
    from api.graphql.members import Member

describe(
    MovementKind,
    "What became of a movement of a bank account.",
    DEBITS="Debits of ours were collected.",
    RETURN="A debit of ours came back: what it paid is owed again.",
    TRANSFER="A payment that names its invoices was recorded.",
    UNKNOWN="Money of nobody who is certain: assign it by hand.",
    KNOWN="It was booked before.",
    NOT_BOOKED="Money that left and is no return of ours, or one to be settled by hand.",
)
describe(
    UnmatchedBecause,
    "Why a movement is nobody's, or was not booked.",
    NOTHING_NAMED="It names no invoice and no debit of ours.",
    SEVERAL_MEMBERS="The invoices that it names are of several members.",
    OTHER_AMOUNT="The debits that it names make another amount.",
    SEVERAL_DEBITS="It takes back one of several debits that it names.",
    TOO_LITTLE="It takes back less than the debit that it names.",
    REFUNDED="It takes back a payment that was refunded already.",
)


@strawberry.type(description="Who may have paid, by the account that the money came from.")
class PayerSuggestion:
    """For somebody to judge."""

    member_id: strawberry.Private[UUID]
    invoice_keys: strawberry.Private[Sequence[UUID]]

    @strawberry.field(description="Who has a mandate on the account, or has paid from it.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.member_id)

    @strawberry.field(description="Invoices whose open amount was paid.")
    async def invoices(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Invoice]:
        """Find the invoices."""
        return await _find(info, tables.Invoice, self.invoice_keys, first, after)


@strawberry.type(description="A movement of a bank account, and what became of it.")
class BankMovement:
    """Shows a movement."""

    seen: strawberry.Private[ReportedMovement]

    kind: MovementKind = strawberry.field(description="What became of it.")
    booked_on: date = strawberry.field(description="Day of the booking.")
    amount_eur: Euro = strawberry.field(description="Below zero for what left [EUR].")
    text: str = strawberry.field(description="What it says it is for.")
    payer: str | None = strawberry.field(description="Name and masked account of who paid.")
    because: UnmatchedBecause | None = strawberry.field(
        description="Why nobody is certain to have paid it, or it was not booked."
    )

    @strawberry.field(description="What was booked, or is known.")
    async def payments(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Payment]:
        """Find the payments."""
        return await _find(info, tables.Payment, self.seen.payment_ids, first, after)

    @strawberry.field(description="Whose the payments are.")
    async def members(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Annotated["Member", strawberry.lazy("api.graphql.members")]]:
        """Find the members."""
        return await _find(info, tables.Member, self.seen.member_ids, first, after)

    @strawberry.field(description="Ordinary invoices that they paid, or that are owed again.")
    async def invoices(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Invoice]:
        """Find the invoices."""
        keys = [invoice.invoice_id for invoice in self.seen.invoices]
        return await _find(info, tables.Invoice, keys, first, after)

    @strawberry.field(description="Who may have paid, where nobody is certain.")
    def suggestion(self) -> PayerSuggestion | None:
        """Read the suggestion."""
        found = self.seen.suggestion
        if found is None:
            return None
        return PayerSuggestion(member_id=found.member_id, invoice_keys=found.invoice_ids)

    @strawberry.field(
        description="What to do after a return: retry, correct, ask, new-account, new-mandate, "
        "other-means or none."
    )
    def next_step(self) -> str | None:
        """Read the step."""
        return self.seen.next_step and self.seen.next_step.value


@strawberry.type(description="What a bank's file told, and what became of it.")
class BankFileReport:
    """Shows a report."""

    told: strawberry.Private[bank_report.BankFileReport]

    @strawberry.field(description="Entries that the bank only expects, which were left out.")
    def pending_count(self) -> int:
        """Read the report."""
        return self.told.pending_count

    @strawberry.field(description="What moved, in the order of the file.")
    def movements(
        self,
        kind: Annotated[
            MovementKind | None, strawberry.argument(description="Only what became this.")
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[BankMovement]:
        """Page through them."""
        shown = [_show(each) for each in self.told.movements if kind in (None, each.kind)]
        return paginate(shown, first, after)


def _show(movement: ReportedMovement) -> BankMovement:
    return BankMovement(
        seen=movement,
        kind=movement.kind,
        booked_on=movement.booked_on,
        amount_eur=Euro(movement.amount_eur),
        text=movement.text,
        payer=movement.payer,
        because=movement.because,
    )


async def _find(
    info: Info,
    table: type[SQLModel],
    keys: Sequence[UUID],
    first: int | None,
    after: str | None,
) -> Connection[Any]:
    """Cut a page out of ids, and find its records together."""
    loaders = info.context.loaders
    page: Connection[Any] = loaders.cut(keys, first, after)
    reading: list[Awaitable[Any]] = [loaders.record(table, edge.node) for edge in page.edges]
    rows: list[Any] = await asyncio.gather(*reading)
    for edge, row in zip(page.edges, rows, strict=True):
        edge.node = row
    return page
