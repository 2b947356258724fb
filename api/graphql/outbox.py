"""E-mails: what waits, what was sent, what was answered, and what a person can do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.clock import now
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.invoices import Invoice
from api.graphql.list_wishes import WHICH
from api.graphql.node import Node, require_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.record_filters import CREATED_IN, read_record_wish
from api.services.communities.browse_records import PagedList, WholeList
from api.services.invoices.find_invoices import UnknownRunError
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.outbox import mail_invoices as mailing
from api.services.outbox.find_messages import (
    MessageStateError,
    UnknownMessageError,
    resend_message,
)
from api.services.outbox.mail_invoices import (
    UnmailedReason,
    mail_billing_run,
    mail_invoices,
)
from api.services.outbox.queue_message import MessageKind
from api.spoken_language import say
from models import tables
from models.tables import AttemptOutcome, MessageState
from models.values.errors import CommunityError
from models.values.language import Language
from models.values.period import Period

describe(
    MessageKind,
    "What an e-mail is about.",
    INVOICE="An invoice, whose PDF it carries.",
    DEBIT_NOTICE="A direct debit that is to come.",
    REMINDER="An invoice that was not paid in time.",
    SIGN_UP="Somebody's sign-up; what opens its link is put in when it leaves.",
    INVITATION="An account that waits for its owner; its link is completed when it leaves.",
    PASSWORD_RESET="A way to a new password; its link is completed when it leaves.",  # noqa: S106
    EMAIL_CONFIRMATION="An address to be confirmed; its link is completed when it leaves.",
    EMAIL_CHANGED="That an account has another address now, to the one that it had.",
)
describe(
    MessageState,
    "Where an e-mail stands.",
    WAITING="It is sent when it is due.",
    SENDING="It is on its way to the mail server.",
    SENT="The mail server took it.",
    FAILED="The mail server refused it for good.",
    UNCERTAIN="It may have arrived or not: it is not sent again unless a person says so.",
)
describe(
    AttemptOutcome,
    "What became of an attempt to send an e-mail.",
    ACCEPTED="The mail server took it.",
    DEFERRED="It is tried again later.",
    REFUSED="The mail server refused it for good.",
    UNCERTAIN="Nobody knows.",
)
describe(
    UnmailedReason,
    "Why an invoice is not mailed.",
    NO_ADDRESS="Its payer has no e-mail address.",
    CANCELLED="It was cancelled.",
    REPLACED="Another one states anew what is charged: that one is mailed.",
)


@strawberry.type(description="What the mail server answered to an attempt.")
class OutboxAttempt:
    """Shows an answer."""

    number: int = strawberry.field(description="Which attempt of the e-mail, from 1.")
    outcome: AttemptOutcome = strawberry.field(description="What became of it.")
    reply_code: int | None = strawberry.field(
        description="Code of SMTP; null if there was no answer."
    )
    answer: str = strawberry.field(description="In words, without addresses.")
    content_sha256: str | None = strawberry.field(
        description="SHA-256 of what was sent, attachments and all; null if nothing was."
    )
    ended_at: datetime = strawberry.field(description="When it ended.")


@strawberry.type(description="An e-mail to one recipient.")
@shows(tables.OutboxMessage)
class OutboxMessage(Node):
    """Shows an e-mail."""

    kind: strawberry.Private[str]

    recipient: str = strawberry.field(description="Its address.")
    language: Language = strawberry.field(description="Of subject and text.")
    subject: str = strawberry.field(description="Its subject.")
    body: str = strawberry.field(name="text", description="Its text.")
    message_id: str = strawberry.field(
        name="internetMessageId",
        description="Its Message-ID, the same however often it is sent.",
    )
    state: MessageState = strawberry.field(description="Where it stands.")
    created_at: datetime = strawberry.field(description="When it was queued.")
    due_at: datetime = strawberry.field(description="Instant before which nobody tries it.")
    sent_at: datetime | None = strawberry.field(description="When the mail server took it.")
    failed_because: strawberry.Private[str | None]

    @strawberry.field(name="failedBecause", description="Why it was refused for good.")
    def say_failure(self) -> str | None:
        """Say it as far as the words are ours; a mail server's stay as they are."""
        return None if self.failed_because is None else say(self.failed_because)

    @strawberry.field(name="kind", description="What it is about.")
    def kind_of_message(self) -> MessageKind:
        """Read the column."""
        return MessageKind(self.kind)

    @strawberry.field(description="What was answered to each attempt, oldest first.")
    async def attempts(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[OutboxAttempt]:
        """Page through them."""
        listing = WholeList.ATTEMPTS_OF_MESSAGE
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Invoices whose PDFs go with it.")
    async def invoices(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Invoice]:
        """Page through them."""
        listing = WholeList.INVOICES_OF_MESSAGE
        return await info.context.loaders.whole(listing, self.id, first, after)


@strawberry.type(description="An invoice that nobody gets by e-mail.")
class UnmailedInvoice:
    """Which, and why."""

    invoice: Invoice = strawberry.field(description="The invoice.")
    reason: UnmailedReason = strawberry.field(description="Why.")


@strawberry.input(one_of=True, description="Which invoices to mail to those who pay them.")
class MailInvoicesInput:
    """Some, or all of a billing run."""

    invoice_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description=f"Global ids of 1 to {mailing.MOST_INVOICES} invoices."
    )
    billing_run_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Global id of a billing run."
    )


@strawberry.input(description="Which e-mail to send again, and where to.")
class ResendMessageInput:
    """Names an e-mail that failed or is uncertain."""

    message_id: strawberry.ID = strawberry.field(description="Global id of the e-mail.")
    recipient: str | None = strawberry.field(
        default=None, description="Another address, where the first one was wrong."
    )


@strawberry.type(description="What becomes of each invoice, or why nothing does.")
class MailInvoicesPayload:
    """Answer of ``mailInvoices``."""

    queued: strawberry.Private[Sequence[Any]]
    left: strawberry.Private[Sequence[Any]]

    user_errors: list[UserError] = strawberry.field(description="What kept them from being mailed.")

    @strawberry.field(
        description="The e-mail of each invoice that goes out, or that has gone before."
    )
    def messages(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[OutboxMessage]:
        """Page through them."""
        page: Connection[OutboxMessage] = info.context.loaders.cut(self.queued, first, after)
        return page

    @strawberry.field(description="The invoices that do not go out.")
    def unmailed(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[UnmailedInvoice]:
        """Page through them."""
        page: Connection[UnmailedInvoice] = info.context.loaders.cut(self.left, first, after)
        return page


@strawberry.type(description="The e-mail as it waits now, or why it does not.")
class ResendMessagePayload:
    """Answer of ``resendMessage``."""

    message: OutboxMessage | None = strawberry.field(description="The e-mail.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.input(description="Which e-mails.")
class OutboxMessageFilter:
    """Narrows e-mails."""

    state: MessageState | None = strawberry.field(
        default=None, description="Only those that stand so."
    )
    kind: MessageKind | None = strawberry.field(
        default=None, description="Only those that say this."
    )
    created_in: Period | None = strawberry.field(default=None, description=CREATED_IN)


@strawberry.type
class OutboxQueries:
    """Ways to e-mails."""

    @strawberry.field(description="E-mails, newest first.")
    async def outbox_messages(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
        troubled_only: Annotated[
            bool, strawberry.argument(description="Only those that failed or are uncertain.")
        ] = False,
        filter: Annotated[OutboxMessageFilter | None, WHICH] = None,  # noqa: A002
    ) -> Connection[OutboxMessage]:
        """Page through them."""
        listing = (
            PagedList.TROUBLED_MESSAGES_OF_PROMOTER
            if troubled_only
            else PagedList.MESSAGES_OF_PROMOTER
        )
        promoter_id = info.context.principal.promoter_id
        wish = read_record_wish(filter)
        return await info.context.loaders.page(listing, promoter_id, first, after, wish)


@strawberry.type
class OutboxMutations:
    """What can be done about e-mails."""

    @strawberry.mutation(
        description="Queue the e-mails that carry invoices to those who pay them, one for each "
        "invoice, ever: the same again gives the same e-mails."
    )
    async def mail_invoices(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            MailInvoicesInput, strawberry.argument(description="Which invoices.")
        ],
    ) -> MailInvoicesPayload:
        """Queue them."""
        mailed, errors = await attempt(_mail(info, input), _find_mail_fault)
        queued, left = (mailed.messages, mailed.unmailed) if mailed else ((), ())
        return MailInvoicesPayload(queued=queued, left=left, user_errors=errors)

    @strawberry.mutation(
        description="Send an e-mail again that failed, or of which nobody knows whether it arrived."
    )
    async def resend_message(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ResendMessageInput, strawberry.argument(description="Which, and where to.")
        ],
    ) -> ResendMessagePayload:
        """Queue it again."""
        message, errors = await attempt(_resend(info, input), _find_resend_fault)
        return ResendMessagePayload(message=message, user_errors=errors)


async def _mail(info: Info, given: MailInvoicesInput) -> Any:
    """Queue by the one input that is given."""
    if given.billing_run_id:
        run_id = require_key(tables.BillingRun, str(given.billing_run_id), UnknownRunError)
        return await info.context.write(mail_billing_run, run_id=run_id, now=now())
    ids = [_read_invoice(text) for text in given.invoice_ids or ()]
    return await info.context.write(mail_invoices, invoice_ids=ids, now=now())


def _read_invoice(text: strawberry.ID) -> UUID:
    return require_key(tables.Invoice, str(text), UnknownInvoiceError)


async def _resend(info: Info, given: ResendMessageInput) -> Any:
    key = require_key(tables.OutboxMessage, str(given.message_id), UnknownMessageError)
    return await info.context.write(
        resend_message, message_id=key, recipient=given.recipient, now=now()
    )


def _find_mail_fault(error: CommunityError) -> Sequence[str]:
    """Name the input at fault."""
    return ["billingRunId" if isinstance(error, UnknownRunError) else "invoiceIds"]


def _find_resend_fault(error: CommunityError) -> Sequence[str]:
    """Name the input at fault."""
    if isinstance(error, UnknownMessageError | MessageStateError):
        return ["messageId"]
    return ["recipient"]
