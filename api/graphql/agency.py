"""Records of invoices at the tax agency: the messages, and what it answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.list_wishes import WHICH
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.record_filters import CREATED_IN, read_record_wish
from api.services.agency.read_sending import RecordStanding, RecordState
from api.services.communities.browse_records import PagedList
from models import tables
from models.tables import FiscalRecordKind, SubmissionState
from models.values.period import Period

describe(
    SubmissionState,
    "What became of a message to the tax agency.",
    STORED="Nothing is sent: this is what would be.",
    SENDING="It is on its way.",
    ANSWERED="The agency answered for its records.",
    REFUSED="The agency took none of it; its records go again.",
    UNCERTAIN="No answer came that can be read; its records go again.",
)
describe(
    RecordState,
    "What the tax agency made of a record.",
    WAITING="It has not answered yet.",
    ACCEPTED="It keeps the record.",
    ACCEPTED_WITH_ERRORS="It keeps the record, and found something wrong.",
    REFUSED="It does not keep the record.",
)


@strawberry.type(description="A message with records of one issuer's chain.")
@shows(tables.AgencySubmission)
class AgencySubmission(Node):
    """Shows a message, without what it holds."""

    tax_number: str = strawberry.field(description="NIF of the issuer.")
    created_at: datetime = strawberry.field(description="When it was written.")
    first_position: int = strawberry.field(description="Place in the chain of its first record.")
    last_position: int = strawberry.field(description="Place in the chain of its last record.")
    has_incident: bool = strawberry.field(description="Whether it says that its records are late.")
    state: SubmissionState = strawberry.field(description="What became of it.")
    attempts: int = strawberry.field(
        description="How often records were sent since the agency last answered."
    )
    sent_at: datetime | None = strawberry.field(description="When it was last sent.")
    receipt: str | None = strawberry.field(description="The agency's verification code (CSV).")
    wait_seconds: int | None = strawberry.field(
        description="How long the agency asked to wait before the next message [s]."
    )
    reason: str | None = strawberry.field(description="Why it failed.")


@strawberry.type(description="What the tax agency made of one record.")
class AgencyRecord:
    """Shows an answer."""

    state: RecordState = strawberry.field(description="In a word.")
    attempt: int = strawberry.field(description="From 1; a later record mends the one before.")
    position: int = strawberry.field(description="Place in the issuer's chain.")
    error_code: int | None = strawberry.field(description="The agency's code of what is wrong.")
    error_text: str | None = strawberry.field(description="The same in the agency's words.")
    receipt: str | None = strawberry.field(description="The agency's verification code (CSV).")
    answered_at: datetime | None = strawberry.field(description="When it answered.")


@strawberry.type(description="What the tax agency made of an invoice's records.")
class InvoiceAgencyStatus:
    """Of each kind the newest one: it mends those before it."""

    registration: AgencyRecord | None = strawberry.field(
        description="Of the newest record that registers it."
    )
    cancellation: AgencyRecord | None = strawberry.field(
        description="Of the newest record that cancels it; null unless it was cancelled."
    )


@strawberry.input(description="Which messages to the tax agency.")
class AgencySubmissionFilter:
    """Narrows messages."""

    state: SubmissionState | None = strawberry.field(
        default=None, description="Only those that stand so."
    )
    created_in: Period | None = strawberry.field(default=None, description=CREATED_IN)


@strawberry.type
class AgencyQueries:
    """Ways to messages."""

    @strawberry.field(description="Messages to the tax agency, newest first.")
    async def agency_submissions(
        self,
        info: Info,
        filter: Annotated[AgencySubmissionFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[AgencySubmission]:
        """Page through them."""
        wish, listing = read_record_wish(filter), PagedList.AGENCY_SUBMISSIONS_OF_PROMOTER
        promoter_id = info.context.principal.promoter_id
        return await info.context.loaders.page(listing, promoter_id, first, after, wish)


async def read_agency_status(info: Info, invoice_id: UUID) -> InvoiceAgencyStatus:
    """Tell what the tax agency made of an invoice's records."""
    standings = await info.context.loaders.agency_standings(invoice_id)
    shown = {standing.kind: _show(standing) for standing in standings}
    return InvoiceAgencyStatus(
        registration=shown.get(FiscalRecordKind.REGISTRATION),
        cancellation=shown.get(FiscalRecordKind.CANCELLATION),
    )


def _show(standing: RecordStanding) -> AgencyRecord:
    return AgencyRecord(
        state=standing.state,
        attempt=standing.attempt,
        position=standing.position,
        error_code=standing.error_code,
        error_text=standing.error_text,
        receipt=standing.receipt,
        answered_at=standing.answered_at,
    )
