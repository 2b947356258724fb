"""Servers in processes of their own, and the processor time that they use."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 60.0
_SCHEDULED = 2
"""Which clock of a process: the time that it was scheduled (clock_getcpuclockid(3))."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and a connection to it."""

    pid: int
    url: str
    connection: http.client.HTTPConnection

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Post something and read the whole answer."""
        self.connection.request("POST", path, body, dict(headers))
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        return content

    def read_cpu_seconds(self) -> float:
        """Tell how much processor time it has used, all threads together [s]."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)

    def read_memory(self) -> int:
        """Tell how much memory it holds [bytes]."""
        resident = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(resident) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving_api(database_url: str, folder: Path) -> Iterator[Server]:
    """Serve the API as an operator does, without the worker beside it."""
    settings = {
        "REPARTO_DATABASE_URL": database_url,
        "REPARTO_DATA_DIR": str(folder / "data"),
        "REPARTO_LOG_FORMAT": "json",
    }
    command = ("scripts", "serve", "--port", "0", "--no-worker")
    with _serving(*command, folder=folder, **settings) as server:
        yield server


@contextmanager
def serving_bare(answers: Path, folder: Path) -> Iterator[Server]:
    """Serve the yardstick."""
    with _serving("tests.benchmarks.served.bare", str(answers), folder=folder) as server:
        yield server


@contextmanager
def _serving(*arguments: str, folder: Path, **settings: str) -> Iterator[Server]:
    """Run a server that says where it listens; its log goes into the folder."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | settings,
        )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("URL ").strip()
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port)
        yield Server(process.pid, url, connection)
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)
