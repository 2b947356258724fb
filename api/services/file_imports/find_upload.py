"""Find a file that a caller sent, and remove it when it has served."""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.file_imports.store_upload import upload_path
from api.services.jobs.request_upload_job import UnknownUploadError
from models.repositories.uploads import forget_upload, get_upload
from models.tables import Upload


def find_upload(
    session: Session, *, promoter_id: UUID, upload_id: UUID, data_dir: Path
) -> tuple[Upload, Path]:
    """Find an uploaded file that has not been removed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.

    Returns
    -------
    Upload
        The record.
    Path
        Where it lies.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file, or it was removed since.
    """
    upload = get_upload(session, promoter_id=promoter_id, upload_id=upload_id)
    path = upload_path(data_dir, upload_id)
    if upload is None or not path.is_file():
        raise UnknownUploadError(upload_id)
    return upload, path


def remove_used_upload(session: Session, *, upload_id: UUID, path: Path) -> None:
    """Remove an uploaded file that has served.

    Parameters
    ----------
    session : Session
        Open writing transaction that made use of it, and does nothing afterwards.
    upload_id : UUID
        The file.
    path : Path
        Where it lies.

    Raises
    ------
    UnknownUploadError
        If another transaction made use of it at the same time, and came first.
    """
    if not forget_upload(session, upload_id):
        raise UnknownUploadError(upload_id)
    path.unlink(missing_ok=True)
