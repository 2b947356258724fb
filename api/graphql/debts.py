"""What members are late with, what was done about it, and what may be done next."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.ledger import OpenItem, Payment, show_item
from api.graphql.list_wishes import WHICH
from api.graphql.node import open_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.payment_plans import InvoiceIssuer
from api.graphql.scalars import Euro
from api.services.collection import follow_debts, send_debt_letters, waiting_receipts
from api.services.collection.receipt_clues import ReceiptClue
from models import tables
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage, SupplyProtection
from models.values.money import from_cents

if TYPE_CHECKING:
    from api.graphql.members import Member

describe(
    DebtStage,
    "What is done about a debt, one after the other.",
    REMINDER="A letter that reminds.",
    DEMAND="A letter that requires payment, which begins the time that the law gives.",
    NOTICE="A letter that announces the suspension.",
    SUSPENSION="A person decided to suspend the member's part.",
    TERMINATION="A person decided to end the contract.",
)
describe(
    SupplyProtection,
    "Why a supply is not cut off for a debt.",
    ESSENTIAL="Somebody's life hangs on a device, or it serves the public.",
    VULNERABLE="A vulnerable holder whom social services help.",
)


@strawberry.type(description="What was done about a debt.")
class DebtStep:
    """Shows a step."""

    open_cents: strawberry.Private[int]
    message_id: strawberry.Private[UUID | None]
    is_undelivered: bool = strawberry.field(
        description="Whether the mail server refused its e-mail for good: it has to be sent again."
    )

    stage: DebtStage = strawberry.field(description="What.")
    taken_on: date = strawberry.field(description="Local day.")
    oldest_due_on: date = strawberry.field(
        description="Due day of the oldest amount that was overdue."
    )
    because: str | None = strawberry.field(description="Why it was decided; null for letters.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")

    @strawberry.field(description="What was overdue [EUR].")
    def open_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.open_cents))

    @strawberry.field(
        description="Whether an e-mail was queued; a letter without one has to go by post."
    )
    def is_mailed(self) -> bool:
        """Look for the e-mail."""
        return self.message_id is not None


@strawberry.type(description="A payment of nobody that may have paid a debt.")
class WaitingReceipt:
    """Shows a receipt."""

    receipt: strawberry.Private[waiting_receipts.WaitingReceipt]

    has_amount: bool = strawberry.field(
        description="Whether it is what is open of an invoice, a due day or the oldest ones."
    )
    names_invoice: bool = strawberry.field(description="Whether it names an overdue invoice.")
    is_from_account: bool = strawberry.field(
        description="Whether the member has a mandate on its account, or has paid from it."
    )
    has_name: bool = strawberry.field(
        description="Whether it names who pays for the member, or the holder of an account."
    )

    @strawberry.field(description="The payment.")
    async def payment(self, info: Info) -> Payment:
        """Find the payment."""
        return await info.context.loaders.record(tables.Payment, self.receipt.payment_id)

    @strawberry.field(description="What is left of it [EUR].")
    def left_eur(self) -> Euro:
        """Read the receipt."""
        return Euro(self.receipt.left_eur)


@strawberry.type(description="A letter that is due, and waits because its member may have paid.")
class HeldLetter:
    """Shows a letter that was not written."""

    letter: strawberry.Private[send_debt_letters.HeldLetter]

    stage: DebtStage = strawberry.field(description="Which letter.")

    @strawberry.field(description="What is overdue [EUR].")
    def open_eur(self) -> Euro:
        """Read the debt."""
        return Euro(self.letter.debt.overdue_eur)

    @strawberry.field(description="To whom it would go.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.letter.debt.member_id)

    @strawberry.field(description="Payments of nobody that may have paid it, the oldest first.")
    def receipts(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[WaitingReceipt]:
        """Page through them."""
        shown = [_show_receipt(each) for each in self.letter.receipts]
        return paginate(shown, first, after)


@strawberry.type(description="What a member is late with to an issuer.")
class Debt:
    """Shows a debt."""

    debt: strawberry.Private[follow_debts.Debt]

    overdue_eur: Euro = strawberry.field(description="All that is overdue [EUR].")
    oldest_due_on: date = strawberry.field(description="Due day of the oldest of it.")
    stage: DebtStage | None = strawberry.field(
        description="What was done last since then; null while nothing was."
    )
    is_essential: bool = strawberry.field(
        description="Whether the supply is essential, and not cut off."
    )
    is_vulnerable: bool = strawberry.field(
        description="Whether its holder is vulnerable, and it is not cut off."
    )
    next_stage: DebtStage | None = strawberry.field(
        description="What may be done next; null when nothing may, or a letter was not delivered."
    )
    next_from: date | None = strawberry.field(description="First day on which it may be done.")

    @strawberry.field(description="What is overdue, the oldest first.")
    def items(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[OpenItem]:
        """Page through it."""
        return paginate([show_item(item) for item in self.debt.items], first, after)

    @strawberry.field(description="What was done since the oldest was due, in order.")
    def steps(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[DebtStep]:
        """Page through it."""
        steps = [show_step(step, self.debt.undelivered) for step in self.debt.steps]
        return paginate(steps, first, after)

    @strawberry.field(description="Who owes it.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.debt.member_id)

    @strawberry.field(description="To whom.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.debt.issuer_id)


@strawberry.input(description="Which debts.")
class DebtFilter:
    """Narrows debts."""

    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those of this member."
    )
    stage: DebtStage | None = strawberry.field(
        default=None, description="Only those of which this was done last."
    )
    next_stage: DebtStage | None = strawberry.field(
        default=None, description="Only those about which this may be done next."
    )
    is_due: bool | None = strawberry.field(
        default=None,
        description="Only those whose next step may be taken on that day, or only the others.",
    )
    is_protected: bool | None = strawberry.field(
        default=None,
        description="Only those whose supply is essential or its holder vulnerable, or only the "
        "others.",
    )


@strawberry.type
class DebtQueries:
    """Ways to what is overdue."""

    @strawberry.field(description="What members are late with, the oldest first.")
    async def debts(
        self,
        info: Info,
        issuer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what is owed to this one.")
        ] = None,
        community_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only in this community.")
        ] = None,
        on: Annotated[
            date | None, strawberry.argument(description="As of this local day; today by default.")
        ] = None,
        filter: Annotated[DebtFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Debt]:
        """Follow them in three queries."""
        wanted = filter or DebtFilter()
        member_id = open_key(tables.Member, wanted.member_id)
        found = await info.context.read(
            follow_debts.follow_debts,
            on=on or local_day(now(), LAW_CLOCK),
            issuer_id=open_key(tables.InvoiceIssuer, issuer_id),
            community_id=open_key(tables.Community, community_id),
            member_ids=None if member_id is None else [member_id],
            wanted=follow_debts.DebtFilter(
                wanted.stage, wanted.next_stage, wanted.is_due, wanted.is_protected
            ),
        )
        return info.context.loaders.cut([show_debt(debt) for debt in found], first, after)


def show_debt(debt: follow_debts.Debt) -> Debt:
    """Show a debt."""
    following = debt.next_step
    return Debt(
        debt=debt,
        overdue_eur=Euro(debt.overdue_eur),
        oldest_due_on=debt.oldest_due_on,
        stage=debt.stage,
        is_essential=SupplyProtection.ESSENTIAL in debt.protections,
        is_vulnerable=SupplyProtection.VULNERABLE in debt.protections,
        next_stage=None if following is None else following.stage,
        next_from=None if following is None else following.from_day,
    )


def show_step(step: tables.DebtStep, undelivered: Collection[UUID] = ()) -> DebtStep:
    """Show what was done."""
    return DebtStep(
        open_cents=step.open_cents,
        message_id=step.message_id,
        is_undelivered=step.id in undelivered,
        stage=step.stage,
        taken_on=step.taken_on,
        oldest_due_on=step.oldest_due_on,
        because=step.because,
        recorded_at=step.recorded_at,
    )


def show_held(letter: send_debt_letters.HeldLetter) -> HeldLetter:
    """Show a letter that was not written."""
    return HeldLetter(letter=letter, stage=letter.stage)


def _show_receipt(receipt: waiting_receipts.WaitingReceipt) -> WaitingReceipt:
    return WaitingReceipt(
        receipt=receipt,
        has_amount=ReceiptClue.AMOUNT in receipt.clues,
        names_invoice=ReceiptClue.NUMBER in receipt.clues,
        is_from_account=ReceiptClue.ACCOUNT in receipt.clues,
        has_name=ReceiptClue.NAME in receipt.clues,
    )
