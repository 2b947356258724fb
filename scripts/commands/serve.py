"""``reparto serve``: the API in this process, the worker in another."""

import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.graphql.requests import LARGEST_REQUEST
from api.logs import configure_logs
from api.secret_keys import load_keyring
from api.settings import Settings, read_settings
from models.migrations.revisions import upgrade_database
from models.values.errors import InvalidArgumentError
from scripts.commands.database import open_database, warn_of_bypass
from scripts.worker_process import worker_process

app = typer.Typer(add_completion=False)

_BACKLOG = 2048
_COLLECTED_AFTER = (50_000, 20, 50)
"""New objects, and then younger collections, after which the collector looks (gc.set_threshold)."""


class AddressInUseError(InvalidArgumentError):
    """Nothing can listen where it was asked to."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}; choose another --port")
        self.host = host
        self.port = port


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on [8000]; 0 for any.")
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Bring the database to the newest revision first.")
    ] = False,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run jobs in a process beside the server.")
    ] = True,
) -> None:
    """Serve the GraphQL API until told to stop."""
    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = read_settings().model_copy(update=given)
    if upgrade:
        upgrade_database(settings.database_url, load_keyring(settings))
    engine = open_database(settings)
    warn_of_bypass(engine)
    engine.dispose()
    with listen(settings) as listener:
        sys.stdout.write(f"URL {url_of(listener)}\n")
        sys.stdout.flush()
        run_server(settings, listener, with_worker=worker)


@contextmanager
def listen(settings: Settings) -> Iterator[socket.socket]:
    """Take the address, or say why it cannot be had."""
    try:
        listener = _bind(settings.host, settings.port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressInUseError(settings.host, settings.port, reason) from error
    with listener:
        yield listener


def _bind(host: str, port: int) -> socket.socket:
    """Bind a socket that is known to be TCP: only then does asyncio send small answers at once."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Write the address that a client can use."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run_server(settings: Settings, listener: socket.socket, *, with_worker: bool = True) -> None:
    """Answer requests here while a worker process does the long work."""
    configure_logs(settings.log_format)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws_max_size=LARGEST_REQUEST,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    # uvicorn repeats the signal that ended it: leave through the worker's end, not past it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    _settle_memory()
    with worker_process(settings) if with_worker else nullcontext():
        _Server(config, app.state.changes.close).run(sockets=[listener])


def _settle_memory() -> None:
    """Spare the collector what stays to the end: it walked the schema several times a list."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


class _Server(uvicorn.Server):
    """Ends what clients follow when it is told to stop: it waits for every answer's end."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; called by a signal."""
        self.on_exit()
        super().handle_exit(sig, frame)
