"""Remove the archives that no import needs any more."""

from pathlib import Path

import structlog
from sqlalchemy import Engine

from api.services.store_upload import upload_path
from models.repositories.uploads import list_spent_uploads
from models.session import read_session, write_session

_log = structlog.get_logger(__name__)


def remove_spent_uploads(engine: Engine, data_dir: Path) -> None:
    """Forget every archive whose import has ended, however it ended, and will not be tried again.

    Parameters
    ----------
    engine : Engine
        The database.
    data_dir : Path
        Folder of uploaded archives.

    Notes
    -----
    An archive that cannot be removed from the disk is logged, and forgotten as the others are.
    """
    with read_session(engine) as session:
        if not list_spent_uploads(session):
            return
    with write_session(engine) as session:
        for upload in list_spent_uploads(session):
            try:
                upload_path(data_dir, upload.id).unlink(missing_ok=True)
            except OSError as error:
                _log.warning("archive not removed", upload=str(upload.id), exc_info=error)
            session.delete(upload)
