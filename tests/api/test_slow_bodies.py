"""Callers that send slowly are let go: a stall, and a trickle that never stalls."""

import asyncio
import socket
import threading
import time

import pytest
import uvicorn

from tests.support.api import bearer
from tests.support.databases import on_sqlite

pytestmark = on_sqlite

JSON = {"content-type": "application/json"}
ZIP = {"content-type": "application/zip"}


@pytest.fixture
def impatient(monkeypatch):
    """Allow a fifth of a second where half a minute is usual."""
    monkeypatch.setattr("api.http.body_deadline.SECONDS_ALLOWED", 0.2)


def send(api, path, headers, *, n_pieces, seconds_between):
    """Send a body piece by piece and give the answer and the time that it took."""

    async def pieces():
        for _ in range(n_pieces):
            yield b"x"
            await asyncio.sleep(seconds_between)

    started = time.perf_counter()
    answer = api.client.request("POST", path, content=pieces(), headers=bearer(api.own) | headers)
    return answer, time.perf_counter() - started


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("path", "headers"), [("/graphql", JSON), ("/uploads", ZIP)])
@pytest.mark.parametrize(("n_pieces", "seconds_between"), [(1, 20.0), (400, 0.05)])
def test_a_slow_body_is_refused(api, path, headers, n_pieces, seconds_between):
    answer, seconds = send(api, path, headers, n_pieces=n_pieces, seconds_between=seconds_between)
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert error["message"].startswith("the body came too slowly: ")
    assert seconds < 5.0
    folder = api.settings.data_dir / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_body_in_pieces_is_taken(api):
    answer, _ = send(api, "/uploads", ZIP, n_pieces=5, seconds_between=0.02)
    assert answer.status_code == 201
    assert answer.json()["sizeBytes"] == 5


@pytest.mark.usefixtures("impatient")
def test_the_deadline_moves_with_what_came(api, monkeypatch):
    monkeypatch.setattr("api.http.body_deadline.BYTES_PER_SECOND", 1)
    answer, seconds = send(api, "/uploads", ZIP, n_pieces=8, seconds_between=0.1)
    assert answer.status_code == 201
    assert seconds > 0.6


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("token", "status"), [("own", b"408"), ("other than any", b"401")])
def test_a_connection_that_stalls_is_closed(api, token, status):
    config = uvicorn.Config(api.app, log_config=None, lifespan="off")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), timeout=10) as caller:
                shown = getattr(api, token, token)
                caller.sendall(
                    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    b"Authorization: Bearer " + shown.encode() + b"\r\n"
                    b"Content-Length: 1000\r\n\r\n{"
                )
                answer = b"".join(iter(lambda: caller.recv(4096), b""))
        finally:
            server.should_exit = True
            thread.join()
    assert answer.split(b" ")[1] == status
