"""Ask for the import of an uploaded file of readings or prices."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.jobs.request_job import JobKind
from api.services.jobs.request_upload_job import request_upload_job
from loaders.meter_files.table_mapping import parse_table_mapping
from models.tables import JobRun


def request_file_import(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    upload_id: UUID,
    wish: FileImportWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the import of an uploaded file, or of an archive of such files.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose readings or prices they are.
    upload_id : UUID
        The file.
    wish : FileImportWish
        How it is to be read and taken.
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
    UnknownCommunityError, UnknownUploadError
        If the promoter has no such community, or has sent no such file.
    FaultyMappingError
        If the mapping contradicts its form.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    require_community(session, promoter_id=promoter_id, community_id=community_id)
    if wish.mapping is not None:
        parse_table_mapping(wish.mapping)
    return request_upload_job(
        session,
        promoter_id=promoter_id,
        upload_id=upload_id,
        kind=JobKind.IMPORT_FILE,
        asks={"community_id": str(community_id), "wish": wish.to_json()},
        idempotency_key=idempotency_key,
        now=now,
    )
