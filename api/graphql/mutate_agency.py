"""Send records of invoices to the tax agency."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import attempt
from api.graphql.mutate_files import JobPayload
from api.services.agency.request_sending import request_sending
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from models.values.errors import CommunityError


@strawberry.input(description="Whose records to send.")
class SendFiscalRecordsInput:
    """Names an issuer."""

    tax_number: str = strawberry.field(description="NIF of the issuer.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type
class AgencyMutations:
    """What can be done about records that wait."""

    @strawberry.mutation(
        description="Send the records of an issuer that wait to the tax agency, in a job; where "
        "nothing is sent, store what would be. Workers do so by themselves every minute."
    )
    async def send_fiscal_records(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SendFiscalRecordsInput, strawberry.argument(description="Whose records.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_send(info, input), _find_fault)
        return JobPayload(job=job, user_errors=errors)


async def _send(info: Info, given: SendFiscalRecordsInput) -> Any:
    return await info.context.write(
        request_sending,
        tax_number=given.tax_number,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    if isinstance(error, IdempotencyKeyTooLongError | IdempotencyKeyReusedError):
        return ["idempotencyKey"]
    return ["taxNumber"]
