"""``reparto serve`` and ``reparto demo`` as processes, as an operator starts them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from api.settings import Settings
from scripts.commands.serve import listen
from tests.support.databases import DatabaseKind, Databases

PATIENCE_SECONDS = 90.0
COMMUNITIES = """{ communities(first: 5) { totalCount edges { node {
    name
    installations(first: 5) { edges { node { cau } } }
} } } }"""


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command line in a process of its own, and end it as a service manager does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "REPARTO_DATABASE_URL": f"sqlite:///{folder / 'own.db'}"},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a process of its own: it sets up the log of its process."""
    return subprocess.run(
        [sys.executable, "-m", "scripts", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "REPARTO_DATABASE_URL": f"sqlite:///{folder / 'own.db'}"},
        timeout=PATIENCE_SECONDS,
    )


def read_until(process: subprocess.Popen[str], start: str) -> str:
    """Read the process's output up to the line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(start):
            return line.removeprefix(start).strip()
    raise EOFError(start)


@pytest.fixture
def upgraded(databases: Databases, tmp_path: Path) -> Path:
    """Lay a database at the newest revision in the folder of a test."""
    newest = make_url(databases.migrated(DatabaseKind.SQLITE)).database
    shutil.copy(str(newest), tmp_path / "own.db")
    return tmp_path


def test_the_demo_serves_what_it_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPARTO_PORT", "0")
    with running("demo", "--folder", str(tmp_path / "demo"), folder=tmp_path) as process:
        url = read_until(process, "URL ")
        token = read_until(process, "TOKEN ")
        answer = httpx.post(
            f"{url}/graphql",
            json={"query": COMMUNITIES},
            headers={"Authorization": f"Bearer {token}"},
        ).json()
        ready = httpx.get(f"{url}/readyz")

    assert ready.status_code == 200
    assert (tmp_path / "own.db").exists()
    assert answer["data"]["communities"]["totalCount"] == 1
    assert process.returncode == 0
    proposal = json.loads((tmp_path / "demo/out/proposal.json").read_bytes())
    node = answer["data"]["communities"]["edges"][0]["node"]
    assert node["installations"]["edges"][0]["node"]["cau"] == proposal["cau"]


def test_the_demo_can_be_run_again_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPARTO_DATABASE_URL", raising=False)
    monkeypatch.setenv("REPARTO_DATA_DIR", str(tmp_path / "named"))
    command = [sys.executable, "-m", "scripts", "demo", "--once", "--folder", tmp_path / "demo"]
    for _ in range(2):
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert "Proven" in told
    assert "URL http" not in told
    assert f"export REPARTO_DATABASE_URL=sqlite:///{tmp_path}/demo/reparto.db\n" in told
    assert "REPARTO_DATA_DIR" not in told
    assert "job" not in told
    assert (tmp_path / "demo/reparto.db").exists()
    assert (tmp_path / "demo/out/report.xlsx").exists()


def test_serving_answers_and_ends_cleanly(tmp_path: Path) -> None:
    with running("serve", "--upgrade", "--port", "0", folder=tmp_path) as process:
        url = read_until(process, "URL ")
        health = httpx.get(f"{url}/healthz", timeout=PATIENCE_SECONDS)
        refused = httpx.post(f"{url}/uploads")

    assert health.status_code == 200
    assert refused.status_code == 401
    assert process.returncode == 0


def test_small_answers_are_sent_at_once() -> None:
    with listen(Settings(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_told(upgraded: Path, command: str) -> None:
    more = ["--folder", upgraded / "demo"] if command == "demo" else []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run(command, "--port", taken.getsockname()[1], *more, folder=upgraded)

    assert ended.returncode == 2
    assert "choose another --port" in ended.stderr
    assert ended.stdout == ""


def test_an_early_interrupt_ends_worker_and_server_without_a_traceback(upgraded: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "REPARTO_DATABASE_URL": f"sqlite:///{upgraded / 'own.db'}"},
        start_new_session=True,
    )
    worker = wait_for_worker(process.pid)
    blocked = next(line for line in worker.read_text().splitlines() if line.startswith("SigBlk:"))
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert int(blocked.split()[1], 16) & 1 << signal.SIGINT - 1
    assert "Traceback" not in told
    assert process.returncode == 0


def wait_for_worker(server: int) -> Path:
    """Wait for the worker's process, which still has to import everything; give its status."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for children in Path(f"/proc/{server}/task").glob("*/children"):
            # Threads and short-lived children may end while they are looked at.
            with suppress(OSError):
                for child in children.read_text().split():
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        return Path(f"/proc/{child}/status")
        time.sleep(0.01)
    raise TimeoutError(server)


def test_a_worker_loads_nothing_of_the_server() -> None:
    loads = "import sys, scripts.worker_process; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", loads],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert not {"strawberry", "uvicorn", "api.app"} & set(told.stdout.split())
