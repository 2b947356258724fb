"""Remove the uploads that no import needs any more, from the disk first and then from the record.

Whoever is stopped between the two leaves a record of what is gone, which the next sweep takes away.
"""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import Engine

from api.services.file_imports.store_upload import upload_path
from models.repositories.uploads import forget_upload, list_known_uploads, list_spent_uploads
from models.session import read_session, write_session

_ABANDONED_AFTER = timedelta(days=7)

_log = structlog.get_logger(__name__)


def remove_spent_upload(engine: Engine, data_dir: Path, *, upload_id: UUID, now: datetime) -> None:
    """Forget one upload, if its import has succeeded and no other waits for it.

    Parameters
    ----------
    engine : Engine
        The database.
    data_dir : Path
        Folder of the process's data.
    upload_id : UUID
        The upload that a job has just read; it may be gone already.
    now : datetime
        The present instant.

    Notes
    -----
    What cannot be removed from the disk is logged, and forgotten as all else is.
    """
    _remove_spent(engine, data_dir, now - _ABANDONED_AFTER, upload_id)


def sweep_uploads(engine: Engine, data_dir: Path, *, now: datetime) -> None:
    """Forget every upload whose import has succeeded, and files of which nothing is on record.

    A dry run is no import, and after one that failed the file can be asked for again; what was
    sent more than a week ago is forgotten too.

    Parameters
    ----------
    engine : Engine
        The database.
    data_dir : Path
        Folder of the process's data.
    now : datetime
        The present instant.

    Notes
    -----
    What cannot be removed from the disk is logged, and forgotten as all else is.
    """
    abandoned_before = now - _ABANDONED_AFTER
    _remove_spent(engine, data_dir, abandoned_before)
    _remove_strays(engine, data_dir, abandoned_before)


def _remove_spent(
    engine: Engine, data_dir: Path, abandoned_before: datetime, upload_id: UUID | None = None
) -> None:
    with read_session(engine) as session:
        if not list_spent_uploads(session, abandoned_before=abandoned_before, upload_id=upload_id):
            return
    with write_session(engine) as session:
        for upload in list_spent_uploads(
            session, abandoned_before=abandoned_before, upload_id=upload_id
        ):
            _unlink(upload_path(data_dir, upload.id))
            forget_upload(session, upload.id)


def _remove_strays(engine: Engine, data_dir: Path, abandoned_before: datetime) -> None:
    """Remove what a server received and was stopped before it noted it."""
    folder = upload_path(data_dir, UUID(int=0)).parent
    old = {path.name: path for path in folder.glob("*") if _is_older(path, abandoned_before)}
    ids = {upload_id for name in old if (upload_id := _read_id(name)) is not None}
    with read_session(engine) as session:
        known = list_known_uploads(session, upload_ids=ids)
    for upload_id in ids - known:
        _unlink(old[str(upload_id)])


def _is_older(path: Path, instant: datetime) -> bool:
    """Tell whether a file was last written before; one that has just gone was not."""
    try:
        return path.is_file() and path.stat().st_mtime < instant.timestamp()
    except FileNotFoundError:
        return False


def _read_id(name: str) -> UUID | None:
    """Read the id of which a file has the name; any other file is nobody's to remove."""
    try:
        upload_id = UUID(name)
    except ValueError:
        return None
    return upload_id if str(upload_id) == name else None


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("archive not removed", upload=path.name, exc_info=error)
