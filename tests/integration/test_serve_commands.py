"""``reparto serve`` and ``reparto demo`` as processes, as an operator starts them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from scripts.commands.serve import listen
from tests.support.command_line import Reparto

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
    assert answer["data"]["communities"]["totalCount"] == 1
    assert process.returncode == 0
    proposal = json.loads((tmp_path / "demo/out/proposal.json").read_bytes())
    node = answer["data"]["communities"]["edges"][0]["node"]
    assert node["installations"]["edges"][0]["node"]["cau"] == proposal["cau"]


def test_the_demo_can_be_run_again(reparto: Reparto, tmp_path: Path) -> None:
    first = reparto("demo", "--once", "--folder", tmp_path / "demo")
    second = reparto("demo", "--once", "--folder", tmp_path / "demo")

    assert (first.code, second.code) == (0, 0)
    assert "Proven" in second.out
    assert "URL" not in second.out
    assert (tmp_path / "demo/reparto.db").exists()
    assert (tmp_path / "demo/out/report.xlsx").exists()


def test_serving_answers_and_ends_cleanly(tmp_path: Path) -> None:
    with running("serve", "--upgrade", "--port", "0", folder=tmp_path) as process:
        url = read_until(process, "URL ")
        health = httpx.get(f"{url}/healthz", timeout=PATIENCE_SECONDS)
        refused = httpx.post(f"{url}/graphql", json={"query": "{__typename}"})

    assert health.status_code == 200
    assert refused.status_code == 401
    assert process.returncode == 0


def test_small_answers_are_sent_at_once() -> None:
    with listen(Settings(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_told(
    reparto: Reparto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.chdir(tmp_path)
    reparto("db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        runs = [reparto(command, "--port", taken.getsockname()[1]) for command in ("serve", "demo")]

    assert [run.code for run in runs] == [2, 2]
    assert all("choose another --port" in run.err for run in runs)
    assert not any(run.out for run in runs)
