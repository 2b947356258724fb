"""Fixtures that tests of every room use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

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
from tests.support.logs import kept_log
from tests.support.shared_data import shared_data_folder

__all__ = [
    "database_kind",
    "database_url",
    "databases",
    "empty_engine",
    "empty_url",
    "engine",
    "kept_log",
    "other_promoter",
    "promoter",
    "reparto",
    "server",
    "shared_data",
]

# All that tests start has the same keys.
os.environ["REPARTO_SECRET_KEYS"] = SECRET_KEYS


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[None]:
    """Compile a statement once, not once more in every test."""
    with compiled_once():
        yield


@pytest.fixture
def shared_data() -> Path:
    """Shared data folder; the test is skipped without it."""
    return shared_data_folder()
