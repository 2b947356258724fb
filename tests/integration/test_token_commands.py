"""``reparto token list``: which tokens there are, and never what opens the API."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from api.services.accounts.create_token import create_token
from api.services.accounts.ensure_promoter import ensure_promoter
from models.session import write_session
from models.values.access import Capability
from tests.support.command_line import Reparto
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def text(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make one token of one promoter."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    with write_session(engine) as session:
        scopes = [Capability.READ, Capability.PLAN]
        made = create_token(session, promoter="Vila", name="[red]x", now=NOON, scopes=scopes)
    return made.text


def test_tokens_are_listed(reparto: Reparto, text: str) -> None:
    ran = reparto("token", "list")
    assert ran.code == 0
    assert text[:11] in ran.out
    assert "[red]x" in ran.out
    assert "plan read" in ran.out
    assert text not in ran.out


def test_tokens_are_listed_for_programs(reparto: Reparto, text: str) -> None:
    ran = reparto("token", "list", "--json")
    assert json.loads(ran.out) == [
        {
            "prefix": text[:11],
            "name": "[red]x",
            "scopes": ["plan", "read"],
            "created_at": "2024-03-01T12:00:00+00:00",
            "last_used_at": None,
            "expires_at": None,
            "revoked_at": None,
        }
    ]


def test_a_promoter_without_tokens_has_none(reparto: Reparto, text: str, engine: Engine) -> None:
    assert reparto("token", "revoke", text).code == 0
    ran = reparto("--language", "es", "token", "list")
    assert "revocado (UTC)" in ran.out
    with write_session(engine) as session:
        ensure_promoter(session, name="Ebro", now=NOON)
    assert reparto("token", "list", "--promoter", "Ebro").out == "no tokens\n"
    unknown = reparto("token", "list", "--promoter", "Nadie")
    assert (unknown.code, "there is no promoter 'Nadie'" in unknown.err) == (2, True)
