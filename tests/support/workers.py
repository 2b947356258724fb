"""Workers in threads of a test, and what they do to jobs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.jobs.worker import run_worker
from api.settings import Settings


@contextmanager
def working(settings: Settings, count: int = 1) -> Iterator[None]:
    """Let some workers run; at the end they finish what they do."""
    stop = threading.Event()
    workers = [threading.Thread(target=run_worker, args=(settings, stop)) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=60)
            assert not worker.is_alive()


def wait_until(is_true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.05)
