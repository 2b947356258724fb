"""Clients that follow what happens: a WebSocket in this process, and event streams over TCP."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from anyio.from_thread import BlockingPortal
from starlette.applications import Starlette

from tests.support.api import Api, bearer

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class ClosedError(Exception):
    """The server ended the connection."""

    code: int


@dataclass(frozen=True, slots=True)
class Socket:
    """A WebSocket without a wire."""

    portal: BlockingPortal
    sent: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    heard: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)

    def send_text(self, text: str) -> None:
        self.portal.call(self.sent.put, {"type": "websocket.receive", "text": text})

    def send_bytes(self, content: bytes) -> None:
        self.portal.call(self.sent.put, {"type": "websocket.receive", "bytes": content})

    def say(self, kind: str, **more: Any) -> None:
        self.send_text(json.dumps({"type": kind, **more}))

    def follow(self, key: str, query: str, **variables: Any) -> None:
        self.say("subscribe", id=key, payload={"query": query, "variables": variables})

    def hear(self) -> dict[str, Any]:
        """Wait for a message; raise ClosedError when there is none to come."""
        event = self.portal.call(self._next)
        if event["type"] == "websocket.close":
            raise ClosedError(event["code"])
        return json.loads(event["text"])

    def hear_end(self) -> int:
        """Wait for the end, whatever is said before, and tell its code."""
        while True:
            try:
                self.hear()
            except ClosedError as closed:
                return closed.code

    def hear_all(self, key: str) -> list[dict[str, Any]]:
        """Hear what an operation answers until it is complete."""
        answers = []
        while (message := self.hear())["type"] != "complete":
            assert (message["type"], message["id"]) == ("next", key)
            answers.append(message["payload"]["data"])
        return answers

    async def _next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.heard.get(), PATIENCE)


@contextmanager
def connecting(
    api: Api,
    *,
    protocols: tuple[str, ...] = (PROTOCOL,),
    headers: Mapping[str, str] | None = None,
) -> Iterator[Socket]:
    """Open a WebSocket; the first thing to hear is whether it was accepted."""
    client = Socket(api.client.portal)
    client.portal.call(client.sent.put, {"type": "websocket.connect"})
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.encode(), value.encode())
            for name, value in {"host": "reparto.test", **(headers or {})}.items()
        ],
        "subprotocols": list(protocols),
        "client": ("127.0.0.1", 1),
    }
    served = client.portal.start_task_soon(api.app, scope, client.sent.get, client.heard.put)
    try:
        yield client
    finally:
        client.portal.call(client.sent.put, {"type": "websocket.disconnect", "code": 1000})
        served.result(PATIENCE)


@contextmanager
def connected(api: Api, token: str | None = None) -> Iterator[Socket]:
    """Open a WebSocket and introduce its client."""
    with connecting(api) as client:
        accepted = client.portal.call(client._next)
        assert accepted["type"] == "websocket.accept"
        assert accepted["subprotocol"] == PROTOCOL
        shown = bearer(api.own if token is None else token)
        client.say("connection_init", payload=shown)
        assert client.hear() == {"type": "connection_ack"}
        yield client


@contextmanager
def serving_on_tcp(app: Starlette) -> Iterator[httpx.Client]:
    """Serve an application on a port of this machine."""
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        host, port = listener.getsockname()
        try:
            with httpx.Client(base_url=f"http://{host}:{port}", timeout=PATIENCE) as client:
                yield client
        finally:
            app.state.changes.close()
            server.should_exit = True
            thread.join()


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer in events."""

    answer: httpx.Response
    lines: Iterator[str]

    def hear(self) -> dict[str, str] | None:
        """Wait for an event; None at the end of the stream. Signs of life count as events."""
        event: dict[str, str] = {}
        for line in self.lines:
            if not line:
                return event
            name, _, value = line.partition(":")
            event[name] = value.removeprefix(" ")
        return None

    def hear_all(self) -> list[dict[str, str]]:
        """Hear every event until the stream ends."""
        return list(iter(self.hear, None))


@contextmanager
def streaming(
    client: httpx.Client, token: str, query: str, *, last: str | None = None, **variables: Any
) -> Iterator[Stream]:
    """Follow a subscription over server-sent events."""
    headers = bearer(token) | {"accept": "text/event-stream"}
    if last is not None:
        headers["last-event-id"] = last
    body = {"query": query, "variables": variables}
    with client.stream("POST", "/graphql", json=body, headers=headers) as answer:
        yield Stream(answer, answer.iter_lines())
