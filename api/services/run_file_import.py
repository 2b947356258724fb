"""Read an uploaded file of readings or prices, or an archive of such files, and store it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.community_meters import load_meters
from api.services.faulty_files import FaultyFilesError
from api.services.file_import_wish import FileImportWish
from api.services.file_report import FileReport, RejectedRowsError, SourceFile
from api.services.import_prices import import_prices
from api.services.import_readings import import_readings
from api.services.progress import Progress
from api.services.read_any_file import read_any_file
from api.services.request_import import UnknownUploadError
from api.services.run_jobs import RunningJob
from api.services.store_upload import upload_path
from loaders.archived_files import NamedFile, expand_upload
from loaders.decoding import read_bytes
from loaders.faults import Fault, FaultyInputError
from loaders.meter_files.records import MeterFile, RejectedRow
from loaders.price_files.price_rows import FaultyPricesError
from loaders.price_files.records import PriceFile
from models.repositories.uploads import get_upload
from models.session import read_session
from models.values.errors import InvalidArgumentError, InvalidDataError

_READING_SHARE = 0.5
_REFUSALS = (InvalidDataError, InvalidArgumentError)


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file that could be read."""

    content: MeterFile | PriceFile
    source: SourceFile


def run_file_import(job: RunningJob, *, data_dir: Path) -> None:
    """Read what a job names, and store all of it with the end of the job, or nothing.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``import_file``.
    data_dir : Path
        Folder of uploaded files.

    Raises
    ------
    UnknownUploadError
        If there is nothing to read.
    UnknownCommunityError
        If the promoter has no such community.
    FaultyArchiveError, OversizedArchiveError
        If an archive cannot be expanded.
    FaultyFilesError
        If files, or rows of them, cannot be taken, and the others are not to be taken without them.
    CommunityError
        If what they say contradicts what is stored.
    LostClaimError
        If another worker took the job; nothing is stored.

    Notes
    -----
    The job's report has a report of each file under ``files``, and under ``left_out`` the faults of
    those that were left out because the good ones were to be taken alone.
    """
    job.report(0.0, "reading the file")
    wish = FileImportWish.from_json(job.arguments["wish"])
    community_id = UUID(job.arguments["community_id"])
    name, content = _fetch_upload(job, UUID(job.arguments["upload_id"]), data_dir)
    with read_session(job.engine) as session:
        meters = load_meters(session, promoter_id=job.promoter_id, community_id=community_id)
    faults: list[Fault] = []
    files = list(_read_all(job, name, content, wish, meters.community.timezone, faults))
    with job.storing() as session:
        reports = _store_all(job, session, community_id, files, wish, faults)
        report = _sum_up(reports, faults, is_dry_run=wish.is_dry_run)
        job.complete(session, result_id=community_id, report=report)


def _fetch_upload(job: RunningJob, upload_id: UUID, data_dir: Path) -> tuple[str, bytes]:
    path = upload_path(data_dir, upload_id)
    with read_session(job.engine) as session:
        upload = get_upload(session, promoter_id=job.promoter_id, upload_id=upload_id)
    if upload is None or not path.is_file():
        raise UnknownUploadError(upload_id)
    return upload.file_name, read_bytes(path)


def _read_all(
    job: RunningJob,
    name: str,
    content: bytes,
    wish: FileImportWish,
    timezone: str,
    faults: list[Fault],
) -> Iterator[_ReadFile]:
    """Read file by file; what cannot be read is noted, so that all faults are told at once."""
    bytes_read = 0
    for file in expand_upload(name, content):
        bytes_read += len(file.content)
        # How much an archive holds is known at its end only: the first files seem to be most.
        job.report(
            _READING_SHARE * bytes_read / (bytes_read + len(content)), f"reading {file.name}"
        )
        try:
            yield _ReadFile(read_any_file(file, wish, timezone=timezone), _describe(file, wish))
        except _REFUSALS as error:
            faults += _faults_of(file.name, error)


def _describe(file: NamedFile, wish: FileImportWish) -> SourceFile:
    digest = hashlib.sha256(file.content).hexdigest()
    return SourceFile(file.name[-200:], digest, wish.read_options)


def _faults_of(name: str, error: InvalidDataError | InvalidArgumentError) -> list[Fault]:
    if isinstance(error, FaultyPricesError | FaultyInputError):
        return [Fault(fault.file or name, fault.place, fault.reason) for fault in error.faults]
    return [Fault(name, None, str(error))]


def _store_all(
    job: RunningJob,
    session: Session,
    community_id: UUID,
    files: list[_ReadFile],
    wish: FileImportWish,
    faults: list[Fault],
) -> list[FileReport]:
    """Import file after file; raise what is wrong with any of them once all have been tried."""
    reports, rejected = [], []
    for number, file in enumerate(files):
        begin = _READING_SHARE + (1 - _READING_SHARE) * number / len(files)
        tell = partial(_tell_part, job.report, begin, (1 - _READING_SHARE) / len(files))
        try:
            reports.append(_store(job, session, community_id, file, wish, tell))
        except RejectedRowsError as error:
            rejected.append(error.report)
        except _REFUSALS as error:
            faults += _faults_of(file.source.name, error)
    for report in rejected:
        faults += [_fault_of_row(report.file_name, row) for row in report.rejected]
    is_partial = wish.accepts_partial and reports
    if faults and not is_partial:
        raise FaultyFilesError(tuple(faults), tuple(rejected))
    return reports


def _tell_part(tell: Progress, begin: float, width: float, share: float, stage: str) -> None:
    """Tell how far the whole is by how far one part of it is."""
    tell(begin + width * share, stage)


def _store(
    job: RunningJob,
    session: Session,
    community_id: UUID,
    file: _ReadFile,
    wish: FileImportWish,
    tell: Progress,
) -> FileReport:
    """Import one file as what it is; a savepoint undoes what a refused one began."""
    common: dict[str, Any] = {
        "promoter_id": job.promoter_id,
        "community_id": community_id,
        "source": file.source,
        "imported_at": job.clock(),
        "is_dry_run": wish.is_dry_run,
        "progress": tell,
    }
    with session.begin_nested():
        if isinstance(file.content, MeterFile):
            return import_readings(
                session, file=file.content, options=wish.reading_options, **common
            )
        return import_prices(session, file=file.content, options=wish.price_options, **common)


def _fault_of_row(name: str, row: RejectedRow) -> Fault:
    place = None if row.line is None else f"line {row.line}"
    return Fault(name, place, f"{row.reason} ({row.code}): {row.excerpt}")


def _sum_up(
    reports: list[FileReport], left_out: list[Fault], *, is_dry_run: bool
) -> dict[str, Any]:
    return {
        "is_dry_run": is_dry_run,
        "row_count": sum(report.row_count for report in reports),
        "accepted_count": sum(report.accepted_count for report in reports),
        "rejected_count": sum(report.rejected_count for report in reports),
        "unchanged": all(report.is_unchanged for report in reports),
        "files": [report.to_json() for report in reports],
        "left_out": [
            {"file": fault.file, "place": fault.place or "", "reason": fault.reason}
            for fault in left_out
        ],
    }
