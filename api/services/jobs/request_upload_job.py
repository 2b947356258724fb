"""Ask for work on an uploaded file, which is removed when the work has been done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.jobs.request_job import JobKind, find_requested_job, request_job
from models.repositories.uploads import get_upload
from models.tables import JobRun
from models.values.errors import NotFoundError


class UnknownUploadError(NotFoundError):
    """The caller has sent no such file."""

    def __init__(self, upload_id: UUID | None) -> None:
        super().__init__("there is no such upload: send the file to /uploads first")
        self.upload_id = upload_id


def request_upload_job(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    kind: JobKind,
    asks: Mapping[str, object],
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue work on an upload, or find the job that the same request has queued before.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file; gone already where the job of the key has succeeded.
    kind : JobKind
        What to do with it.
    asks : Mapping of str to object
        What the job takes besides the file, as JSON values.
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
        If the caller has sent no such file.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    order: dict[str, Any] = {
        "promoter_id": promoter_id,
        "kind": kind,
        "arguments": {"upload_id": str(upload_id), **asks},
        "idempotency_key": idempotency_key,
    }
    is_new = find_requested_job(session, **order) is None
    if is_new and get_upload(session, promoter_id=promoter_id, upload_id=upload_id) is None:
        raise UnknownUploadError(upload_id)
    return request_job(session, **order, now=now)
