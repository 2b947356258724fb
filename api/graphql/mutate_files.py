"""Take in uploaded files: readings, prices, lists of members."""

from enum import StrEnum
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.detections import read_upload_id
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.jobs import JobRun
from api.graphql.members_reports import MembersReport
from api.graphql.scalars import Kw
from api.services.communities.find_community import UnknownCommunityError
from api.services.community_folders.import_members import ListOptions
from api.services.community_folders.import_members_upload import (
    import_uploaded_members,
    read_uploaded_members,
)
from api.services.file_imports.file_import_wish import (
    FileImportWish,
    InvalidMappingError,
    UnknownFormatError,
    parse_format,
    parse_mapping_text,
)
from api.services.file_imports.prepare_series import ConsumptionMeaning
from api.services.file_imports.request_file_import import request_file_import
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from models.tables import PriceKind
from models.values.cau import Cau
from models.values.errors import CommunityError


class ListRole(StrEnum):
    """What everybody in a list is."""

    MEMBER = "member"
    RESERVE = "reserve"


describe(
    ListRole,
    "What everybody in a list is.",
    MEMBER="They share.",
    RESERVE="They wait for a vacancy.",
)
describe(
    ConsumptionMeaning,
    "What a file calls consumption.",
    BOUNDARY="What the boundary meter took in, before any sharing.",
    NET="What is left of it after self-consumption, as on the bill.",
)


@strawberry.input(description="Which uploaded file of readings or prices to take in, and how.")
class ImportFileInput:
    """What is left out, the file says by itself."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    upload_id: strawberry.ID = strawberry.field(description="Id that POST /uploads answered with.")
    format: str | None = strawberry.field(
        default=None,
        description="Name of the format, such as simel-f5d, where the file alone does not tell.",
    )
    mapping: str | None = strawberry.field(
        default=None, description="TOML that says what the columns of a table of one's own mean."
    )
    consumption_is: ConsumptionMeaning | None = strawberry.field(
        default=None,
        description="What the file calls consumption; asked for where its format leaves it open.",
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Plant that a file without a code, such as of PVGIS, is for."
    )
    peak_kw: Kw | None = strawberry.field(
        default=None,
        description="Power of that plant's modules [kW], for a file that tells the sun only.",
    )
    other_prices_are: PriceKind = strawberry.field(
        default=PriceKind.ENERGY,
        description="What prices of a table of one's own are paid for.",
    )
    accept_partial: bool = strawberry.field(
        default=False, description="Take good rows and files without the others."
    )
    replace_better: bool = strawberry.field(
        default=False, description="Believe the file against values that are known better."
    )
    sum_quarters: bool = strawberry.field(
        default=False, description="Sum quarter-hours into hours."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Only tell what would be done; the upload stays."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type(description="The job that does it, or why there is none.")
class JobPayload:
    """Answer of what only queues a job."""

    job: JobRun | None = strawberry.field(description="The job; its result is what it works on.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.input(description="Which uploaded list of members or candidates to take in, and how.")
class ImportMembersInput:
    """XLSX or CSV with Spanish, Catalan or English headings."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    upload_id: strawberry.ID = strawberry.field(description="Id that POST /uploads answered with.")
    role: ListRole | None = strawberry.field(
        default=None, description="What everybody in it is; null where a column tells."
    )
    is_complete: bool = strawberry.field(
        default=False,
        description="Whether who is not in it leaves: those of the role, or everybody.",
    )
    dry_run: bool = strawberry.field(
        default=False, description="Only tell what would be done; the upload stays."
    )


@strawberry.type(description="What the list did, or why it was not taken.")
class ImportMembersPayload:
    """Answer of ``importMembers``."""

    report: MembersReport | None = strawberry.field(description="What it did.")
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong; of a faulty list, every fault at once."
    )


@strawberry.type
class FileMutations:
    """What can be done with uploaded files."""

    @strawberry.mutation(
        description="Take a file of readings or prices, or an archive of such files, into a "
        "community, all or nothing, in a job: its `fileReports` tell what became of each."
    )
    async def import_file(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ImportFileInput, strawberry.argument(description="What to take, and how.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_queue(info, input), _find_fault)
        return JobPayload(job=job, user_errors=errors)

    @strawberry.mutation(
        description="Take a list of members or candidates into a community, without a year of "
        "their energy: all of it, or nothing."
    )
    async def import_members(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ImportMembersInput, strawberry.argument(description="Which list, and how.")
        ],
    ) -> ImportMembersPayload:
        """Take it at once."""
        report, errors = await attempt(_take_list(info, input), _find_fault)
        return ImportMembersPayload(report=report, user_errors=errors)


async def _queue(info: Info, given: ImportFileInput) -> Any:
    return await info.context.write(
        request_file_import,
        community_id=read_community(given.community_id),
        upload_id=read_upload_id(given.upload_id),
        wish=_read_wish(given),
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _read_wish(given: ImportFileInput) -> FileImportWish:
    return FileImportWish(
        format=None if given.format is None else parse_format(given.format),
        mapping=None if given.mapping is None else parse_mapping_text(given.mapping),
        plant_code=given.cau,
        peak_kw=given.peak_kw,
        is_dry_run=given.dry_run,
        accepts_partial=given.accept_partial,
        consumption_is=given.consumption_is,
        replaces_better=given.replace_better,
        sums_quarters=given.sum_quarters,
        other_prices_are=given.other_prices_are,
    )


async def _take_list(info: Info, given: ImportMembersInput) -> MembersReport:
    role = None if given.role is None else given.role.value
    options = ListOptions.named(role, is_complete=given.is_complete)
    upload = {
        "community_id": read_community(given.community_id),
        "upload_id": read_upload_id(given.upload_id),
        "data_dir": info.context.settings.data_dir,
    }
    listed = await info.context.read(read_uploaded_members, role=options.role, **upload)
    report = await info.context.write(
        import_uploaded_members,
        **upload,
        listed=listed,
        options=options,
        imported_at=now(),
        is_dry_run=given.dry_run,
    )
    return MembersReport(report=report.to_json())


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownCommunityError():
            return ["communityId"]
        case UnknownFormatError():
            return ["format"]
        case InvalidMappingError():
            return ["mapping"]
        case IdempotencyKeyTooLongError() | IdempotencyKeyReusedError():
            return ["idempotencyKey"]
    return ["uploadId"]
