"""Subscriptions over WebSocket, by the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import time
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.authentication import PUBLIC, UnauthenticatedError
from api.credentials import SECONDS_BETWEEN_CHECKS, Credentials
from api.graphql.change_feed import ChangeFeed, TooManyConnectionsError
from api.graphql.errors import ErrorReporter
from api.graphql.following import follow
from api.graphql.known_documents import KnownDocuments
from api.graphql.requests import LARGEST_REQUEST, GraphQLRequest, read_request
from api.graphql.view import open_context
from api.rate_limit import REFUSAL_COST, REQUEST_COST, TooMuchAskedError
from models.values.access import Role
from models.values.errors import CommunityError

PROTOCOL = "graphql-transport-ws"
SECONDS_TO_INTRODUCE = 5.0
"""How long a client may take to say who it is."""
SECONDS_BETWEEN_PINGS = 20.0
"""A client that has been silent for so long is asked for a sign of life; twice, it is cut off."""
SECONDS_TO_TAKE = 20.0
"""How long a client may take to make room for more; then it is cut off."""
MOST_OPERATIONS = 20
"""Subscriptions that one connection may follow at a time."""
LONGEST_ID = 100

_INVALID, _UNKNOWN, _TOO_LATE, _WRONG_PROTOCOL = 4400, 4401, 4408, 4406
_SAME_ID, _TWICE = 4409, 4429
_TOO_LARGE, _RESTARTS, _LATER = 1009, 1012, 1013


class _ClosedError(Exception):
    """The connection ends, with a code of the protocol (4400 to 4429) or of WebSocket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def answer_socket(websocket: WebSocket) -> None:
    """Serve one connection until either side ends it."""
    if PROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await websocket.close(_WRONG_PROTOCOL, "Subprotocol not acceptable")
        return
    await websocket.accept(PROTOCOL)
    connection = Connection(websocket)
    try:
        await connection.serve()
    except WebSocketDisconnect:
        pass
    except _ClosedError as error:
        await connection.close(error)


class Connection:
    """One client and the subscriptions that it follows."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.changes: ChangeFeed = websocket.app.state.changes
        self.documents: KnownDocuments = websocket.app.state.documents
        self.credentials = Credentials.of(websocket.headers)
        self.principal = websocket.scope["principal"] = PUBLIC
        self.heard_at = time.monotonic()
        self.operations: dict[str, asyncio.Task[None]] = {}
        self.sending = asyncio.Lock()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Let the client introduce itself, then answer what it sends."""
        try:
            async with asyncio.timeout(SECONDS_TO_INTRODUCE):
                await self._be_introduced()
        except TimeoutError as error:
            raise _ClosedError(_TOO_LATE, "Connection initialisation timeout") from error
        try:
            with self.changes.seated(self.principal.promoter_id):
                await self._send({"type": "connection_ack"})
                await self._run()
        except TooManyConnectionsError as error:
            raise _ClosedError(_LATER, "Try again later") from error

    async def close(self, error: _ClosedError) -> None:
        """Say why the connection ends, to a client that may not listen any more."""
        try:
            async with asyncio.timeout(SECONDS_TO_TAKE):
                await self.websocket.close(error.code, error.reason)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return

    async def _be_introduced(self) -> None:
        """Wait for ``connection_init``, and find out who calls by its token or its cookie."""
        while (message := await self._receive())["type"] in ("ping", "pong"):
            await self._answer_ping(message)
        if message["type"] != "connection_init":
            raise _ClosedError(_UNKNOWN, "Unauthorized")
        shown = message.get("payload") or {}
        if not isinstance(shown, dict) or not isinstance(shown.get("authorization"), str | None):
            raise _ClosedError(_INVALID, "Invalid connection_init message")
        self.credentials = Credentials.of(self.websocket.headers, shown.get("authorization"))
        state = self.websocket.app.state
        try:
            found = await self.credentials.find_principal(state.engine, state.settings)
        except UnauthenticatedError:
            found = PUBLIC
        if found.role is Role.PUBLIC:
            self._charge(REFUSAL_COST)
            raise _ClosedError(_UNKNOWN, "Unauthorized")
        self.principal = self.websocket.scope["principal"] = found

    async def _run(self) -> None:
        """Listen until somebody ends the connection, then end what it follows."""
        tasks: list[asyncio.Future[Any]] = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._watch()),
            asyncio.create_task(self._wait_for_end()),
            self.broken,
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            ending = [*tasks, *self.operations.values()]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _wait_for_end(self) -> None:
        await self.changes.closing.wait()
        raise _ClosedError(_RESTARTS, "The server restarts")

    async def _watch(self) -> None:
        """Ask for signs of life, and whether the caller may still see what it sees."""
        checked_at, asked_at = time.monotonic(), 0.0
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_PINGS)
            if self.heard_at < asked_at:
                raise _ClosedError(_TOO_LATE, "No sign of life")
            if time.monotonic() - self.heard_at >= SECONDS_BETWEEN_PINGS:
                asked_at = time.monotonic()
                await self._send({"type": "ping"})
            if time.monotonic() - checked_at >= SECONDS_BETWEEN_CHECKS:
                checked_at = time.monotonic()
                state = self.websocket.app.state
                if not await self.credentials.still_open(
                    self.principal, state.engine, state.settings
                ):
                    raise _ClosedError(_UNKNOWN, "Unauthorized")

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
            match message["type"]:
                case "ping" | "pong":
                    await self._answer_ping(message)
                case "subscribe":
                    await self._subscribe(message)
                case "complete":
                    task = self.operations.pop(_read_id(message), None)
                    if task is not None:
                        task.cancel()
                case "connection_init":
                    raise _ClosedError(_TWICE, "Too many initialisation requests")
                case _:
                    raise _ClosedError(_INVALID, "Invalid message")

    async def _receive(self) -> dict[str, Any]:
        """Wait for a message, and charge for it: whoever floods is cut off."""
        received = await self.websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received["code"], received.get("reason"))
        self.heard_at = time.monotonic()
        text = received.get("text")
        if text is None:
            raise _ClosedError(_INVALID, "Invalid message")
        if len(text.encode(errors="replace")) > LARGEST_REQUEST:
            raise _ClosedError(_TOO_LARGE, "Message too big")
        self._charge(REQUEST_COST)
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _ClosedError(_INVALID, "Invalid message") from error
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _ClosedError(_INVALID, "Invalid message")
        return message

    def _charge(self, cost: float) -> None:
        try:
            self.websocket.scope["charge"](cost)
        except TooMuchAskedError as error:
            raise _ClosedError(_LATER, "Try again later") from error

    async def _answer_ping(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            await self._send({"type": "pong"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        """Begin to follow an operation, or say that there are too many."""
        key = _read_id(message)
        if key in self.operations:
            raise _ClosedError(_SAME_ID, f"Subscriber for {key} already exists")
        try:
            asked = self.documents.complete(read_request(message.get("payload")))
        except HTTPException as error:
            raise _ClosedError(_INVALID, "Invalid subscribe message") from error
        except CommunityError as error:
            told = GraphQLError(str(error), original_error=error)
            await self._refuse(key, ErrorReporter(uuid4().hex).present(told))
            return
        if len(self.operations) >= MOST_OPERATIONS:
            await self._refuse(key, _TOO_MANY)
            return
        operation = self.operations[key] = asyncio.create_task(self._follow(key, asked))
        operation.add_done_callback(self._note_end)

    async def _refuse(self, key: str, *errors: dict[str, Any]) -> None:
        await self._send({"type": "error", "id": key, "payload": list(errors)})

    def _note_end(self, operation: asyncio.Task[None]) -> None:
        """Break the connection with what an operation could not tell."""
        error = None if operation.cancelled() else operation.exception()
        if error is not None and not self.broken.done():
            self.broken.set_exception(error)

    async def _follow(self, key: str, asked: GraphQLRequest) -> None:
        """Tell what an operation answers."""
        context = open_context(self.websocket, self.principal, asked.operation_name)
        reporter = ErrorReporter(uuid4().hex)
        events = follow(self.websocket.app.state.operations, asked, context, reporter)
        last: dict[str, Any] = {"type": "complete", "id": key}
        async with aclosing(events):
            async for event in events:
                if event.is_refusal:
                    last = {"type": "error", "id": key, "payload": event.body["errors"]}
                    break
                await self._send({"type": "next", "id": key, "payload": event.body})
        # Forgotten first: the client may use the name again as soon as it hears.
        del self.operations[key]
        await self._send(last)

    async def _send(self, message: dict[str, Any]) -> None:
        text = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        try:
            async with asyncio.timeout(SECONDS_TO_TAKE), self.sending:
                await self.websocket.send_text(text)
        except TimeoutError as error:
            raise _ClosedError(_LATER, "Too slow") from error


_TOO_MANY = {
    "message": f"one connection follows {MOST_OPERATIONS} operations at most: complete some first",
    "extensions": {"code": "TOO_LARGE"},
}


def _read_id(message: dict[str, Any]) -> str:
    key = message.get("id")
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_ID:
        raise _ClosedError(_INVALID, "Invalid message")
    return key
