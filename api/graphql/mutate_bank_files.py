"""Take in banks' files: small ones at once, large ones in a job."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.bank_reports import BankFileReport
from api.graphql.context import Info
from api.graphql.detections import read_upload_id
from api.graphql.errors import UserError, attempt
from api.graphql.jobs import JobRun
from api.graphql.node import require_key
from api.services.collection import bank_report
from api.services.collection.import_bank_file import (
    import_uploaded_bank_file,
    read_uploaded_bank_file,
)
from api.services.collection.request_bank_file import request_bank_file
from api.services.file_imports.file_import_wish import InvalidMappingError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.jobs.request_upload_job import UnknownUploadError
from models import tables
from models.values.errors import CommunityError


@strawberry.input(description="Which file of a bank to book.")
class ImportBankFileInput:
    """An upload."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of whose account it is of.")
    upload_id: strawberry.ID = strawberry.field(
        description="Id that POST /uploads answered with: camt.053, camt.054 or a table."
    )
    mapping: str | None = strawberry.field(
        default=None, description="TOML that says what the columns of a table mean."
    )


@strawberry.type(description="What the file told, the job that reads it, or why nothing is booked.")
class ImportBankFilePayload:
    """Answer of ``importBankFile``."""

    report: BankFileReport | None = strawberry.field(
        description="What became of a file that was booked at once."
    )
    job: JobRun | None = strawberry.field(
        description="The job that books a file of more than 1 MB; its `bankReport` tells the same."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being booked.")


@strawberry.type
class BankFileMutations:
    """What can be done with banks' files."""

    @strawberry.mutation(
        description="Book what a bank's file tells: debits, returns and transfers that are "
        "certain; the rest waits to be assigned. The same movement is booked once."
    )
    async def import_bank_file(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ImportBankFileInput, strawberry.argument(description="Which file, of whose account.")
        ],
    ) -> ImportBankFilePayload:
        """Book all of it, or nothing."""
        done, errors = await attempt(_import(info, input), _find_fault)
        report, job = done or (None, None)
        return ImportBankFilePayload(
            report=None if report is None else BankFileReport(told=report),
            job=job,
            user_errors=errors,
        )


async def _import(
    info: Info, given: ImportBankFileInput
) -> tuple[bank_report.BankFileReport | None, Any]:
    """Book a small file, or queue the booking of a large one."""
    context = info.context
    issuer_id = require_key(tables.InvoiceIssuer, given.issuer_id, UnknownIssuerError)
    upload_id = read_upload_id(given.upload_id)
    upload = {"upload_id": upload_id, "mapping_text": given.mapping}
    job = await context.write(request_bank_file, issuer_id=issuer_id, now=now(), **upload)
    if job is not None:
        return None, job
    data_dir = context.settings.data_dir
    statements = await context.read(read_uploaded_bank_file, data_dir=data_dir, **upload)
    report = await context.write(
        import_uploaded_bank_file,
        issuer_id=issuer_id,
        upload_id=upload_id,
        data_dir=data_dir,
        statements=statements,
        keyring=context.keyring,
        now=now(),
    )
    return report, None


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownIssuerError():
            return ["issuerId"]
        case UnknownUploadError():
            return ["uploadId"]
        case InvalidMappingError():
            return ["mapping"]
    return []
