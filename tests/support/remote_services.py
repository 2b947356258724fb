"""A remote service on a real socket that answers as a test tells it to, and remembers who asked."""

import socket
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from urllib.parse import parse_qsl

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: after a delay, whole or in pieces with pauses between them."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    pieces: int = 0
    pause_seconds: float = 0.0

    async def send(self) -> Response:
        """Make it the server's answer."""
        await anyio.sleep(self.delay_seconds)
        if self.pieces:
            return StreamingResponse(self._stream(), self.status, dict(self.headers))
        return Response(self.body, self.status, dict(self.headers))

    async def _stream(self) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            yield self.body
            await anyio.sleep(self.pause_seconds)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class RemoteService:
    """Answers a path with its replies in turn, the last of them for ever; 404 to all others."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Reply]] = defaultdict(list)

    def answer(self, path: str, *replies: Reply) -> None:
        """Set what a path answers; a query string in the path counts."""
        self._replies[path] = list(replies)

    def forget(self) -> None:
        """Begin anew."""
        self.asked.clear()
        self._replies.clear()

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                dict(request.query_params),
                dict(request.headers),
                dict(parse_qsl((await request.body()).decode())),
            )
        )
        path = request.url.path
        for known in (f"{path}?{request.url.query}", path):
            if replies := self._replies.get(known):
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                return await reply.send()
        return Response(status_code=404)


@contextmanager
def run_remote_service() -> Iterator[RemoteService]:
    """Serve on a free port of this machine until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service = RemoteService(f"http://127.0.0.1:{listener.getsockname()[1]}")
        route = Route("/{path:path}", service.respond, methods=["GET", "POST"])
        with served(Starlette(routes=[route]), listener):
            yield service


@contextmanager
def served(app: Starlette, listener: socket.socket) -> Iterator[None]:
    """Serve an application in a thread until the end of the block."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(10.0)


@contextmanager
def run_raw_service(
    words: bytes, drop: bytes = b"", pause_seconds: float = 0.0, tls: SSLContext | None = None
) -> Iterator[str]:
    """Send one caller these bytes, then the drop over and over until they hang up; give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def speak() -> None:
            connection, _ = listener.accept()
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection, suppress(OSError):
                connection.recv(10_000)
                connection.sendall(words)
                while drop and not is_over.wait(pause_seconds):
                    connection.sendall(drop)

        other_end = threading.Thread(target=speak)
        other_end.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            other_end.join()


def unused_url() -> str:
    """Give an address of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
