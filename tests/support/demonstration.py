"""The application with the data of `make demo` in it, on the days that a page names."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from shutil import make_archive

import pytest

from api.services.community_folders.import_community import import_community
from api.services.proposals.request_proposal import ProposalWish, request_proposal
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear
from loaders.series_files import SeriesFormat
from models.session import write_session
from models.values.coefficient import MILLIONTHS
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts.demo_community import generate_demo_community
from tests.support.api import NOW, FilledDatabase, add_token
from tests.support.databases import DatabaseKind, Databases, opened

_WISH = ProposalWish(
    installation="ES0000000000000001TR0FA000",
    year=2025,
    objective=Objective.SELF_CONSUMPTION,
    floor_share=None,
    reference=Rule.CONSUMPTION,
    min_millionths=0,
    max_millionths=MILLIONTHS,
)
"""What `make demo` asks for."""

SetDay = Callable[[date], None]
"""Moves the clock to the morning of a day."""


@pytest.fixture(scope="session")
def filled_database(databases: Databases) -> FilledDatabase:
    """Store the invented community once, and ask for its first proposal."""
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
            request_proposal(
                session,
                promoter_id=own.promoter_id,
                wish=_WISH,
                idempotency_key=f"demo {_WISH.year}",
                now=NOW,
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
    make_archive(str(folder / "community"), "zip", folder / "demo" / "community")
    (folder / "datadis_M01.csv").write_text(_write_june(generate_demo_community()))
    return folder


def _write_june(community: CommunityYear) -> str:
    """Write what Datadis would send of the first member's June, three hours of it corrected."""
    first = 151 * 24 - 1  # the clocks went forward in March
    kwh = community.consumption_kwh[0, first : first + 720].copy()
    kwh[[12, 300, 619]] += 0.25
    rows = (
        f"{community.members[0].cups};2025/06/{hour // 24 + 1:02};{hour % 24 + 1:02}:00;"
        f"{value:.3f};Real".replace(".", ",")
        for hour, value in enumerate(kwh)
    )
    return "\n".join(["cups;fecha;hora;consumo_kWh;metodoObtencion", *rows, ""])


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
