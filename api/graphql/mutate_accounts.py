"""Export what accountants are handed."""

from datetime import date
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.errors import attempt
from api.graphql.mutate_files import JobPayload
from api.graphql.node import read_key
from api.services.accounting.accounts_wish import AccountsWish, CsvDialect
from api.services.accounting.export_accounts import request_export
from api.services.communities.find_community import UnknownCommunityError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from models import tables
from models.values.errors import CommunityError, InvalidDataError
from models.values.language import Language
from models.values.period import Period


@strawberry.input(description="Which accounts to export.")
class ExportAccountsInput:
    """A community, an issuer or both, and the days."""

    start: date = strawberry.field(description="First day.")
    end: date = strawberry.field(description="The day after the last.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the community whose members they are about."
    )
    issuer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the issuer whose books they are."
    )
    language: Language | None = strawberry.field(
        default=None, description="Of what people read; that of the settings by default."
    )
    dialect: CsvDialect = strawberry.field(
        default=CsvDialect.EXCEL_ES, description="Of the tables beside the workbook."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type
class AccountMutations:
    """What can be done for accountants."""

    @strawberry.mutation(
        description="Export invoices, lines, payments, ageing, VAT book and ledger in a job, as a "
        "ZIP of a workbook and tables; the job's `download` names it."
    )
    async def export_accounts(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ExportAccountsInput, strawberry.argument(description="Which accounts.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_export(info, input), _find_fault)
        return JobPayload(job=job, user_errors=errors)


async def _export(info: Info, given: ExportAccountsInput) -> Any:
    if given.community_id is None:
        info.context.require_every_community()
    issuer_id = None
    if given.issuer_id is not None:
        issuer_id = read_key(tables.InvoiceIssuer, str(given.issuer_id))
        if issuer_id is None:
            raise UnknownIssuerError(issuer_id)
    wish = AccountsWish(
        Period(given.start, given.end),
        community_id=None if given.community_id is None else read_community(given.community_id),
        issuer_id=issuer_id,
    )
    return await info.context.write(
        request_export,
        wish=wish,
        language=given.language or info.context.settings.language,
        dialect=given.dialect,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownCommunityError():
            return ["communityId"]
        case UnknownIssuerError():
            return ["issuerId"]
        case IdempotencyKeyTooLongError() | IdempotencyKeyReusedError():
            return ["idempotencyKey"]
        case InvalidDataError():
            return ["end"]
    return []
