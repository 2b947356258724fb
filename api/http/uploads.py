"""Files come in as they are and go to disk as they come."""

import hashlib
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from anyio import open_file, to_thread
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.acts import describe_act
from api.clock import now
from api.services.audit.keep_trail import watched
from api.services.file_imports.store_upload import store_upload, upload_path
from models.session import write_session
from models.values.audit import AuditChannel
from models.values.errors import UnavailableError

_ACCEPTED = frozenset(
    {
        "application/gzip",
        "application/json",
        "application/octet-stream",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/x-bzip2",
        "application/xml",
        "application/zip",
        "text/csv",
        "text/plain",
        "text/xml",
    }
)
_NAMELESS = "upload"

_log = structlog.get_logger(__name__)


class UploadNotKeptError(UnavailableError):
    """The disk or the database does not take a file, most often because it is full."""

    def __init__(self) -> None:
        super().__init__(
            "the server cannot keep the file now, its disk may be full: ask again later, or tell"
            " its operator"
        )


async def answer_upload(request: Request) -> JSONResponse:
    """Take a file of any kind and answer with the id to import it by."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _ACCEPTED:
        raise HTTPException(415, "send the file itself, as application/octet-stream if in doubt")
    upload_id = uuid4()
    try:
        sha256, size_bytes = await _keep(request, upload_id)
    except (OSError, OperationalError) as error:
        _log.error("upload_not_kept", exc_info=error)
        raise UploadNotKeptError from error
    return JSONResponse(
        {"id": str(upload_id), "sha256": sha256, "sizeBytes": size_bytes}, status_code=201
    )


async def _keep(request: Request, upload_id: UUID) -> tuple[str, int]:
    """Put the body in its place and note it, or leave nothing; return its digest and size."""
    path = upload_path(request.app.state.settings.data_dir, upload_id)
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        sha256, size_bytes = await _receive(request, path)
        if size_bytes == 0:
            raise HTTPException(400, "the file is empty")
        await to_thread.run_sync(partial(_store, request, upload_id, sha256, size_bytes))
        undo.pop_all()
    return sha256, size_bytes


async def _receive(request: Request, path: Path) -> tuple[str, int]:
    """Write the body to disk piece by piece; return its digest and size."""
    most_bytes = request.app.state.settings.upload_max_bytes
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    async with await open_file(path, "xb") as file:
        async for piece in request.stream():
            digest.update(piece)
            size_bytes += len(piece)
            if size_bytes > most_bytes:
                raise HTTPException(413, f"the file is larger than {most_bytes} bytes")
            await file.write(piece)
    return digest.hexdigest(), size_bytes


def _store(request: Request, upload_id: UUID, sha256: str, size_bytes: int) -> None:
    principal, request_id = request.scope["principal"], request.scope["request_id"]
    act = describe_act(principal, AuditChannel.FILE, "POST /uploads", request_id)
    engine = watched(request.app.state.engine, act)
    with write_session(engine, principal.reach) as session:
        store_upload(
            session,
            promoter_id=principal.promoter_id,
            upload_id=upload_id,
            file_name=request.query_params.get("fileName", _NAMELESS),
            sha256=sha256,
            size_bytes=size_bytes,
            now=now(),
        )
