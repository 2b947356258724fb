"""Export data as files that other programs read."""

from datetime import date
from functools import partial
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import attempt
from api.graphql.mutate_files import JobPayload
from api.policies import choose_fewest
from api.services.communities.find_community import UnknownCommunityError
from api.services.exports.export_data import NothingToExportError, request_data_export
from api.services.exports.export_wish import (
    ExportFormat,
    ExportPeriodError,
    ExportSubject,
    ExportWish,
    OnlyOwnExportableError,
    UnexportableError,
    UnsuitedResolutionError,
    find_communities,
)
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from models.values.errors import CommunityError, InvalidDataError
from models.values.language import Language
from models.values.period import Period
from models.values.resolution import Resolution

describe(
    ExportSubject,
    "Which data are exported.",
    ENERGY="Generation, consumption, allocated and self-consumed energy, surplus and import from "
    "the grid [kWh], by quarter of an hour, hour, day or month.",
    ECONOMY="What sharing saved by month at the community's prices [EUR], before tolls and taxes.",
    ENVIRONMENT="CO2 avoided [kg] with its factor and source, by hour, day or month.",
    MEMBERS="Members with their supply points, tariffs, powers and coefficients; together, how "
    "many there are of each tariff.",
    INVOICES="Invoices with their lines; together, their sums by month of issue.",
)
describe(
    ExportFormat,
    "Form of an exported file.",
    XLSX="Workbook, at most 1,048,575 rows a sheet.",
    CSV="For programs: commas, decimal points, the same keys in every language.",
    CSV_EXCEL_ES="For Spanish Excel: semicolons, decimal commas, headings and words.",
    JSON="Columns with their headings, then rows as lists.",
    PARQUET="Typed columns, compressed.",
)


@strawberry.input(description="Which data to export.")
class ExportDataInput:
    """Data, days and a form."""

    subject: ExportSubject = strawberry.field(description="Which data.")
    start: date = strawberry.field(description="First local day.")
    end: date = strawberry.field(description="The day after the last, at most ten years later.")
    file_format: ExportFormat = strawberry.field(name="format", description="In which form.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of the community; all that the caller reaches by default.",
    )
    resolution: Resolution = strawberry.field(
        default=Resolution.MONTH,
        description="Interval over which energy is summed; members and invoices know none.",
    )
    per_member: bool = strawberry.field(
        default=False,
        description="Each supply point, or invoice, by itself; else sums alone, which callers who "
        "may not see single members get of five members or more.",
    )
    language: Language | None = strawberry.field(
        default=None, description="Of what people read; that of the settings by default."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type
class ExportMutations:
    """What can be done for those who reckon with our data."""

    @strawberry.mutation(
        description="Export data in a job, as a file that is kept for a week; the job's `download` "
        "names it. Data of single members need the capability `personal`, invoices `read-money`; "
        "members get their own, with `perMember`."
    )
    async def export_data(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ExportDataInput, strawberry.argument(description="Which data.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_export(info, input), partial(_find_fault, input))
        return JobPayload(job=job, user_errors=errors)


async def _export(info: Info, given: ExportDataInput) -> Any:
    key = None if given.community_id is None else read_community(given.community_id)
    held, own = info.context.principal.capabilities, info.context.principal.reach.member_ids
    wish = ExportWish(
        subject=given.subject,
        days=Period(given.start, given.end),
        resolution=given.resolution,
        is_per_member=given.per_member,
        file_format=given.file_format,
        language=given.language or info.context.settings.language,
        fewest=choose_fewest(held),
        community_ids=await info.context.read(find_communities, community_id=key),
        member_ids=None if own is None else tuple(sorted(own)),
    )
    return await info.context.write(
        request_data_export,
        wish=wish,
        held=held,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _find_fault(given: ExportDataInput, error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownCommunityError() | NothingToExportError():
            return ["communityId"]
        case UnsuitedResolutionError():
            return ["resolution"]
        case OnlyOwnExportableError():
            return ["perMember"]
        case UnexportableError():
            return ["perMember" if given.per_member else "subject"]
        case IdempotencyKeyTooLongError() | IdempotencyKeyReusedError():
            return ["idempotencyKey"]
        case ExportPeriodError() | InvalidDataError():
            return ["end"]
    return []
