"""A caller that sends its body slowly is let go, so that it holds no connection for long."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS_ALLOWED = 30.0
"""Longest wait for a piece, and for the whole body besides the time that its bytes earn."""
BYTES_PER_SECOND = 10_000
"""Slowest connection that may take longer."""


class BodyDeadline:
    """Wait for each piece of a body only so long, and for all of them as their bytes allow."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request's body."""
        if scope["type"] == "http":
            receive = _hurry(receive)
        await self.app(scope, receive, send)


def _hurry(receive: Receive) -> Receive:
    """Put deadlines on the pieces of a body; what comes after it may take any time."""
    clock = asyncio.get_running_loop().time
    started = clock()
    n_bytes, is_whole = 0, False

    async def receive_in_time() -> Message:
        nonlocal n_bytes, is_whole
        if is_whole:
            return await receive()
        earned = started + n_bytes / BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(min(clock(), earned) + SECONDS_ALLOWED):
                message = await receive()
        except TimeoutError as error:
            raise _TooSlow(n_bytes) from error
        n_bytes += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        return message

    return receive_in_time


class _TooSlow(HTTPException):
    """The connection closes, for the rest of the body may never come."""

    def __init__(self, n_bytes: int) -> None:
        detail = (
            f"the body came too slowly: after {n_bytes} bytes a piece took longer than "
            f"{SECONDS_ALLOWED:g} s, or all of them fewer than {BYTES_PER_SECOND} bytes a second"
        )
        super().__init__(408, detail, headers={"connection": "close"})
