"""Take files that were handed in together into a community: all of them, or none."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.community_meters import CommunityMeters
from api.services.file_imports.faulty_files import FaultyFilesError
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.file_report import FileReport, RejectedRowsError, SourceFile
from api.services.file_imports.import_prices import import_prices
from api.services.file_imports.import_readings import import_readings
from api.services.file_imports.read_any_file import read_any_file
from api.services.jobs.progress import Progress, tell_nobody
from loaders.archived_files import NamedFile
from loaders.faults import Fault, FaultyInputError
from loaders.meter_files.records import MeterFile, RejectedRow
from loaders.price_files.price_rows import FaultyPricesError
from loaders.price_files.records import PriceFile
from models.repositories.communities import lock_community
from models.values.errors import InvalidArgumentError, InvalidDataError

_REFUSALS = (InvalidDataError, InvalidArgumentError)
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that could be read, and what it says."""

    content: MeterFile | PriceFile
    source: SourceFile


@dataclass(frozen=True, slots=True)
class TakenFiles:
    """What became of files that were handed in together.

    Attributes
    ----------
    reports : tuple of FileReport
        Of those that were taken.
    left_out : tuple of Fault
        Of those that were not, because the good ones were to be taken alone.
    is_dry_run : bool
        Whether nothing was to be stored.
    """

    reports: tuple[FileReport, ...]
    left_out: tuple[Fault, ...]
    is_dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values, as a job keeps it."""
        return {
            "is_dry_run": self.is_dry_run,
            "row_count": sum(report.row_count for report in self.reports),
            "accepted_count": sum(report.accepted_count for report in self.reports),
            "rejected_count": sum(report.rejected_count for report in self.reports),
            "unchanged": all(report.is_repeat or report.is_unchanged for report in self.reports),
            "files": [report.to_json() for report in self.reports],
            "left_out": [
                {"file": fault.file, "place": fault.place or "", "reason": fault.reason}
                for fault in self.left_out
            ],
        }


def read_files(
    files: Iterable[NamedFile], wish: FileImportWish, meters: CommunityMeters
) -> tuple[list[ReadFile], list[Fault]]:
    """Read files of readings or prices, and note what is wrong with those that cannot be read.

    Parameters
    ----------
    files : iterable of NamedFile
        Expanded files.
    wish : FileImportWish
        How they are to be read.
    meters : CommunityMeters
        Whose they are.

    Returns
    -------
    list of ReadFile
        Those that could be read.
    list of Fault
        Why the others could not.
    """
    read, faults = [], []
    for file in files:
        try:
            content = read_any_file(file, wish, meters)
        except _REFUSALS as error:
            faults += _faults_of(file.name, error)
        else:
            digest = hashlib.sha256(file.content).hexdigest()
            source = SourceFile(file.name[-_LONGEST_NAME:], digest, wish.read_options)
            read.append(ReadFile(content, source))
    return read, faults


def store_files(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    files: Sequence[ReadFile],
    faults: Sequence[Fault],
    wish: FileImportWish,
    imported_at: datetime,
    progress: Progress | None = None,
) -> TakenFiles:
    """Store file after file; all that is wrong with any of them is told once all were tried.

    The caller commits: all of it is stored or nothing.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose readings or prices they are.
    files : sequence of ReadFile
        What could be read.
    faults : sequence of Fault
        What could not.
    wish : FileImportWish
        How they are to be taken.
    imported_at : datetime
        Instant of the import.
    progress : callable, optional
        Told how much is done and what comes next.

    Returns
    -------
    TakenFiles
        What became of each.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    FaultyFilesError
        If files, or rows of them, cannot be taken, and the others are not to be taken without them.
    CommunityError
        If what they say contradicts what is stored.
    """
    lock_community(session, promoter_id=promoter_id, community_id=community_id)
    tell, found = progress or tell_nobody, list(faults)
    shelf = _Shelf(session, promoter_id, community_id, wish, imported_at)
    reports, rejected = [], []
    for number, file in enumerate(files):
        part = partial(_tell_part, tell, number / len(files), 1 / len(files))
        try:
            reports.append(shelf.store(file, part))
        except RejectedRowsError as error:
            rejected.append(error.report)
        except _REFUSALS as error:
            found += _faults_of(file.source.name, error)
    for report in rejected:
        found += [_fault_of_row(report.file_name, row) for row in report.rejected]
    is_partial = wish.accepts_partial and reports
    if found and not is_partial:
        raise FaultyFilesError(tuple(found), tuple(rejected))
    return TakenFiles(tuple(reports), tuple(found), wish.is_dry_run)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where files go, and how."""

    session: Session
    promoter_id: UUID
    community_id: UUID
    wish: FileImportWish
    imported_at: datetime

    def store(self, file: ReadFile, tell: Progress) -> FileReport:
        """Store one file as what it is; a savepoint undoes what a refused one began."""
        common: dict[str, Any] = {
            "promoter_id": self.promoter_id,
            "community_id": self.community_id,
            "source": file.source,
            "imported_at": self.imported_at,
            "is_dry_run": self.wish.is_dry_run,
            "progress": tell,
        }
        content, wish = file.content, self.wish
        with self.session.begin_nested():
            if isinstance(content, MeterFile):
                options = wish.reading_options
                return import_readings(self.session, file=content, options=options, **common)
            return import_prices(self.session, file=content, options=wish.price_options, **common)


def _tell_part(tell: Progress, begin: float, width: float, share: float, stage: str) -> None:
    """Tell how far the whole is by how far one part of it is."""
    tell(begin + width * share, stage)


def _faults_of(name: str, error: InvalidDataError | InvalidArgumentError) -> list[Fault]:
    if isinstance(error, FaultyPricesError | FaultyInputError):
        return [replace(fault, file=fault.file or name) for fault in error.faults]
    return [Fault(name, None, str(error))]


def _fault_of_row(name: str, row: RejectedRow) -> Fault:
    place = None if row.line is None else f"line {row.line}"
    return Fault(name, place, f"{row.reason} (the row begins {row.excerpt})", row.code.value)
