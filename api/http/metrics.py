"""What the server counts about itself, for a Prometheus that shows the operator's token."""

import hmac

from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.authentication import UnauthenticatedError
from api.services.jobs.count_jobs import count_open_jobs
from models.session import read_session
from models.values.errors import CommunityError

_SECONDS = 2.0


async def answer_metrics(request: Request) -> Response:
    """Write the counters; without a token in the settings there is nothing here."""
    token = request.app.state.settings.metrics_token
    if token is None:
        raise HTTPException(404)
    shown = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(shown, f"Bearer {token.get_secret_value()}".encode()):
        raise UnauthenticatedError
    engine = request.app.state.engine
    jobs = await to_thread.run_sync(_count_jobs, engine)
    pool = engine.pool
    n_connections = pool.checkedout() if isinstance(pool, QueuePool) else 0
    content = request.app.state.metrics.write(jobs, n_connections)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _count_jobs(engine: Engine) -> dict[str, int]:
    """Count them; a database that does not answer keeps nothing else from being told."""
    try:
        with read_session(engine, seconds=_SECONDS) as session:
            return count_open_jobs(session)
    except (SQLAlchemyError, CommunityError):
        return {}
