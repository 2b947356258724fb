"""Files that a community took in."""

from datetime import datetime
from typing import Any

import strawberry

from api.graphql.file_reports import FileReport
from api.graphql.members_reports import MembersReport
from api.graphql.node import Node, shows
from api.graphql.record_filters import CREATED_IN
from api.services.file_imports.file_report import FileReport as Report
from models import tables
from models.tables import ImportSubject
from models.values.period import Period


@strawberry.type(description="A file that was taken into a community, and what became of it.")
@shows(tables.FileImport)
class FileImport(Node):
    """Shows an import."""

    report: strawberry.Private[dict[str, Any]]

    subject: ImportSubject = strawberry.field(description="What it brought.")
    format: str = strawberry.field(description="Name of its format, such as datadis-csv.")
    file_name: str = strawberry.field(description="Name of the file.")
    sha256: str = strawberry.field(description="SHA-256 of its content, in hexadecimal digits.")
    accepted_count: int = strawberry.field(description="Rows or values that were taken.")
    rejected_count: int = strawberry.field(description="Rows or values that were not taken.")
    created_at: datetime = strawberry.field(description="When it was taken in.")

    @strawberry.field(
        name="report", description="What it did to readings or prices; null for other files."
    )
    def file_report(self) -> FileReport | None:
        """Read what is kept."""
        if self.subject not in (ImportSubject.READINGS, ImportSubject.PRICES):
            return None
        return FileReport(report=Report.from_json(self.report))

    @strawberry.field(description="What it did to the list of members; null for other files.")
    def members_report(self) -> MembersReport | None:
        """Read what is kept."""
        is_list = self.subject is ImportSubject.MEMBERS
        return MembersReport(report=self.report) if is_list else None


@strawberry.input(description="Which files that a community took in.")
class FileImportFilter:
    """Narrows imports."""

    subject: ImportSubject | None = strawberry.field(
        default=None, description="Only those that hold this."
    )
    created_in: Period | None = strawberry.field(default=None, description=CREATED_IN)
