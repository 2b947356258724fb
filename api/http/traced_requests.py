"""Requests as spans of a trace, which the caller's own may be part of."""

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.request_log import read_method, read_route
from api.telemetry import SpanKind, Telemetry

_FIRST_FAULT = 500


class TracedRequests:
    """Measure each request, and write the id of its trace into every line of its log."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self.app = app
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure one request; of its address only the route is told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method, parent = read_method(scope), Headers(scope=scope).get("traceparent")
        with (
            self.telemetry.span(method, SpanKind.REQUEST, traceparent=parent) as span,
            structlog.contextvars.bound_contextvars(trace_id=span.trace_id),
        ):
            try:
                await self.app(scope, receive, send_noted)
            finally:
                route = read_route(scope) or "unknown"
                span.note(
                    f"{method} {route}",
                    http__request__method=method,
                    http__route=route,
                    http__response__status_code=status,
                )
                if status >= _FIRST_FAULT:
                    span.fail(str(status))
