"""The log as a process writes it, put back afterwards as it was."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
import structlog

from api.logs import configure_logs
from api.settings import LogFormat


@pytest.fixture(autouse=True)
def kept_log() -> Iterator[None]:
    """Put the log back as it was: what a test set up would write where only that test looked."""
    root, migrations = logging.getLogger(), logging.getLogger("alembic")
    handlers, level, quiet = root.handlers, root.level, migrations.level
    yield
    root.handlers, root.level = handlers, level
    migrations.setLevel(quiet)
    structlog.reset_defaults()


@contextmanager
def written_log(log_format: LogFormat) -> Iterator[io.StringIO]:
    """Collect what a process logs, its libraries included, from the least level on."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        configure_logs(log_format)
        logging.getLogger().setLevel(logging.DEBUG)
        yield stream
