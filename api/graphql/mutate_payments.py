"""Record payments and what becomes of them; agree on instalments."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.ledger import LedgerEntry, Payment
from api.graphql.node import require_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Euro
from api.services.collection.agree_instalments import (
    InstalmentDaysError,
    InstalmentSumError,
    agree_instalments,
)
from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.payment_faults import (
    ForeignInvoiceError,
    SamePaymentKeyError,
    TooMuchError,
    UnknownPaymentError,
)
from api.services.collection.record_payment import PaymentWish, record_payment
from api.services.collection.refund_payment import refund_payment
from api.services.collection.write_off import write_off
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models import tables
from models.values.errors import CommunityError
from models.values.ledger import PaymentMethod
from models.values.money import from_cents, to_cents


@strawberry.input(description="Money that came in.")
class RecordPaymentInput:
    """A payment."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of who got it.")
    amount_eur: Euro = strawberry.field(description="How much, above zero [EUR].")
    received_on: date = strawberry.field(
        description="Local day on which it was there, today at the latest."
    )
    method: PaymentMethod = strawberry.field(description="How it was paid.")
    source_key: str = strawberry.field(
        description="Your own name for it, 1 to 100 characters, such as the reference of the card "
        "payment: the same again is the same payment."
    )
    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of who paid; else whoever owes the invoices."
    )
    invoice_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Ordinary invoices that it pays; the oldest open ones by default.",
    )
    reference: str | None = strawberry.field(
        default=None, description="What it is for, in the payer's words, up to 140 characters."
    )


@strawberry.input(description="Whose money of nobody is.")
class AssignReceiptInput:
    """A payment and its member."""

    payment_id: strawberry.ID = strawberry.field(description="Global id of the payment.")
    member_id: strawberry.ID = strawberry.field(description="Global id of the member.")
    invoice_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Ordinary invoices that it pays; the oldest open ones by default.",
    )


@strawberry.input(description="Money that went back.")
class RefundPaymentInput:
    """A refund."""

    payment_id: strawberry.ID = strawberry.field(description="Global id of the payment.")
    refunded_on: date = strawberry.field(description="Local day of the transfer.")
    because: str = strawberry.field(description="Why, 1 to 500 characters.")
    source_key: str = strawberry.field(
        description="Your own name for it, 1 to 100 characters: the same again is the same refund."
    )
    amount_eur: Euro | None = strawberry.field(
        default=None, description="How much [EUR]; all that no invoice has taken by default."
    )


@strawberry.input(description="What is given up.")
class WriteOffInput:
    """An invoice."""

    invoice_id: strawberry.ID = strawberry.field(description="Global id of the ordinary invoice.")
    because: str = strawberry.field(description="Why, 1 to 500 characters.")
    amount_eur: Euro | None = strawberry.field(
        default=None, description="How much [EUR]; all that is open by default."
    )


@strawberry.input(description="In which parts an invoice is paid, free of interest.")
class AgreeInstalmentsInput:
    """Days, and amounts where they are not equal."""

    invoice_id: strawberry.ID = strawberry.field(description="Global id of the ordinary invoice.")
    days: list[date] = strawberry.field(
        description="Local days on which they are due, one after another, 1 to 60."
    )
    amounts_eur: list[Euro] | None = strawberry.field(
        default=None,
        description="How much each day [EUR], together what is open; equal parts by default, the "
        "odd cents on the first.",
    )


@strawberry.type(description="The payment as it stands now, or why there is none.")
class PaymentPayload:
    """Answer of ``recordPayment``, ``assignReceipt`` and ``refundPayment``."""

    payment: Payment | None = strawberry.field(description="The payment.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="What was posted, or why nothing was.")
class WriteOffPayload:
    """Answer of ``writeOff``."""

    entry: LedgerEntry | None = strawberry.field(description="The entry of the books.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="A part of an invoice, due on a day of its own.")
class Instalment:
    """Shows an instalment."""

    amount_cents: strawberry.Private[int]

    position: int = strawberry.field(description="Which, from 1.")
    due_on: date = strawberry.field(description="Day on which it is due.")

    @strawberry.field(description="How much [EUR].")
    def amount_eur(self) -> Euro:
        """Read the cents."""
        return Euro(from_cents(self.amount_cents))


@strawberry.type(description="What was agreed, or why nothing was.")
class AgreeInstalmentsPayload:
    """Answer of ``agreeInstalments``."""

    agreed: strawberry.Private[Sequence[Any]]

    user_errors: list[UserError] = strawberry.field(description="What kept it from being agreed.")

    @strawberry.field(description="The instalments, by day; those agreed before hold no more.")
    def instalments(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Instalment]:
        """Page through them."""
        return paginate(self.agreed, first, after)


@strawberry.type
class PaymentMutations:
    """What can be done about payments."""

    @strawberry.mutation(
        description="Record a payment: it pays the invoices that it names, or the oldest; what is "
        "left is the member's prepayment."
    )
    async def record_payment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RecordPaymentInput, strawberry.argument(description="What came in.")
        ],
    ) -> PaymentPayload:
        """Record it once."""
        payment, errors = await attempt(_record(info, input), _find_fault)
        return PaymentPayload(payment=payment, user_errors=errors)

    @strawberry.mutation(description="Say whose a payment of nobody is, and let it pay.")
    async def assign_receipt(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AssignReceiptInput, strawberry.argument(description="Which payment, and whose.")
        ],
    ) -> PaymentPayload:
        """Assign it."""
        payment, errors = await attempt(_assign(info, input), _find_fault)
        return PaymentPayload(payment=payment, user_errors=errors)

    @strawberry.mutation(description="Record that money that no invoice has taken went back.")
    async def refund_payment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RefundPaymentInput, strawberry.argument(description="What went back.")
        ],
    ) -> PaymentPayload:
        """Record it once."""
        refund, errors = await attempt(_refund(info, input), _find_fault)
        if refund is None:
            return PaymentPayload(payment=None, user_errors=errors)
        payment: Payment = await info.context.loaders.record(tables.Payment, refund.payment_id)
        return PaymentPayload(payment=payment, user_errors=[])

    @strawberry.mutation(description="Give up what is open of an invoice, or a part of it.")
    async def write_off(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            WriteOffInput, strawberry.argument(description="What is given up, and why.")
        ],
    ) -> WriteOffPayload:
        """Post it."""
        entry, errors = await attempt(_write_off(info, input), _find_fault)
        return WriteOffPayload(entry=entry, user_errors=errors)

    @strawberry.mutation(
        description="Agree that what is open of an invoice is paid in parts, free of interest."
    )
    async def agree_instalments(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AgreeInstalmentsInput, strawberry.argument(description="Which invoice, and when.")
        ],
    ) -> AgreeInstalmentsPayload:
        """Note the agreement."""
        agreed, errors = await attempt(_agree(info, input), _find_fault)
        return AgreeInstalmentsPayload(agreed=agreed or [], user_errors=errors)


async def _record(info: Info, given: RecordPaymentInput) -> Any:
    wish = PaymentWish(
        issuer_id=_open_issuer(given.issuer_id),
        amount_cents=to_cents(given.amount_eur),
        received_on=given.received_on,
        method=given.method,
        source_key=given.source_key,
        member_id=None
        if given.member_id is None
        else require_key(tables.Member, str(given.member_id), UnknownMemberError),
        invoice_ids=tuple(map(_open_invoice, given.invoice_ids)),
        reference=given.reference,
    )
    keyring = info.context.keyring
    return await info.context.write(record_payment, wish=wish, keyring=keyring, now=now())


async def _assign(info: Info, given: AssignReceiptInput) -> Any:
    return await info.context.write(
        assign_receipt,
        payment_id=_open_payment(given.payment_id),
        member_id=require_key(tables.Member, str(given.member_id), UnknownMemberError),
        invoice_ids=list(map(_open_invoice, given.invoice_ids)),
        now=now(),
    )


async def _refund(info: Info, given: RefundPaymentInput) -> Any:
    return await info.context.write(
        refund_payment,
        payment_id=_open_payment(given.payment_id),
        refunded_on=given.refunded_on,
        because=given.because,
        source_key=given.source_key,
        amount_cents=None if given.amount_eur is None else to_cents(given.amount_eur),
        now=now(),
    )


async def _write_off(info: Info, given: WriteOffInput) -> Any:
    return await info.context.write(
        write_off,
        invoice_id=_open_invoice(given.invoice_id),
        because=given.because,
        amount_cents=None if given.amount_eur is None else to_cents(given.amount_eur),
        now=now(),
    )


async def _agree(info: Info, given: AgreeInstalmentsInput) -> Any:
    amounts = given.amounts_eur
    return await info.context.write(
        agree_instalments,
        invoice_id=_open_invoice(given.invoice_id),
        days=given.days,
        amounts_cents=None if amounts is None else list(map(to_cents, amounts)),
        now=now(),
    )


def _open_issuer(text: strawberry.ID) -> UUID:
    return require_key(tables.InvoiceIssuer, str(text), UnknownIssuerError)


def _open_invoice(text: strawberry.ID) -> UUID:
    return require_key(tables.Invoice, str(text), UnknownInvoiceError)


def _open_payment(text: strawberry.ID) -> UUID:
    return require_key(tables.Payment, str(text), UnknownPaymentError)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    for kinds, field in _FIELDS.items():
        if isinstance(error, kinds):
            return [field]
    return []


_FIELDS: dict[tuple[type[CommunityError], ...], str] = {
    (UnknownIssuerError,): "issuerId",
    (UnknownMemberError,): "memberId",
    (UnknownPaymentError,): "paymentId",
    (ForeignInvoiceError,): "invoiceIds",
    (SamePaymentKeyError,): "sourceKey",
    (InstalmentDaysError,): "days",
    (InstalmentSumError,): "amountsEur",
    (TooMuchError,): "amountEur",
}
