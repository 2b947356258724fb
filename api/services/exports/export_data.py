"""Export data in a job, and hand out the file to those who may have what it holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.accounting.export_accounts import UnknownExportError, export_path, find_export
from api.services.exports.export_wish import ExportWish, require_export
from api.services.exports.write_export import name_export, write_export
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob
from loaders.atomic_files import make_folder, replace_file
from models.repositories.communities import map_communities
from models.repositories.jobs import get_job
from models.repositories.members import map_members
from models.session import read_session
from models.tables import JobRun
from models.values.access import Capability
from models.values.errors import NotFoundError

_MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}


class NothingToExportError(NotFoundError):
    """The caller reaches no community."""

    def __init__(self) -> None:
        super().__init__("there is no community whose data could be exported")


@dataclass(frozen=True, slots=True)
class KeptExport:
    """A file that was exported.

    Attributes
    ----------
    path : Path
        Where it is kept.
    name, media_type : str
        As what it is sent.
    """

    path: Path
    name: str
    media_type: str


def request_data_export(
    session: Session,
    *,
    promoter_id: UUID,
    wish: ExportWish,
    held: Collection[Capability],
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue an export of data.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : ExportWish
        What is wanted.
    held : collection of Capability
        What the caller may do.
    idempotency_key : str or None
        The caller's own name for the request.
    now : datetime
        The present instant.

    Returns
    -------
    JobRun
        The job that stands for the request.

    Raises
    ------
    UnexportableError
        If the caller may not have such data.
    NothingToExportError
        If it reaches no community.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    require_export(wish, held)
    if not wish.community_ids:
        raise NothingToExportError
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.EXPORT_DATA,
        arguments=wish.as_arguments(),
        idempotency_key=idempotency_key,
        now=now,
    )


def run_data_export(job: RunningJob, *, data_dir: Path) -> None:
    """Write the file of an export to its place.

    Parameters
    ----------
    job : RunningJob
        Its ``arguments`` say what is wanted.
    data_dir : Path
        Folder of the process's data.

    Raises
    ------
    TooManyRowsError
        If a table does not fit on a sheet.
    FinerThanMeteredError
        If quarters of an hour are wanted of meters that count by the hour.
    UnknownFigureError
        If no emission factor is known for a day.
    DamagedMonthError
        If a stored month differs from its check value.
    UnwritableFileError
        If the operating system refuses.
    """
    wish = ExportWish.from_arguments(job.arguments)
    path = export_path(data_dir, job.claim.job_id)
    make_folder(path.parent)
    reach = wish.reach(job.promoter_id)
    with read_session(job.engine, reach) as session, replace_file(path) as file:
        found = map_communities(
            session, promoter_id=job.promoter_id, community_ids=wish.community_ids
        )
        communities = sorted(found.values(), key=lambda community: community.code)
        write_export(session, file, wish, communities, now=job.clock())
    with job.storing() as session:
        job.complete(session, report={"file_name": name_export(wish)})


def find_data_export(
    session: Session,
    *,
    promoter_id: UUID,
    job_id: UUID,
    file_name: str,
    held: Collection[Capability],
    data_dir: Path,
) -> KeptExport:
    """Find the file of an export for somebody who may have what it holds.

    Parameters
    ----------
    session : Session
        Open transaction; its reach bounds whose data it may be.
    promoter_id : UUID
        The tenant.
    job_id : UUID
        Its job.
    file_name : str
        Name of the file.
    held : collection of Capability
        What the caller may do.
    data_dir : Path
        Folder of the process's data.

    Returns
    -------
    KeptExport
        The file.

    Raises
    ------
    UnknownExportError
        If there is no such export, or it is about communities that the caller does not reach.
    UnexportableError
        If the caller may not have such data.
    UnfinishedExportError
        If its job has not succeeded.
    RemovedExportError
        If it is no longer kept.
    """
    job = get_job(session, promoter_id=promoter_id, job_id=job_id)
    if job is None or job.kind != JobKind.EXPORT_DATA:
        raise UnknownExportError(job_id)
    wish = ExportWish.from_arguments(job.arguments)
    reached = map_communities(session, promoter_id=promoter_id, community_ids=wish.community_ids)
    own = wish.member_ids or ()
    members = map_members(session, promoter_id=promoter_id, member_ids=own)
    is_within = len(reached) == len(wish.community_ids) and len(members) == len(own)
    if not is_within or file_name != name_export(wish):
        raise UnknownExportError(job_id)
    require_export(wish, held)
    path = find_export(
        session,
        promoter_id=promoter_id,
        job_id=job_id,
        data_dir=data_dir,
        kind=JobKind.EXPORT_DATA,
    )
    return KeptExport(path, file_name, _MEDIA_TYPES[Path(file_name).suffix])
