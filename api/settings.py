"""What an operator can set, by ``REPARTO_`` variables; read once, at the edge."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.values.errors import InvalidArgumentError

_PREFIX = "REPARTO_"


class InvalidSettingError(InvalidArgumentError):
    """An environment variable holds what it cannot mean."""


class LogFormat(StrEnum):
    """Who reads the log."""

    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    database_url: str = "sqlite:///reparto.db"
    data_dir: Path = Path("reparto-data")
    """Folder of uploaded files."""
    import_root: Path | None = None
    """Folder below which a caller may name a community folder to import; none by default."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    log_format: LogFormat = LogFormat.CONSOLE
    upload_max_bytes: int = Field(default=200_000_000, gt=0)
    """Largest file that is taken."""
    job_lease_seconds: float = Field(default=60.0, ge=1.0)
    """How long a job stays with a worker that shows no sign of life."""
    job_retention_days: int = Field(default=400, ge=1, le=36_500)
    """How long a job that has ended is kept, if nothing refers to it."""
    fetches_prices: bool = False
    """Whether prices are fetched every day for the communities that have hourly ones."""
    datadis_username: SecretStr | None = None
    """NIF under which metering data are fetched from Datadis; none are without it."""
    datadis_password: SecretStr | None = None
    """Password that belongs to it."""
    datadis_url: HttpUrl = HttpUrl("https://datadis.es")
    """Where Datadis answers, or a mirror of it."""
    esios_token: SecretStr | None = None
    """Personal token for the indicators of ESIOS; its daily PVPC files need none."""
    esios_url: HttpUrl = HttpUrl("https://api.esios.ree.es")
    """Where ESIOS answers, or a mirror of it."""
    redata_url: HttpUrl = HttpUrl("https://apidatos.ree.es")
    """Where REData answers, or a mirror of it."""
    omie_url: HttpUrl = HttpUrl("https://www.omie.es")
    """Where OMIE answers, or a mirror of it."""

    @property
    def job_lease(self) -> timedelta:
        """The lease as a span of time."""
        return timedelta(seconds=self.job_lease_seconds)

    @property
    def job_retention(self) -> timedelta:
        """The time for which ended jobs are kept as a span."""
        return timedelta(days=self.job_retention_days)


def read_settings() -> Settings:
    """Read the environment, or say which variable is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{_PREFIX}{'_'.join(map(str, fault['loc']))}".upper() + f": {fault['msg']}"
            for fault in error.errors()
        ]
        raise InvalidSettingError("; ".join(faults)) from error
