"""The worker beside a server: kept alive in a process of its own.

That process imports what stands here and nothing of the server: GraphQL's types alone would take as
long to load as everything that jobs need.
"""

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess

import structlog

from api.jobs.worker import run_worker
from api.logs import configure_logs
from api.settings import Settings

_PATIENCE_SECONDS = 20.0

_log = structlog.get_logger(__name__)


@contextmanager
def worker_process(settings: Settings) -> Iterator[None]:
    """Keep one worker alive beside the server; a lost one is replaced."""
    context = multiprocessing.get_context("spawn")
    stop = threading.Event()

    def keep_alive() -> None:
        # Ctrl-C reaches every process of the terminal; a worker inherits that it is not for it, and
        # so is deaf to it while it still imports. The tracker's start would lift the mask again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while not stop.is_set():
            worker = context.Process(target=_work, args=(settings,), name="reparto worker")
            worker.start()
            while worker.is_alive() and not stop.wait(0.2):
                pass
            if worker.is_alive():
                worker.terminate()
            else:
                _log.warning("worker lost", exit_code=worker.exitcode)
                stop.wait(1.0)
            worker.join(_PATIENCE_SECONDS)

    keeper = threading.Thread(target=keep_alive, name="worker keeper")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _work(settings: Settings) -> None:
    """Work in a process of its own until the server ends it, or is gone."""
    stop = threading.Event()
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_stop_after, args=(server, stop), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    configure_logs(settings.log_format)
    run_worker(settings, stop)


def _stop_after(server: BaseProcess, stop: threading.Event) -> None:
    """Wait for the server's end, however it came."""
    server.join()
    stop.set()
