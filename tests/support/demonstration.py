"""The application with the data of `make demo` in it, on the days that a page names."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from api.services.community_folders.import_community import import_community
from loaders.community_folder_writer import write_community_folder
from loaders.series_files import SeriesFormat
from models.session import write_session
from scripts.demo_community import generate_demo_community
from tests.support.api import NOW, FilledDatabase, add_token
from tests.support.databases import DatabaseKind, Databases, opened

SetDay = Callable[[date], None]
"""Moves the clock to the morning of a day."""


@pytest.fixture(scope="session")
def filled_database(databases: Databases) -> FilledDatabase:
    """Store the invented community once."""
    kind = DatabaseKind.SQLITE
    url = databases.keep(kind, databases.server(kind).copy(databases.migrated(kind)))
    with opened(url) as engine:
        own = add_token(engine, "Demonstration")
        with write_session(engine) as session:
            import_community(
                session,
                promoter_id=own.promoter_id,
                community=generate_demo_community(),
                imported_at=NOW,
            )
    return FilledDatabase(url, own.text, "", "", "")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what `make demo` leaves behind, and give the folder in which it was made."""
    folder = tmp_path_factory.mktemp("made")
    write_community_folder(
        generate_demo_community(),
        folder / "demo" / "community",
        energy_format=SeriesFormat.CSV_GZ,
    )
    return folder


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    """Let a test say which day it is; time passes."""

    def move(day: date) -> None:
        lead = datetime.combine(day, time(8, 30), UTC) - datetime.now(UTC)

        class Clock(datetime):
            """The clock of that day."""

            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + lead

        monkeypatch.setattr("api.clock.datetime", Clock)

    return move
