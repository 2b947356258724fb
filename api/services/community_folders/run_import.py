"""Read a community folder or an uploaded archive of one, and store it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlmodel import Session

from api.services.community_folders.import_community import import_community
from api.services.community_folders.request_import import find_import_folder
from api.services.file_imports.find_upload import find_upload
from api.services.jobs.run_jobs import RunningJob
from loaders.community_archive import unpack_community_archive
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear
from models.session import read_session


def run_import(job: RunningJob, *, data_dir: Path, import_root: Path | None) -> None:
    """Read what a job names, and store it with the end of the job.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``import_community``.
    data_dir : Path
        Folder of uploaded archives.
    import_root : Path or None
        Folder below which the operator allows imports.

    Raises
    ------
    UnknownUploadError, ForbiddenFolderError
        If there is nothing to read.
    FaultyArchiveError, FaultyInputError
        If what was handed in contradicts its form.
    CommunityError
        If it contradicts what is stored.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    job.report(0.0, "reading the files")
    if "upload_id" in job.arguments:
        _import_upload(job, UUID(job.arguments["upload_id"]), data_dir)
    else:
        folder = find_import_folder(job.arguments["folder"], import_root)
        community = _read(job, folder)
        with job.storing() as session:
            _store(job, session, community)


def _import_upload(job: RunningJob, upload_id: UUID, data_dir: Path) -> None:
    """Import an archive; whoever ends the job removes it."""
    with read_session(job.engine) as session:
        _, archive = find_upload(
            session, promoter_id=job.promoter_id, upload_id=upload_id, data_dir=data_dir
        )
    with TemporaryDirectory(prefix="reparto-import-") as unpacked:
        community = _read(job, unpack_community_archive(archive, Path(unpacked)))
    with job.storing() as session:
        _store(job, session, community)


def _read(job: RunningJob, folder: Path) -> CommunityYear:
    shares = iter((0.1, 0.15, 0.2, 0.4, 0.5))
    community = read_community_folder(
        folder, progress=lambda part: job.report(next(shares, 0.5), f"reading {part}")
    )
    job.report(0.6, "storing the community")
    return community


def _store(job: RunningJob, session: Session, community: CommunityYear) -> None:
    report = import_community(
        session,
        promoter_id=job.promoter_id,
        community=community,
        imported_at=job.clock(),
    )
    job.complete(session, result_id=report.community_id, report=report.to_json())
