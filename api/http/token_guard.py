"""No address but the health checks opens without a token."""

from functools import partial

from anyio import to_thread
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.authentication import Principal, UnauthenticatedError, authenticate
from api.clock import now
from api.http.errors import show_expected
from models.session import read_session

PUBLIC_PATHS = frozenset({"/healthz", "/readyz"})


class TokenGuard:
    """Find out who calls before anything else is done, even before an address is looked up."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] == "http" and scope["path"] not in PUBLIC_PATHS:
            authorization = Headers(scope=scope).get("authorization")
            try:
                scope["principal"] = await to_thread.run_sync(partial(self._find, authorization))
            except UnauthenticatedError as error:
                await show_expected(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _find(self, authorization: str | None) -> Principal:
        with read_session(self.engine) as session:
            return authenticate(session, authorization=authorization, at=now())
