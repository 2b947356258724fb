"""Send records of invoices to the tax agency, and mend what it refused."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import attempt
from api.graphql.mutate_files import JobPayload
from api.graphql.mutate_invoices import InvoicePayload, read_invoice
from api.invoice_settings import UnsetBillingSystemError, require_billing_system
from api.services.agency.mend_record import mend_record
from api.services.agency.request_sending import request_sending
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from models import tables
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


@strawberry.input(description="The invoice whose record to mend.")
class MendFiscalRecordInput:
    """Names an invoice."""

    invoice_id: strawberry.ID = strawberry.field(description="Global id of the invoice.")


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

    @strawberry.mutation(
        description="Follow the newest record of an invoice, which the tax agency refused or took "
        "with errors, by one that mends it and names the parties as they are now; the invoice "
        "stays as it is."
    )
    async def mend_fiscal_record(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            MendFiscalRecordInput, strawberry.argument(description="Of which invoice.")
        ],
    ) -> InvoicePayload:
        """Add the record."""
        invoice, errors = await attempt(_mend(info, input), _find_mending_fault)
        return InvoicePayload(invoice=invoice, user_errors=errors)


async def _send(info: Info, given: SendFiscalRecordsInput) -> Any:
    return await info.context.write(
        request_sending,
        tax_number=given.tax_number,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


async def _mend(info: Info, given: MendFiscalRecordInput) -> Any:
    key = read_invoice(given.invoice_id)
    system = require_billing_system(info.context.settings)
    await info.context.write(mend_record, invoice_id=key, system=system, now=now())
    return await info.context.loaders.record(tables.Invoice, key)


def _find_mending_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return [] if isinstance(error, UnsetBillingSystemError) else ["invoiceId"]


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    if isinstance(error, IdempotencyKeyTooLongError | IdempotencyKeyReusedError):
        return ["idempotencyKey"]
    return ["taxNumber"]
