"""Make files of direct debits, and take in what banks say of them."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.debit_runs import Debit, DebitRun, DebitRunInput, read_wish
from api.graphql.detections import read_upload_id
from api.graphql.errors import UserError, attempt
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.collection.create_debit_run import (
    SameDebitKeyError,
    UnfitDebitKeyError,
    create_debit_run,
)
from api.services.collection.import_debit_statuses import import_uploaded_statuses
from api.services.collection.prepare_debits import CollectionDayError
from api.services.collection.record_mandates import UnknownMandateError
from api.services.communities.find_community import UnknownCommunityError
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models.values.errors import CommunityError


@strawberry.input(description="Which file of direct debits to make.")
class CreateDebitRunInput(DebitRunInput):
    """What is to be collected, once."""

    idempotency_key: str = strawberry.field(
        description="Your own name for the run, 1 to 100 characters: the same again gives the "
        "same run."
    )


@strawberry.input(description="Which uploaded report of a bank to take in.")
class ImportDebitStatusesInput:
    """A message pain.002."""

    upload_id: strawberry.ID = strawberry.field(description="Id that POST /uploads answered with.")


@strawberry.type(description="The run and who is told of it, or why there is none.")
class CreateDebitRunPayload:
    """Answer of ``createDebitRun``."""

    run: DebitRun | None = strawberry.field(description="The run.")
    notified_count: int = strawberry.field(
        description="E-mails that tell payers ahead, or did: one for each account and day."
    )
    unreachable_count: int = strawberry.field(
        description="Debits whose payers have no e-mail address: tell them by letter."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being made.")


@strawberry.type(description="What the report said, or why it was not taken in.")
class ImportDebitStatusesPayload:
    """Answer of ``importDebitStatuses``."""

    found: strawberry.Private[list[Debit]]

    run: DebitRun | None = strawberry.field(description="The run that it is about.")
    news_count: int = strawberry.field(description="Debits of which it told something new.")
    strange_count: int = strawberry.field(
        description="References that it names and the file does not have."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being read.")

    @strawberry.field(description="Debits that the bank does not collect: they are open again.")
    def rejected(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[Debit]:
        """Page through them."""
        return paginate(self.found, first, after)


@strawberry.type
class DebitMutations:
    """What can be done about direct debits."""

    @strawberry.mutation(
        description="Make a file of direct debits for the bank and queue the notices to its "
        "payers; an open amount stands in one undecided file at most."
    )
    async def create_debit_run(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CreateDebitRunInput, strawberry.argument(description="What is to be collected.")
        ],
    ) -> CreateDebitRunPayload:
        """Make it."""
        done, errors = await attempt(_create(info, input), _find_run_fault)
        notices = done.notices if done else None
        return CreateDebitRunPayload(
            run=done.run if done else None,
            notified_count=len(notices.messages) if notices else 0,
            unreachable_count=len(notices.unreachable) if notices else 0,
            user_errors=errors,
        )

    @strawberry.mutation(
        description="Take in a bank's report on a file of direct debits (pain.002); what it "
        "rejected is open again."
    )
    async def import_debit_statuses(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ImportDebitStatusesInput, strawberry.argument(description="Which upload.")
        ],
    ) -> ImportDebitStatusesPayload:
        """Take it in."""
        done, errors = await attempt(_import(info, input), _find_report_fault)
        return ImportDebitStatusesPayload(
            found=[Debit(known=each) for each in done.rejected] if done else [],
            run=done.run if done else None,
            news_count=done.news_count if done else 0,
            strange_count=len(done.strangers) if done else 0,
            user_errors=errors,
        )


async def _create(info: Info, given: CreateDebitRunInput) -> Any:
    return await info.context.write(
        create_debit_run,
        wish=read_wish(given),
        idempotency_key=given.idempotency_key,
        keyring=info.context.keyring,
        now=now(),
    )


async def _import(info: Info, given: ImportDebitStatusesInput) -> Any:
    return await info.context.write(
        import_uploaded_statuses,
        upload_id=read_upload_id(given.upload_id),
        data_dir=info.context.settings.data_dir,
        now=now(),
    )


def _find_run_fault(error: CommunityError) -> list[str]:
    """Name the input of a run at fault."""
    match error:
        case UnknownIssuerError():
            return ["issuerId"]
        case UnknownCommunityError():
            return ["communityId"]
        case UnknownMemberError():
            return ["memberIds"]
        case UnknownInvoiceError():
            return ["retriedInvoiceIds"]
        case UnknownMandateError():
            return ["finalMandateIds"]
        case CollectionDayError():
            return ["collectOn"]
        case UnfitDebitKeyError() | SameDebitKeyError():
            return ["idempotencyKey"]
    return []


def _find_report_fault(_error: CommunityError) -> list[str]:
    """Name the input of a report at fault."""
    return ["uploadId"]
