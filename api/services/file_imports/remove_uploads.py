"""Remove the archives that no import needs any more."""

from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine

from api.services.file_imports.store_upload import upload_path
from models.repositories.uploads import list_spent_uploads
from models.session import read_session, write_session

_ABANDONED_AFTER = timedelta(days=7)

_log = structlog.get_logger(__name__)


def remove_spent_uploads(engine: Engine, data_dir: Path, *, now: datetime) -> None:
    """Forget every archive whose import has ended, however it ended, and will not be tried again.

    A dry run is no import; what nobody asked for in a week is forgotten too.

    Parameters
    ----------
    engine : Engine
        The database.
    data_dir : Path
        Folder of uploaded archives.
    now : datetime
        The present instant.

    Notes
    -----
    An archive that cannot be removed from the disk is logged, and forgotten as the others are.
    """
    abandoned_before = now - _ABANDONED_AFTER
    with read_session(engine) as session:
        if not list_spent_uploads(session, abandoned_before=abandoned_before):
            return
    with write_session(engine) as session:
        for upload in list_spent_uploads(session, abandoned_before=abandoned_before):
            try:
                upload_path(data_dir, upload.id).unlink(missing_ok=True)
            except OSError as error:
                _log.warning("archive not removed", upload=str(upload.id), exc_info=error)
            session.delete(upload)
