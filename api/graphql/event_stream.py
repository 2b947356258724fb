"""Subscriptions over server-sent events: each in a connection of its own.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, "Distinct connections mode"
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.credentials import SECONDS_BETWEEN_CHECKS, Credentials
from api.graphql.context import Context
from api.graphql.following import Event
from api.graphql.requests import EVENT_STREAM

SECONDS_BETWEEN_SIGNS = 12.0
"""How often something is sent, so that no proxy takes the connection for dead."""

SECONDS_TO_TAKE = 20.0
"""How long a client may take to make room for more; then it is cut off."""

_SIGN_OF_LIFE = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"


class EventStream(Response):
    """Tell events as they come, until they end or the client leaves.

    A stream that breaks off without ``complete`` is to be asked for again, with the id of its last
    event: so it ends when the server does, or when the caller may see something else than before.
    """

    media_type = EVENT_STREAM

    def __init__(
        self,
        events: AsyncGenerator[Event],
        credentials: Credentials,
        context: Context,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headers={**(headers or {}), "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self.events = events
        self.credentials = credentials
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Hold one of the promoter's connections while the stream lasts."""
        changes = self.context.changes
        with changes.seated(self.context.principal.promoter_id):
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            tasks = [
                asyncio.create_task(self._tell(send)),
                asyncio.create_task(_wait_until_gone(receive)),
                asyncio.create_task(changes.closing.wait()),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
            if isinstance(ended[0], Exception) and not isinstance(ended[0], TimeoutError):
                raise ended[0]
            if not isinstance(ended[0], TimeoutError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _may_go_on(self) -> bool:
        begun = self.context
        return await self.credentials.still_open(begun.principal, begun.engine, begun.settings)

    async def _tell(self, send: Send) -> None:
        """Send events, and signs of life between them."""
        coming: asyncio.Task[Event] | None = None
        checked_at = time.monotonic()
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(self.events))
                await asyncio.wait([coming], timeout=SECONDS_BETWEEN_SIGNS)
                if time.monotonic() - checked_at >= SECONDS_BETWEEN_CHECKS:
                    checked_at = time.monotonic()
                    if not await self._may_go_on():
                        return
                if not coming.done():
                    await _send_in_time(send, _SIGN_OF_LIFE)
                    continue
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    await _send_in_time(send, _COMPLETE)
                    return
                coming = None
                await _send_in_time(send, write_event(event))
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await self.events.aclose()


def write_event(event: Event) -> bytes:
    """Write an event with the id by which to go on after it."""
    name = b"" if event.cursor is None else f"id: {event.cursor}\n".encode()
    body = orjson.dumps(event.body, option=orjson.OPT_SERIALIZE_NUMPY)
    return name + b"event: next\ndata: " + body + b"\n\n"


async def _send_in_time(send: Send, piece: bytes) -> None:
    async with asyncio.timeout(SECONDS_TO_TAKE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
