from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.clock import now
from api.settings import LogFormat, Settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"REPARTO_{name.upper()}", raising=False)


def test_defaults_serve_this_machine_only():
    settings = Settings()
    assert settings.database_url == "sqlite:///reparto.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.import_root is None


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("REPARTO_DATABASE_URL", "sqlite:///other.db")
    monkeypatch.setenv("REPARTO_IMPORT_ROOT", "folders")
    monkeypatch.setenv("REPARTO_LOG_FORMAT", "json")
    settings = Settings()
    assert settings.database_url == "sqlite:///other.db"
    assert settings.import_root == Path("folders")
    assert settings.log_format is LogFormat.JSON


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "65536"), ("UPLOAD_MAX_BYTES", "0"), ("LOG_FORMAT", "xml")]
)
def test_nonsense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"REPARTO_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_clock_tells_utc():
    assert now().tzinfo is UTC
    assert abs((now() - datetime.now(UTC)).total_seconds()) < 60
