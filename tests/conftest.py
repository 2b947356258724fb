"""Fixtures that tests of every room use."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.command_line import reparto
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


@pytest.fixture
def shared_data() -> Path:
    """Shared data folder; the test is skipped without it."""
    return shared_data_folder()
