"""Ask for the import of a community: from an uploaded archive or from a folder of the server."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.policies import may_import_from
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.request_upload_job import request_upload_job
from models.tables import JobRun
from models.values.errors import InvalidArgumentError


class ForbiddenFolderError(InvalidArgumentError):
    """A folder does not lie below the one that the operator allowed.

    Whether it exists is not told.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(
            "folder: not a folder below the one from which the operator allows imports"
        )
        self.folder = folder


def request_upload_import(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the import of an uploaded archive.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The archive.
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
    UnknownUploadError
        If the caller has sent no such archive.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    return request_upload_job(
        session,
        promoter_id=promoter_id,
        upload_id=upload_id,
        kind=JobKind.IMPORT_COMMUNITY,
        asks={},
        idempotency_key=idempotency_key,
        now=now,
    )


def request_folder_import(
    session: Session,
    *,
    promoter_id: UUID,
    folder: str,
    root: Path | None,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the import of a folder that lies on the server.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    folder : str
        Path below the root.
    root : Path or None
        Folder below which the operator allows imports; None forbids them.
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
    ForbiddenFolderError
        If the folder, its links followed, does not lie below the root.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    find_import_folder(folder, root)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.IMPORT_COMMUNITY,
        arguments={"folder": folder},
        idempotency_key=idempotency_key,
        now=now,
    )


def find_import_folder(folder: str, root: Path | None) -> Path:
    """Follow a caller's path to a folder below the root; asked again when the job runs.

    Parameters
    ----------
    folder : str
        Path below the root.
    root : Path or None
        Folder below which the operator allows imports.

    Returns
    -------
    Path
        The folder, without links.

    Raises
    ------
    ForbiddenFolderError
        If it leads elsewhere, or is no folder.
    """
    if root is None or "\0" in folder:
        raise ForbiddenFolderError(folder)
    allowed = root.resolve()
    try:
        found = (allowed / folder).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ForbiddenFolderError(folder) from error
    if not may_import_from(found, root=allowed) or not found.is_dir():
        raise ForbiddenFolderError(folder)
    return found
