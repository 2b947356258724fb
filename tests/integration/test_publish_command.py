"""``reparto community publish``: tell everybody of a community, and take it back."""

import pytest
from sqlalchemy import Engine

from models.tables import PrivacyNotice, PublicPage
from tests.support.command_line import Reparto
from tests.support.community_folders import make_cau
from tests.support.databases import on_sqlite
from tests.support.imports import rows_of

# No database can change what is said here.
pytestmark = on_sqlite

PAGE = ["--slug", "vila-solar", "--municipality", "Borbotó", "--email", "sol@vila.example"]


@pytest.fixture
def vila(reparto: Reparto, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Reparto:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    reparto("community", "create", "vila", "--name", "Vila", "--cau", make_cau(1), "--kw", "5")
    return reparto


def test_a_community_is_published_and_taken_back(vila: Reparto, engine: Engine, tmp_path):
    notice = tmp_path / "aviso.txt"
    notice.write_text("Guardamos sus datos.\n", "utf-8")
    text = ["--text-es", "El sol de todos.", "--free-places", "3", "--open", "--let-in"]
    run = vila("community", "publish", "vila", *PAGE, *text, "--privacy-notice", notice)
    assert (run.code, run.out) == (0, "PAGE vila-solar\nSIGN-UP open\n")
    (page,) = rows_of(engine, PublicPage)
    assert (page.free_places, page.is_open, page.needs_approval) == (3, True, False)
    assert [row.text for row in rows_of(engine, PrivacyNotice)] == ["Guardamos sus datos."]
    run = vila("community", "unpublish", "vila")
    assert (run.code, run.out) == (0, "PAGE vila-solar taken back\n")
    assert rows_of(engine, PublicPage)[0].is_published is False


def test_what_it_lacks_is_told(vila: Reparto):
    run = vila("community", "publish", "vila", *PAGE, "--text-es", "Sol.", "--open")
    assert run.code != 0
    assert "sign-up needs a privacy notice" in run.err
    closed = vila("community", "publish", "vila", *PAGE, "--text-es", "Sol.")
    assert closed.out == "PAGE vila-solar\nSIGN-UP closed\n"
