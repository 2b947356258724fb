"""What became of files that were handed in: rows, months and what rests on them."""

from uuid import UUID

import strawberry

from api.graphql.enums import describe
from api.graphql.node import write_global_id
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.file_imports.file_report import FileReport as Report
from api.services.file_imports.file_report import SeriesChange as Changed
from api.services.readings.fill_gaps import FillReport
from models import tables
from models.tables import ImportSubject

describe(
    ImportSubject,
    "What a file brought.",
    READINGS="Readings of supply points or installations.",
    PRICES="Prices.",
    MEMBERS="A list of members or candidates.",
    COEFFICIENTS="Coefficients.",
)


@strawberry.type(description="How many rows or values were not taken, for one reason.")
class RejectionCount:
    """One line of the report."""

    code: str = strawberry.field(description="Why, for programs, such as `clock`.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="A row that was not taken, or values of one meter together.")
class RejectedRow:
    """One line of the report."""

    line: int | None = strawberry.field(
        description="Its line or row, from 1; null where the file has none."
    )
    code: str = strawberry.field(description="Why, for programs.")
    excerpt: str = strawberry.field(description="The beginning of it, or whose values they are.")
    reason: str = strawberry.field(description="Why and what to do, for people.")


@strawberry.type(description="What a file did to one local month of a meter or price.")
class MonthChange:
    """One line of the report."""

    month: str = strawberry.field(description="The month, such as 2023-01.")
    version: int = strawberry.field(description="Its newest version afterwards; 0 for none.")
    new: int = strawberry.field(description="Values of intervals of which nothing was known.")
    changed: int = strawberry.field(description="Values that took the place of others.")
    same: int = strawberry.field(description="Values that were stored already.")
    kept: int = strawberry.field(
        description="Values that gave way to stored ones which are known better."
    )


@strawberry.type(description="What a file did to one meter or price.")
class SeriesChange:
    """Shows a part of the report."""

    changes: strawberry.Private[list[MonthChange]]

    name: str = strawberry.field(description="CUPS or CAU; of prices, code of the community.")
    kind: str = strawberry.field(description="What was counted, or what the price is paid for.")

    @strawberry.field(description="Its months, in order.")
    def months(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[MonthChange]:
        """Page through them."""
        return paginate(self.changes, first, after)


@strawberry.type(description="A month that was shared out before its inputs changed.")
class TouchedMonth:
    """One line of the report."""

    cau: str = strawberry.field(description="Code of the plant.")
    month: str = strawberry.field(description="The month, such as 2023-01.")


@strawberry.type(description="A proposal that rests on what changed.")
class TouchedProposal:
    """One line of the report."""

    key: strawberry.Private[UUID]

    @strawberry.field(description="Global id of the proposal.")
    def proposal_id(self) -> strawberry.ID:
        """Seal the key."""
        return strawberry.ID(write_global_id(tables.CoefficientProposal, self.key))


@strawberry.type
class TouchedResults:
    """What rests on the months that something changed; a part of its report."""

    report: strawberry.Private[Report | FillReport]

    @strawberry.field(description="Proposals made with a year that it changed.")
    def touched_proposals(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[TouchedProposal]:
        """Page through them."""
        keys = self.report.touched.proposal_ids
        return paginate([TouchedProposal(key=key) for key in keys], first, after)

    @strawberry.field(description="Months that were shared out before and must be again.")
    def touched_months(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[TouchedMonth]:
        """Page through them."""
        months = self.report.touched.allocated_months
        shown = [TouchedMonth(cau=each.cau, month=each.month) for each in months]
        return paginate(shown, first, after)


@strawberry.type(description="What an import of one file did, or would do.")
class FileReport(TouchedResults):
    """Shows a report as it is kept."""

    report: strawberry.Private[Report]

    @strawberry.field(description="What the file brought.")
    def subject(self) -> ImportSubject:
        """Read the report."""
        return self.report.subject

    @strawberry.field(description="Name of its format, such as datadis-csv.")
    def format(self) -> str:
        """Read the report."""
        return self.report.format

    @strawberry.field(description="Name of the file.")
    def file_name(self) -> str:
        """Read the report."""
        return self.report.file_name

    @strawberry.field(description="SHA-256 of its content, in hexadecimal digits.")
    def sha256(self) -> str:
        """Read the report."""
        return self.report.sha256

    @strawberry.field(description="Rows below its header.")
    def row_count(self) -> int:
        """Read the report."""
        return self.report.row_count

    @strawberry.field(description="Values that were taken, or stored already.")
    def accepted_count(self) -> int:
        """Read the report."""
        return self.report.accepted_count

    @strawberry.field(description="Rows and values that were not taken.")
    def rejected_count(self) -> int:
        """Read the report."""
        return self.report.rejected_count

    @strawberry.field(description="Whether everything was stored already.")
    def unchanged(self) -> bool:
        """Read the report."""
        return self.report.is_repeat or self.report.is_unchanged

    @strawberry.field(description="Whether the same file was stored before.")
    def is_repeat(self) -> bool:
        """Read the report."""
        return self.report.is_repeat

    @strawberry.field(description="Whether nothing was to be stored.")
    def is_dry_run(self) -> bool:
        """Read the report."""
        return self.report.is_dry_run

    @strawberry.field(description="Rows and values that were not taken, counted by why.")
    def rejected_counts(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RejectionCount]:
        """Page through them."""
        counts = self.report.rejected_counts.items()
        return paginate(
            [RejectionCount(code=code, count=count) for code, count in counts], first, after
        )

    @strawberry.field(description="Rows and values that were not taken, one by one.")
    def rejected(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[RejectedRow]:
        """Page through them."""
        rows = [
            RejectedRow(line=row.line, code=row.code.value, excerpt=row.excerpt, reason=row.reason)
            for row in self.report.rejected
        ]
        return paginate(rows, first, after)

    @strawberry.field(description="What it did, meter by meter.")
    def series(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[SeriesChange]:
        """Page through them."""
        return paginate([_show_series(each) for each in self.report.series], first, after)

    @strawberry.field(description="What was decided in reading it, one note a line.")
    def notes(self) -> str:
        """Read the report."""
        return "\n".join(self.report.notes)


def _show_series(series: Changed) -> SeriesChange:
    months = [
        MonthChange(
            month=month.month,
            version=month.version,
            new=month.values.new,
            changed=month.values.changed,
            same=month.values.same,
            kept=month.values.kept,
        )
        for month in series.months
    ]
    return SeriesChange(name=series.name, kind=series.kind, changes=months)
