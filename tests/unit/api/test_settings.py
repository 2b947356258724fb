from datetime import UTC, datetime, timedelta
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
    assert settings.job_retention == timedelta(days=400)


def test_remote_services_are_the_public_ones_and_nobody_logs_in():
    settings = Settings()
    urls = (settings.datadis_url, settings.esios_url, settings.omie_url)
    assert [str(url) for url in urls] == [
        "https://datadis.es/",
        "https://api.esios.ree.es/",
        "https://www.omie.es/",
    ]
    secrets = (settings.datadis_username, settings.datadis_password, settings.esios_token)
    assert secrets == (None, None, None)


def test_secrets_come_from_the_environment_and_do_not_show(monkeypatch):
    for name in ("DATADIS_USERNAME", "DATADIS_PASSWORD", "ESIOS_TOKEN"):
        monkeypatch.setenv(f"REPARTO_{name}", "hush")
    settings = Settings()
    assert settings.esios_token is not None
    assert settings.esios_token.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("REPARTO_DATABASE_URL", "sqlite:///other.db")
    monkeypatch.setenv("REPARTO_IMPORT_ROOT", "folders")
    monkeypatch.setenv("REPARTO_LOG_FORMAT", "json")
    settings = Settings()
    assert settings.database_url == "sqlite:///other.db"
    assert settings.import_root == Path("folders")
    assert settings.log_format is LogFormat.JSON


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("UPLOAD_MAX_BYTES", "0"),
        ("LOG_FORMAT", "xml"),
        ("OMIE_URL", "omie"),
        ("JOB_RETENTION_DAYS", "0"),
        ("JOB_RETENTION_DAYS", "36501"),
    ],
)
def test_nonsense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"REPARTO_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_clock_tells_utc():
    assert now().tzinfo is UTC
    assert abs((now() - datetime.now(UTC)).total_seconds()) < 60
