"""Files of direct debits, what became of their debits, and what a next file would collect."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.enums import describe
from api.graphql.invoices import Invoice
from api.graphql.mandates import Mandate
from api.graphql.node import Node, read_key, require_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.payment_plans import InvoiceIssuer
from api.graphql.scalars import Euro
from api.services.collection import plan_debits, prepare_debits
from api.services.collection.plan_debits import LeftBecause
from api.services.collection.record_mandates import UnknownMandateError
from api.services.collection.sealed_files import ErasedFileError, open_file
from api.services.communities.browse_records import WholeList
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models import tables
from models.values.direct_debits import DebitOutcome, PainVersion, SequenceType
from models.values.money import from_cents

describe(
    SequenceType,
    "Which of the collections of its mandate a debit is.",
    FIRST="FRST: the first.",
    RECURRING="RCUR: a later one.",
    ONE_OFF="OOFF: the only one.",
    FINAL="FNAL: the last.",
)
describe(
    DebitOutcome,
    "What has become of a debit, as its bank says.",
    PENDING="Nothing final yet.",
    ACCEPTED="The bank will collect it.",
    REJECTED="The bank did not collect it.",
    COLLECTED="The money is there.",
    RETURNED="The money was there and went back.",
)
describe(
    LeftBecause,
    "Why an open item is not collected by direct debit.",
    UNDERWAY="A debit of it is at the bank and not decided.",
    NO_MANDATE="The member signed no mandate.",
    TOO_NEW="The mandate or its account was recorded less than 21 days before.",
    ACCOUNT_UNUSABLE="A bank said that the account cannot be debited.",
    LAPSED="The mandate was not used for 36 months.",
    ENDED="The mandate was revoked, or a return ended it.",
    SPENT="The mandate's only or last debit went out.",
    RETURNED="It came back with a code that forbids to collect it again just so.",
)


@strawberry.input(description="What is to be collected by direct debit.")
class DebitRunInput:
    """An issuer's items that are due."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of who collects.")
    due_until: date = strawberry.field(description="Items due by that day, it too.")
    collect_on: date | None = strawberry.field(
        default=None,
        description="First day of the collection; the first on which payers and bank learn of it "
        "in time without it. A day on which banks are closed is moved to the next.",
    )
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only members of this community."
    )
    member_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only these members."
    )
    retried_invoice_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Invoices whose payers agreed that what came back is collected again.",
    )
    final_mandate_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Mandates whose last collection this is."
    )


@strawberry.type(description="A debit of a file.")
class Debit:
    """Shows a debit and what became of it."""

    known: strawberry.Private[Any]

    @strawberry.field(description="Its reference, which the bank's messages name.")
    def end_to_end_id(self) -> str:
        """Read the reference."""
        return str(self.known.debit.end_to_end_id)

    @strawberry.field(description="Which of the mandate's collections it is.")
    def sequence(self) -> SequenceType:
        """Read the type."""
        sequence: SequenceType = self.known.debit.sequence
        return sequence

    @strawberry.field(description="Day of the collection.")
    def collect_on(self) -> date:
        """Read the day."""
        day: date = self.known.debit.collect_on
        return day

    @strawberry.field(description="Day on which the amount was due.")
    def due_on(self) -> date:
        """Read the day."""
        day: date = self.known.debit.due_on
        return day

    @strawberry.field(description="What it collects [EUR].")
    def amount_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.known.debit.amount_cents))

    @strawberry.field(description="What has become of it.")
    def outcome(self) -> DebitOutcome:
        """Read the last word of the bank."""
        outcome: DebitOutcome = self.known.outcome
        return outcome

    @strawberry.field(description="The bank's code of the reason.")
    def code(self) -> str | None:
        """Read the code."""
        code: str | None = self.known.code
        return code

    @strawberry.field(description="What it collects.")
    async def invoice(self, info: Info) -> Invoice:
        """Find the invoice."""
        return await info.context.loaders.record(tables.Invoice, self.known.debit.invoice_id)

    @strawberry.field(description="Under which mandate.")
    async def mandate(self, info: Info) -> Mandate:
        """Find the mandate."""
        return await info.context.loaders.record(tables.Mandate, self.known.debit.mandate_id)


@strawberry.type(description="A file of direct debits for the bank, as it was made.")
@shows(tables.DebitRun)
class DebitRun(Node):
    """Shows a run without its file."""

    issuer_id: strawberry.Private[UUID]
    total_cents: strawberry.Private[int]

    message_id: str = strawberry.field(description="Reference of the file.")
    pain_version: PainVersion = strawberry.field(description="Form of the file.")
    debit_count: int = strawberry.field(description="Number of its debits.")
    sealed_content: strawberry.Private[bytes]
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(
        description="SHA-256 of the file, in hexadecimal digits; zeros of one that named somebody "
        "who was erased."
    )
    def sha256(self, info: Info) -> str:
        """Open the file: a digest that is kept would tell its accounts to whoever tries them."""
        run = cast("tables.DebitRun", self)
        try:
            return sha256(open_file(info.context.keyring, run)).hexdigest()
        except ErasedFileError:
            return "0" * 64

    @strawberry.field(description="What it collects [EUR].")
    def total_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.total_cents))

    @strawberry.field(description=f"Relative address of the file for the bank.{LINK}")
    def sepa_file(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"/debit-runs/{self.id}/pain008.xml")

    @strawberry.field(description="Who collects.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)

    @strawberry.field(description="Its debits, by day and reference.")
    async def debits(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Debit]:
        """Page through them."""
        known: list[Any] = await info.context.loaders.rows(WholeList.DEBITS_OF_RUN, self.id)
        shown = [Debit(known=each) for each in known]
        return info.context.loaders.cut(shown, first, after)


@strawberry.type(description="An open item that would be collected.")
class PlannedDebit:
    """Shows a planned debit."""

    planned: strawberry.Private[plan_debits.PlannedDebit]

    @strawberry.field(description="Number of the invoice.")
    def number(self) -> str:
        """Read the item."""
        return self.planned.item.number

    @strawberry.field(description="Day on which it is due.")
    def due_on(self) -> date:
        """Read the item."""
        return self.planned.item.due_on

    @strawberry.field(description="What would be collected [EUR].")
    def amount_eur(self) -> Euro:
        """Read the item."""
        return Euro(self.planned.item.open_eur)

    @strawberry.field(description="Day of the collection.")
    def collect_on(self) -> date:
        """Read the plan."""
        return self.planned.collect_on

    @strawberry.field(description="Which of the mandate's collections it is.")
    def sequence(self) -> SequenceType:
        """Read the plan."""
        return self.planned.sequence

    @strawberry.field(description="Under which mandate.")
    def mandate(self) -> Mandate:
        """Read the plan."""
        return cast("Mandate", self.planned.mandate)


@strawberry.type(description="An open item that would not be collected.")
class LeftItem:
    """Shows an item and why."""

    left: strawberry.Private[plan_debits.LeftItem]

    @strawberry.field(description="Number of the invoice.")
    def number(self) -> str:
        """Read the item."""
        return self.left.item.number

    @strawberry.field(description="Day on which it is due.")
    def due_on(self) -> date:
        """Read the item."""
        return self.left.item.due_on

    @strawberry.field(description="What is open [EUR].")
    def open_eur(self) -> Euro:
        """Read the item."""
        return Euro(self.left.item.open_eur)

    @strawberry.field(description="Why it is not collected.")
    def because(self) -> LeftBecause:
        """Read the reason."""
        return self.left.because

    @strawberry.field(description="Code of the return that forbids it.")
    def code(self) -> str | None:
        """Read the code."""
        return self.left.code


@strawberry.type(description="What a file of direct debits would collect, and what not.")
class DebitPreview:
    """Shows a preview."""

    preview: strawberry.Private[prepare_debits.DebitPreview]

    @strawberry.field(description="First day of a collection.")
    def first_day(self) -> date:
        """Read the preview."""
        return self.preview.first_day

    @strawberry.field(description="What would be collected [EUR].")
    def total_eur(self) -> Euro:
        """Read the preview."""
        return Euro(from_cents(self.preview.total_cents))

    @strawberry.field(description="Open items that would be collected, by day.")
    def collected(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[PlannedDebit]:
        """Page through them."""
        shown = [PlannedDebit(planned=each) for each in self.preview.collected]
        return paginate(shown, first, after)

    @strawberry.field(description="Open items that would not be, each with the reason.")
    def left(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[LeftItem]:
        """Page through them."""
        return paginate([LeftItem(left=each) for each in self.preview.left], first, after)


@strawberry.type
class DebitQueries:
    """Ways to debits."""

    @strawberry.field(
        description="What a file of direct debits would collect, and of every other item that is "
        "due why not; free to repeat, nothing is stored."
    )
    async def preview_debit_run(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            DebitRunInput, strawberry.argument(description="What is to be collected.")
        ],
    ) -> DebitPreview:
        """Work it out."""
        done = await info.context.read(
            prepare_debits.prepare_debits, wish=read_wish(input), now=now()
        )
        return DebitPreview(preview=done)


def read_wish(given: Any) -> prepare_debits.DebitRunWish:
    """Open the ids of what is to be collected."""
    issuer_id = require_key(tables.InvoiceIssuer, str(given.issuer_id), UnknownIssuerError)
    members = given.member_ids
    return prepare_debits.DebitRunWish(
        issuer_id=issuer_id,
        due_until=given.due_until,
        collect_on=given.collect_on,
        community_id=None if given.community_id is None else read_community(given.community_id),
        member_ids=None if members is None else _open(tables.Member, members, UnknownMemberError),
        retried=_open(tables.Invoice, given.retried_invoice_ids, UnknownInvoiceError),
        final=_open(tables.Mandate, given.final_mandate_ids, UnknownMandateError),
    )


def _open(table: Any, ids: list[strawberry.ID], unknown: Any) -> frozenset[UUID]:
    """Open global ids of one kind."""
    keys = [read_key(table, str(text)) for text in ids]
    if None in keys:
        raise unknown(None)
    return frozenset(key for key in keys if key is not None)
