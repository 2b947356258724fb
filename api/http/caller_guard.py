"""Who calls is found out before anything else; most addresses open to nobody unknown."""

from collections.abc import Awaitable, Callable
from functools import partial

from anyio import to_thread
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.authentication import (
    PUBLIC,
    ForbiddenError,
    Principal,
    UnauthenticatedError,
    authenticate,
)
from api.clock import now
from api.http.errors import show_expected
from models.session import read_session
from models.values.access import Capability

CALLERLESS_PATHS = frozenset({"/healthz", "/readyz"})
"""Where nobody is asked who they are."""

PUBLIC_PATHS = frozenset({"/graphql"})
"""What those may call who do not say who they are; what they may do there is little."""


Endpoint = Callable[[Request], Awaitable[Response]]


def open_to(endpoint: Endpoint, *openers: Capability) -> Endpoint:
    """Open an address to callers who can do any one of these."""

    async def answer(request: Request) -> Response:
        if not request.scope["principal"].capabilities & set(openers):
            raise ForbiddenError(frozenset(openers))
        return await endpoint(request)

    return answer


class CallerGuard:
    """Find out who calls before anything else is done, even before an address is looked up."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] == "http" and scope["path"] not in CALLERLESS_PATHS:
            authorization = Headers(scope=scope).get("authorization")
            try:
                scope["principal"] = await self._find(scope["path"], authorization)
            except UnauthenticatedError as error:
                await show_expected(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _find(self, path: str, authorization: str | None) -> Principal:
        if authorization is None and path in PUBLIC_PATHS:
            return PUBLIC
        return await to_thread.run_sync(partial(self._authenticate, authorization))

    def _authenticate(self, authorization: str | None) -> Principal:
        with read_session(self.engine) as session:
            return authenticate(session, authorization=authorization, at=now())
