"""Read an uploaded file of readings or prices, or an archive of such files, and store it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from api.services.communities.community_meters import load_meters
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.find_upload import find_upload
from api.services.file_imports.import_files import read_files, store_files
from api.services.jobs.progress import Progress
from api.services.jobs.run_jobs import RunningJob
from loaders.archived_files import NamedFile, expand_upload
from loaders.decoding import read_bytes
from models.session import read_session

_READING_SHARE = 0.5


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
    files, faults = read_files(_expand(job, name, content), wish, meters)
    with job.storing() as session:
        taken = store_files(
            session,
            promoter_id=job.promoter_id,
            community_id=community_id,
            files=files,
            faults=faults,
            wish=wish,
            imported_at=job.clock(),
            progress=_tell_second_half(job),
        )
        job.complete(session, result_id=community_id, report=taken.to_json())


def _fetch_upload(job: RunningJob, upload_id: UUID, data_dir: Path) -> tuple[str, bytes]:
    with read_session(job.engine) as session:
        upload, path = find_upload(
            session, promoter_id=job.promoter_id, upload_id=upload_id, data_dir=data_dir
        )
    return upload.file_name, read_bytes(path)


def _expand(job: RunningJob, name: str, content: bytes) -> Iterator[NamedFile]:
    """Expand file by file, and tell how far it is when each is about to be read."""
    bytes_read = 0
    for file in expand_upload(name, content):
        bytes_read += len(file.content)
        # How much an archive holds is known at its end only: the first files seem to be most.
        share = _READING_SHARE * bytes_read / (bytes_read + len(content) or 1)
        job.report(share, f"reading {file.name}")
        yield file


def _tell_second_half(job: RunningJob) -> Progress:
    return lambda share, stage: job.report(_READING_SHARE + (1 - _READING_SHARE) * share, stage)
