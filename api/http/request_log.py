"""One line in the log for every request, with the id by which an error can be found again."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import HSTS, SECURITY_HEADERS
from api.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Callers may make up any other."""

_ALWAYS = tuple((name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
_OVER_TLS = (*_ALWAYS, *((name.encode(), value.encode()) for name, value in HSTS.items()))

_log = structlog.get_logger(__name__)


class RequestLog:
    """Give each request an id, log how it ended, and put the security headers on its answer.

    Neither headers, nor bodies, nor query strings are logged: they hold tokens and personal data.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _choose_id(Headers(scope=scope).get("x-request-id"))
        scope["request_id"] = request_id
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                secure = _OVER_TLS if scope.get("scheme") == "https" else _ALWAYS
                own = message["headers"]
                held = {name for name, _ in own}
                missing = (header for header in secure if header[0] not in held)
                message["headers"] = [*own, (b"x-request-id", request_id.encode()), *missing]
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                seconds = time.perf_counter() - started
                method, route = read_method(scope), read_route(scope)
                _log.info(
                    "request",
                    method=method,
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                )
                self.metrics.note_request(method, route, status, seconds)


def read_method(scope: Scope) -> str:
    """Tell the method of a request, if it is a known one."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def read_route(scope: Scope) -> str | None:
    """Tell the route of a request that was answered, without what its address says."""
    return getattr(scope.get("route"), "path", None)


def _choose_id(offered: str | None) -> str:
    """Take a proxy's id if it is harmless, else make one."""
    return offered if offered and _REQUEST_ID.fullmatch(offered) else uuid4().hex
