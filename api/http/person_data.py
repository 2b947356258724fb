"""All that is kept of a person, for that person and for who administers."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.clock import now
from api.secret_keys import load_keyring
from api.services.people.export_person import export_person
from api.services.people.find_person import UnknownPersonError
from models.session import read_session

_PIECE_BYTES = 1 << 18


async def answer_person(request: Request) -> Response:
    """Send the ZIP, which is written for this answer and kept nowhere."""
    member_id = _read_id(request.path_params["member_id"])
    archive = await to_thread.run_sync(
        partial(_write_archive, request, member_id), limiter=request.app.state.threads
    )
    pieces: Iterator[bytes] = iter(partial(archive.read, _PIECE_BYTES), b"")
    return StreamingResponse(
        pieces,
        media_type="application/zip",
        headers={"content-disposition": 'attachment; filename="personal_data.zip"'},
        background=BackgroundTask(archive.close),
    )


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UnknownPersonError(None) from error


def _write_archive(request: Request, member_id: UUID) -> IO[bytes]:
    """Write into a nameless file, which whoever sends it closes."""
    state, principal = request.app.state, request.scope["principal"]
    with ExitStack() as held, read_session(state.engine, principal.reach) as session:
        target = held.enter_context(TemporaryFile())
        export_person(
            session,
            target,
            promoter_id=principal.promoter_id,
            member_id=member_id,
            keyring=load_keyring(state.settings),
            now=now(),
        )
        target.seek(0)
        held.pop_all()
        return target
