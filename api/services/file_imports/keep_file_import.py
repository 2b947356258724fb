"""Know a file again, and keep what became of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session

from api.services.file_imports.file_report import (
    FileReport,
    RejectedRowsError,
    SeriesChange,
    SourceFile,
    Touched,
    count_accepted,
)
from loaders.meter_files.records import Rejections
from models.repositories.file_imports import find_file_import
from models.tables import Community, FileImport, ImportSubject

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Intake:
    """A file on its way into a community.

    Attributes
    ----------
    community : Community
        Where to.
    subject : ImportSubject
        What it brings.
    format : str
        Name of its format.
    source : SourceFile
        The file.
    options : dict
        How it is taken, as JSON values.
    is_dry_run : bool
        Whether only to tell what would be done.
    accepts_partial : bool
        Whether good rows are taken when others are not.
    imported_at : datetime
        Instant of the import.
    """

    community: Community
    subject: ImportSubject
    format: str
    source: SourceFile
    options: dict[str, Any]
    is_dry_run: bool
    accepts_partial: bool
    imported_at: datetime

    @property
    def all_options(self) -> dict[str, Any]:
        """How it was read and how it is taken."""
        options = {"read": self.source.read_options, "format": self.format, **self.options}
        document: dict[str, Any] = orjson.loads(orjson.dumps(options))
        return document

    @property
    def options_sha256(self) -> str:
        """Digest of all options, whatever their order."""
        text = orjson.dumps(self.all_options, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()

    def may_store(self, rejections: Rejections) -> bool:
        """Tell whether the good rows are stored beside those that were rejected."""
        return not self.is_dry_run and (self.accepts_partial or not rejections.counts)


def find_earlier(session: Session, intake: Intake) -> FileReport | None:
    """Find the report of the same file, stored with the same options.

    Parameters
    ----------
    session : Session
        Open transaction.
    intake : Intake
        The file.

    Returns
    -------
    FileReport or None
        The first report, marked as a repeat; None when the file is new.
    """
    earlier = find_file_import(
        session,
        promoter_id=intake.community.promoter_id,
        community_id=intake.community.id,
        sha256=intake.source.sha256,
        options_sha256=intake.options_sha256,
    )
    return (
        None if earlier is None else replace(FileReport.from_json(earlier.report), is_repeat=True)
    )


def conclude_import(
    session: Session,
    intake: Intake,
    *,
    row_count: int,
    rejections: Rejections,
    series: Sequence[SeriesChange],
    touched: Touched,
    notes: Sequence[str],
) -> FileReport:
    """Report what became of a file, and keep the report unless nothing is to be stored.

    Parameters
    ----------
    session : Session
        Open transaction.
    intake : Intake
        The file.
    row_count : int
        Rows that its reader counted.
    rejections : Rejections
        What was not taken.
    series : sequence of SeriesChange
        What was done.
    touched : Touched
        Results that rest on it.
    notes : sequence of str
        What its reader decided.

    Returns
    -------
    FileReport
        The report.

    Raises
    ------
    RejectedRowsError
        If something was not taken, and the rest is not to be taken without it.
    """
    report = FileReport(
        community_id=intake.community.id,
        subject=intake.subject,
        format=intake.format,
        file_name=intake.source.name,
        sha256=intake.source.sha256,
        row_count=row_count,
        accepted_count=count_accepted(series),
        rejected_counts={code.value: count for code, count in rejections.counts.items()},
        rejected=tuple(rejections.told),
        series=tuple(series),
        touched=touched,
        notes=tuple(notes),
        is_dry_run=intake.is_dry_run,
    )
    if intake.is_dry_run:
        return report
    if not intake.may_store(rejections):
        raise RejectedRowsError(report)
    session.add(_file_import(intake, report))
    session.flush()
    return report


def _file_import(intake: Intake, report: FileReport) -> FileImport:
    return FileImport(
        promoter_id=intake.community.promoter_id,
        community_id=intake.community.id,
        subject=intake.subject,
        format=intake.format,
        file_name=intake.source.name[:_LONGEST_NAME],
        sha256=intake.source.sha256,
        options=intake.all_options,
        options_sha256=intake.options_sha256,
        accepted_count=report.accepted_count,
        rejected_count=report.rejected_count,
        report=report.to_json(),
        created_at=intake.imported_at,
    )
