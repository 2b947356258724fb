"""What became of lists of members and candidates."""

from typing import cast

import strawberry

from api.graphql.imports import RecordChanges


@strawberry.type(description="What an import of a list did, or would do.")
class MembersReport(RecordChanges):
    """Shows a report as it is kept."""

    @strawberry.field(description="Lines of those who share.")
    def member_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["member_count"])

    @strawberry.field(description="Lines of those who wait.")
    def reserve_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["reserve_count"])

    @strawberry.field(description="Whether nothing was to be stored.")
    def is_dry_run(self) -> bool:
        """Read the report."""
        return cast("bool", self.report["is_dry_run"])

    @strawberry.field(description="What a reader should know, one note a line.")
    def notes(self) -> str:
        """Read the report."""
        return "\n".join(self.report["notes"])
