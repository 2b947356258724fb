"""Fixtures that tests of every room use."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.command_line import reparto
from tests.support.compiled_statements import compiled_once
from tests.support.databases import (
    database_kind,
    database_url,
    databases,
    empty_engine,
    empty_url,
    engine,
    other_promoter,
    promoter,
    server,
)
from tests.support.keyrings import SECRET_KEYS
from tests.support.shared_data import shared_data_folder

__all__ = [
    "database_kind",
    "database_url",
    "databases",
    "empty_engine",
    "empty_url",
    "engine",
    "other_promoter",
    "promoter",
    "reparto",
    "server",
    "shared_data",
]

# The same examples in every run, however slow the machine: a failure is the code's, not luck's.
settings.register_profile("reparto", derandomize=True, deadline=None)
settings.load_profile("reparto")


MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000
SELDOM = (20_000, 30, 50)


def pytest_configure() -> None:
    """Keep what tests write in memory, where no commit waits for a disk, if there is room.

    All that they start has the same keys.
    """
    os.environ["REPARTO_SECRET_KEYS"] = SECRET_KEYS
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


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


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[None]:
    """Compile a statement once, not once more in every test."""
    with compiled_once():
        yield


@pytest.fixture
def shared_data() -> Path:
    """Shared data folder; the test is skipped without it."""
    return shared_data_folder()
