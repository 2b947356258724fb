"""``reparto serve`` and ``reparto demo`` as processes, as an operator starts them."""

import json
import os
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

from api.settings import Settings
from scripts.commands.serve import listen
from tests.support.command_line import Reparto
from tests.support.databases import Databases

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
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def read_until(process: subprocess.Popen[str], start: str) -> str:
    """Read the process's output up to the line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(start):
            return line.removeprefix(start).strip()
    raise EOFError(start)


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
    reparto: Reparto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPARTO_DATABASE_URL", raising=False)
    monkeypatch.setenv("REPARTO_DATA_DIR", str(tmp_path / "named"))
    first, second = (reparto("demo", "--once", "--folder", tmp_path / "demo") for _ in range(2))

    assert (first.code, second.code) == (0, 0)
    assert "Proven" in second.out
    assert "URL http" not in second.out
    assert f"export REPARTO_DATABASE_URL=sqlite:///{tmp_path}/demo/reparto.db\n" in second.out
    assert "REPARTO_DATA_DIR" not in second.out
    assert "job" not in first.out + second.out
    assert (tmp_path / "demo/reparto.db").exists()
    assert (tmp_path / "demo/out/report.xlsx").exists()


def test_small_answers_are_sent_at_once() -> None:
    with listen(Settings(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_told(
    reparto: Reparto,
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", databases.lay(tmp_path / "own.db"))
    more = ["--folder", tmp_path / "demo"] if command == "demo" else []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = reparto(command, "--port", taken.getsockname()[1], *more)

    assert ended.code == 2
    assert "choose another --port" in ended.err
    assert ended.out == ""


def test_serving_answers_and_an_early_interrupt_ends_it_without_a_traceback(
    tmp_path: Path,
) -> None:
    with running("serve", "--upgrade", "--port", "0", folder=tmp_path) as process:
        url = read_until(process, "URL ")
        # The worker still imports everything when the server already answers.
        worker = wait_for_worker(process.pid)
        signals = worker.read_text().splitlines()
        health = httpx.get(f"{url}/healthz", timeout=PATIENCE_SECONDS)
        refused = httpx.post(f"{url}/uploads")
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert health.status_code == 200
    assert refused.status_code == 401
    blocked = next(line for line in signals if line.startswith("SigBlk:"))
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


def test_a_worker_loads_nothing_of_the_server_nor_what_few_jobs_need() -> None:
    loads = "import sys, scripts.worker_process; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", loads],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert not {"strawberry", "uvicorn", "api.app", "scipy"} & set(told.stdout.split())
