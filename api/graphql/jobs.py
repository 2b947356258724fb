"""Jobs: work that goes on outside the request, its progress, its result or its error."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlmodel import SQLModel

from api.graphql.bank_reports import BankFileReport
from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.enums import describe
from api.graphql.errors import DataFault, UserError, build_user_error
from api.graphql.fetch_reports import FetchedDay, FetchedSupplyPoint
from api.graphql.file_reports import FileReport
from api.graphql.imports import ImportReport
from api.graphql.list_wishes import WHICH
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.record_filters import CREATED_IN, read_record_wish
from api.graphql.scalars import Share
from api.policies import tells_reasons
from api.services.collection import bank_report
from api.services.communities.browse_records import PagedList
from api.services.file_imports.file_report import FileReport as Report
from api.services.jobs.request_job import JobKind
from api.spoken_language import say
from models import tables
from models.tables import JobState
from models.values.errors import ErrorCode
from models.values.period import Period

describe(
    JobKind,
    "What a job does.",
    IMPORT_COMMUNITY="Reads a community folder and stores it.",
    PROPOSE_COEFFICIENTS="Plans coefficients and stores the proposal.",
    FILL_VACANCIES="Finds who of the reserve should take the vacancies of a plant.",
    ASSESS_SUITABILITY="Works out what one of the reserve would bring, and get.",
    SHARE_CAPACITY="Shares what a plant gains when it grows.",
    ASSIGN_MEMBERS="Assigns the members of a community to its plants.",
    IMPORT_FILE="Reads a file of readings or prices and stores it.",
    FETCH_READINGS="Fetches readings from Datadis and stores them.",
    FETCH_PRICES="Fetches prices and stores them.",
    ALLOCATE_MONTHS="Shares out months by what the distributor applied.",
    SEND_MESSAGES="Sends the e-mails that are due.",
    CHECK_READINGS="Looks through readings for what is missing or suspicious.",
    RENDER_INVOICES="Renders the PDFs of a billing run.",
    SEND_FISCAL_RECORDS="Sends the records of invoices to the tax agency, or stores what would be.",
    EXPORT_ACCOUNTS="Exports accounts as an archive, which `JobRun.download` names.",
    EXPORT_DATA="Exports data as a file, which `JobRun.download` names.",
    IMPORT_BANK_FILE="Books what a large file of a bank tells.",
    CLEAR_ERASURE="Removes files, and what pages of the database remember, of an erased person.",
)

_RESULTS: dict[JobKind, type[SQLModel]] = {
    JobKind.IMPORT_COMMUNITY: tables.Community,
    JobKind.PROPOSE_COEFFICIENTS: tables.CoefficientProposal,
    JobKind.FILL_VACANCIES: tables.VacancyFilling,
    JobKind.ASSESS_SUITABILITY: tables.CandidateSuitability,
    JobKind.SHARE_CAPACITY: tables.CapacitySharing,
    JobKind.ASSIGN_MEMBERS: tables.MemberAssignment,
    JobKind.IMPORT_FILE: tables.Community,
    JobKind.FETCH_READINGS: tables.Community,
    JobKind.FETCH_PRICES: tables.Community,
    JobKind.ALLOCATE_MONTHS: tables.Community,
    JobKind.CHECK_READINGS: tables.Community,
    JobKind.RENDER_INVOICES: tables.BillingRun,
    JobKind.SEND_FISCAL_RECORDS: tables.AgencySubmission,
    JobKind.IMPORT_BANK_FILE: tables.InvoiceIssuer,
}


_UNTOLD_REASON = "why it failed may name members: it is told to callers who may read personal data"


@strawberry.type(description="A piece of work that goes on outside the request; ask again by id.")
@shows(tables.JobRun)
class JobRun(Node):
    """Shows a job."""

    kind: strawberry.Private[str]
    stage: strawberry.Private[str | None]
    progress_share: strawberry.Private[float]
    error_code: strawberry.Private[str | None]
    error_message: strawberry.Private[str | None]
    result_id: strawberry.Private[UUID | None]
    report: strawberry.Private[dict[str, Any] | None]

    state: JobState = strawberry.field(description="Where it stands.")
    attempts: int = strawberry.field(description="How many workers have begun it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker last began it.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")

    @strawberry.field(name="kind", description="What it does.")
    def kind_of_work(self) -> JobKind:
        """Read the column."""
        return JobKind(self.kind)

    @strawberry.field(name="stage", description="What it is doing; null unless it is running.")
    def current_stage(self) -> str | None:
        """Read what the worker last said."""
        return say(self.stage) if self.stage and self.state is JobState.RUNNING else None

    @strawberry.field(description="Part of the work that is done.")
    def progress(self) -> Share:
        """Read the column."""
        return Share(self.progress_share)

    @strawberry.field(
        description="Why it failed; null unless it did. Callers who see neither single members nor "
        "bills are told its code alone: the message may name anybody."
    )
    def error(self, info: Info) -> UserError | None:
        """Name the failure by its type."""
        if self.state is not JobState.FAILED or self.error_code is None:
            return None
        code = ErrorCode(self.error_code)
        if not tells_reasons(info.context.principal.capabilities):
            return build_user_error(code, _UNTOLD_REASON, ())
        return build_user_error(code, self.error_message or "", (), self.report)

    @strawberry.field(
        description="What it made, such as a community or a proposal; null until then."
    )
    async def result(self, info: Info) -> Node | None:
        """Find what it made."""
        if self.result_id is None:
            return None
        return await info.context.loaders.record(_RESULTS[JobKind(self.kind)], self.result_id)

    @strawberry.field(
        description="Relative address of the file that it made, which is kept for a week; null "
        f"for jobs that make none, and until then.{LINK}"
    )
    def download(self, info: Info) -> str | None:
        """Give the address."""
        if self.state is not JobState.SUCCEEDED:
            return None
        if self.kind == JobKind.EXPORT_ACCOUNTS:
            return info.context.sign_link(f"/account-exports/{self.id}/accounts.zip")
        if self.kind == JobKind.EXPORT_DATA and self.report is not None:
            return info.context.sign_link(f"/data-exports/{self.id}/{self.report['file_name']}")
        return None

    @strawberry.field(description="What an import did; null for other jobs, and until it is done.")
    def import_report(self) -> ImportReport | None:
        """Hand the report on."""
        is_import = JobKind(self.kind) is JobKind.IMPORT_COMMUNITY
        if not is_import or self.state is not JobState.SUCCEEDED or self.report is None:
            return None
        return ImportReport(report=self.report)

    @strawberry.field(description="What a bank's file told; null for other jobs, and until then.")
    def bank_report(self) -> BankFileReport | None:
        """Hand the report on."""
        is_import = JobKind(self.kind) is JobKind.IMPORT_BANK_FILE
        if not is_import or self.state is not JobState.SUCCEEDED or self.report is None:
            return None
        return BankFileReport(told=bank_report.BankFileReport.from_json(self.report))

    @strawberry.field(
        description="What became of each file of an import; of one that failed, what would have "
        "been done with those whose rows were rejected."
    )
    def file_reports(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FileReport]:
        """Page through them."""
        kept = [Report.from_json(document) for document in _list(self.report, "files")]
        return paginate([FileReport(report=report) for report in kept], first, after)

    @strawberry.field(
        description="What is wrong with the files that an import in part left out; of one that "
        "failed, its error tells."
    )
    def left_out(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[DataFault]:
        """Page through the faults."""
        faults = [DataFault(**fault) for fault in _list(self.report, "left_out")]
        return paginate(faults, first, after)

    @strawberry.field(description="What became of asking Datadis about each supply point.")
    def fetched_supply_points(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FetchedSupplyPoint]:
        """Page through them."""
        points = [
            FetchedSupplyPoint(
                cups=each["cups"],
                state=each["state"],
                accepted_count=each.get("accepted_count", 0),
                rejected_count=each.get("rejected_count", 0),
                reason=each.get("reason"),
            )
            for each in _list(self.report, "supply_points")
        ]
        return paginate(points, first, after)

    @strawberry.field(description="What became of asking for the prices of each day.")
    def fetched_days(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FetchedDay]:
        """Page through them."""
        days = [
            FetchedDay(
                kind=each["kind"],
                day=date.fromisoformat(each["day"]),
                is_published=each["is_published"],
                accepted_count=each["accepted_count"],
            )
            for each in _list(self.report, "days")
        ]
        return paginate(days, first, after)


@strawberry.input(description="Which jobs.")
class JobFilter:
    """Narrows jobs."""

    kind: JobKind | None = strawberry.field(default=None, description="Only those that do this.")
    state: JobState | None = strawberry.field(default=None, description="Only those that stand so.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those about the community of this global id alone."
    )
    created_in: Period | None = strawberry.field(default=None, description=CREATED_IN)


@strawberry.type
class JobQueries:
    """Ways to jobs."""

    @strawberry.field(
        description="Jobs, newest first: all of the promoter's, to who looks after communities "
        "those about one of them and its own, to members those that they asked for."
    )
    async def jobs(
        self,
        info: Info,
        filter: Annotated[JobFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[JobRun]:
        """Page through them."""
        wish, listing = read_record_wish(filter), PagedList.JOBS_OF_PROMOTER
        promoter_id = info.context.principal.promoter_id
        return await info.context.loaders.page(listing, promoter_id, first, after, wish)


def _list(report: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """Give a list of a job's report; an empty one where there is none."""
    found: list[dict[str, Any]] = (report or {}).get(name, [])
    return found
