"""What became of lists of members and candidates."""

from typing import Any, cast

import strawberry

from api.graphql.imports import ChangedRecord, StandingChange
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.import_report import Standing


@strawberry.type(description="What an import of a list did, or would do.")
class MembersReport:
    """Shows a report as it is kept."""

    report: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Lines of those who share.")
    def member_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["member_count"])

    @strawberry.field(description="Lines of those who wait.")
    def reserve_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["reserve_count"])

    @strawberry.field(description="Whether everything was stored already.")
    def unchanged(self) -> bool:
        """Read the report."""
        return cast("bool", self.report["unchanged"])

    @strawberry.field(description="Whether nothing was to be stored.")
    def is_dry_run(self) -> bool:
        """Read the report."""
        return cast("bool", self.report["is_dry_run"])

    @strawberry.field(description="Records that were made or altered.")
    def changed_records(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ChangedRecord]:
        """Page through them."""
        names = cast("list[str]", self.report["changed_records"])
        return paginate([ChangedRecord(name=name) for name in names], first, after)

    @strawberry.field(description="Who began or ceased to share or to wait.")
    def standing_changes(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[StandingChange]:
        """Page through them."""
        changes = [
            StandingChange(
                member_code=change["member_id"],
                cups=change["cups"],
                before=Standing(change["before"]),
                after=Standing(change["after"]),
            )
            for change in self.report["standing_changes"]
        ]
        return paginate(changes, first, after)

    @strawberry.field(description="What a reader should know, one note a line.")
    def notes(self) -> str:
        """Read the report."""
        return "\n".join(self.report["notes"])
