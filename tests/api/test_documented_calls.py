"""What the pages show of the API can be done as it is written, and is answered as they say."""

from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO

import httpx
import pytest

from tests.support.accounts_of_roles import quick_hashing
from tests.support.command_line import Reparto, reparto
from tests.support.databases import on_sqlite
from tests.support.demonstration import SetDay, demo_folder, filled_database, set_day
from tests.support.documented_calls import Command, FileText, read_steps
from tests.support.documented_reader import Reader
from tests.support.sockets import serving_on_tcp
from tests.support.source_code import ROOT

__all__ = ["demo_folder", "filled_database", "quick_hashing", "reparto", "set_day"]

pytestmark = [on_sqlite, pytest.mark.usefixtures("quick_hashing")]

STORIES = ["api.md", "graphql-money.md"]
"""Pages whose calls are one story on the community of the demonstration."""

CHAPTERS = [
    "A month of work",
    "Begin a community",
    "Readings and prices",
    "Agreements",
    "Propose coefficients",
    "Limits, curve and classes",
    "Accept a proposal",
    "Fill vacancies",
    "Assess a candidate",
    "Savings, CO2 and sums",
    "Import a community",
    "Watch a job",
    "Sign in",
    "Tokens",
    "Audit trail",
    "Exports",
]
"""Chapters of graphql.md of which each is a story of its own."""


@pytest.fixture
def live(api, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """Serve the same application to those who follow what happens."""
    monkeypatch.setattr("api.graphql.change_feed.SECONDS_BETWEEN", 0.01)
    with serving_on_tcp(api.app) as client:
        yield client


@pytest.fixture
def run(api, reparto: Reparto, capsys, monkeypatch: pytest.MonkeyPatch) -> Callable[[Command], str]:
    """Run commands on the same database."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", api.settings.database_url)
    monkeypatch.setenv("REPARTO_DATA_DIR", str(api.settings.data_dir))

    def tell(command: Command) -> str:
        monkeypatch.setattr("sys.stdin", StringIO(command.input))
        capsys.readouterr()
        done = reparto(*command.arguments)
        return done.out + done.err

    return tell


@pytest.fixture
def reader(api, live, run, demo_folder) -> Reader:
    """Give somebody who has the demonstration before them."""
    return Reader(api, live, run, demo_folder)


def read_page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def tell(story: str, reader: Reader, set_day: SetDay) -> None:
    """Do all that a story says, on its days."""
    for step in read_steps(story):
        match step:
            case FileText():
                reader.files[step.name] = step.text
            case date():
                reader.api.drain()
                set_day(step)
            case _:
                reader.do(step)


@pytest.mark.parametrize("page", STORIES)
def test_a_story_is_answered_as_it_says(reader: Reader, set_day: SetDay, page: str) -> None:
    tell(read_page(page), reader, set_day)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_answered_as_it_says(reader: Reader, set_day: SetDay, chapter: str) -> None:
    _, begun, rest = read_page("graphql.md").partition(f"\n## {chapter}\n")
    assert begun
    tell(rest.partition("\n## ")[0], reader, set_day)
