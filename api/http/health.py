"""Whether the process lives, and whether it can serve."""

import structlog
from anyio import to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from models.migrations.revisions import UnusableDatabaseError, is_current

_log = structlog.get_logger(__name__)


async def answer_alive(_request: Request) -> JSONResponse:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


async def answer_ready(request: Request) -> JSONResponse:
    """Say whether the database is there and its migrations are current."""
    database = await to_thread.run_sync(_check_database, request.app.state.engine)
    is_ready = database == "ok"
    return JSONResponse(
        {"status": "ready" if is_ready else "not ready", "database": database},
        status_code=200 if is_ready else 503,
    )


def _check_database(engine: Engine) -> str:
    try:
        return "ok" if is_current(engine) else "run `reparto db upgrade`"
    except (SQLAlchemyError, UnusableDatabaseError) as error:
        _log.warning("database unreachable", exc_info=error)
        return "unreachable"
