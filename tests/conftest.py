"""How tests of every room are run."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, however slow the machine: a failure is the code's, not luck's.
settings.register_profile("reparto", derandomize=True, deadline=None)
settings.load_profile("reparto")


MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000
SELDOM = (20_000, 30, 50)


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where no commit waits for a disk, if there is room.

    Who only hands tests out to other processes needs none of their fixtures, nor what these load.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if not config.getoption("numprocesses", None):
        config.pluginmanager.import_plugin("tests.support.fixtures")


def pytest_xdist_auto_num_workers() -> int:
    """Run one more test at once than there are cores: many wait for a server or a database."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for garbage in what tests make, not in the modules and tests that stay anyway.

    And seldom: what is looked through is mostly still needed.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*SELDOM)
        gc.enable()
