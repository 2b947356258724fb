"""``reparto worker``: one more worker, on this machine or another."""

import signal
import threading

import typer

from api.jobs.worker import run_worker
from api.logs import configure_logs
from api.settings import read_settings
from scripts.commands.database import open_database

app = typer.Typer(add_completion=False)


@app.command()
def worker() -> None:
    """Run jobs until told to stop; the one at hand is finished first."""
    settings = read_settings()
    open_database(settings).dispose()
    configure_logs(settings.log_format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(settings, stop)
