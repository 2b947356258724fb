"""What an operator can set, by ``REPARTO_`` variables; read once, at the edge."""

from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.clients.smtp import MailSecurity
from models.values.email_address import UnfitEmailError, check_email
from models.values.errors import InvalidArgumentError, InvalidIdentifierError
from models.values.language import Language
from models.values.nif import Nif

_PREFIX = "REPARTO_"


class InvalidSettingError(InvalidArgumentError):
    """An environment variable holds what it cannot mean.

    Attributes
    ----------
    faults : tuple of str
        What is wrong with each.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class LogFormat(StrEnum):
    """Who reads the log."""

    CONSOLE = "console"
    JSON = "json"


class TaxAgency(StrEnum):
    """Which machines of the tax agency an invoice leads to."""

    PRODUCTION = "production"
    TEST = "test"


def _check_nif(text: str) -> str:
    """Refuse what is no tax number, in the way of settings."""
    try:
        return str(Nif(text))
    except InvalidIdentifierError as error:
        raise ValueError(str(error)) from error


def _check_email(text: str) -> str:
    """Refuse what is no address of electronic mail, in the way of settings."""
    try:
        check_email(text)
    except UnfitEmailError as error:
        raise ValueError(str(error)) from error
    return text


def _check_printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("needs printable characters")
    return text


_Printable = AfterValidator(_check_printable)


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    database_url: str = "sqlite:///reparto.db"
    data_dir: Path = Path("reparto-data")
    """Folder of uploaded files."""
    secret_keys: SecretStr | None = None
    """Secrets under which personal data are sealed, ``1:BASE64 2:BASE64``; kept in a file else."""
    promoters_need_second_factor: bool = False
    """Whether promoters' admins and staff may do nothing before they set up a second factor."""
    import_root: Path | None = None
    """Folder below which a caller may name a community folder to import; none by default."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    log_format: LogFormat = LogFormat.CONSOLE
    language: Language = Language.ENGLISH
    """Language of commands, and of files that are asked for without naming one."""
    upload_max_bytes: int = Field(default=200_000_000, gt=0)
    """Largest file that is taken."""
    trusted_hosts: str = ""
    """Names under which the server answers, with spaces between; ``*.`` for any below. Else any."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses of proxies whose word counts about who calls and how, with commas between."""
    public_url: HttpUrl | None = None
    """Where people reach this installation, such as ``https://reparto.example.org``."""
    public_introspection: bool = False
    """Whether the schema is told to callers who do not say who they are."""
    documents_dir: Path | None = None
    """Folder of GraphQL documents that callers may name by their SHA-256."""
    metrics_token: SecretStr | None = None
    """What whoever reads ``/metrics`` shows; nobody can without it."""
    telemetry_url: HttpUrl | None = None
    """Where a collector takes spans as OTLP over HTTP; they are not measured without one."""
    cost_per_minute: int = Field(default=20_000_000, gt=0)
    """What a token or an account may ask for in a minute, in the cost of documents."""
    public_cost_per_minute: int = Field(default=60_000, gt=0)
    """What an address may ask for in a minute whose caller does not say who it is."""
    sign_ups_per_hour: int = Field(default=20, gt=0)
    """How many people may sign up for communities from one network in an hour."""
    sign_ins_per_hour: int = Field(default=600, gt=0)
    """How often one network may try to sign in with a password in an hour."""
    download_link_minutes: int = Field(default=15, ge=1, le=1_440)
    """How long the signed link of a file opens it."""
    job_lease_seconds: float = Field(default=60.0, ge=1.0)
    """How long a job stays with a worker that shows no sign of life."""
    job_retention_days: int = Field(default=400, ge=1, le=36_500)
    """How long a job that has ended is kept, if nothing refers to it."""
    fetches_prices: bool = False
    """Whether prices are fetched every day for the communities that have hourly ones."""
    openid_issuer: Annotated[str, Field(max_length=300), _Printable] | None = None
    """OpenID provider with which people may sign in; none by default."""
    openid_client_id: Annotated[str, Field(max_length=200), _Printable] | None = None
    """As whom this installation is registered there."""
    openid_client_secret: SecretStr | None = None
    """What proves it; a client without one is public."""
    openid_scopes: Annotated[str, Field(max_length=200), _Printable] = "openid email"
    """What is asked for, with spaces between; ``email`` links accounts at their first sign-in."""
    openid_allows_loopback: bool = False
    """Whether the provider may be this very machine, without TLS: for tests."""
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
    """Where REData answers, or a mirror of it."""
    omie_url: HttpUrl = HttpUrl("https://www.omie.es")
    """Where OMIE answers, or a mirror of it."""
    billing_system_name: Annotated[str, Field(max_length=30), _Printable] = "reparto"
    """Name of the invoicing software, as its declaration of conformity has it."""
    billing_system_id: Annotated[str, Field(max_length=2), _Printable] = "RE"
    """The producer's code of it."""
    billing_system_version: Annotated[str, Field(max_length=50), _Printable] = version("reparto")
    """Its version."""
    billing_installation: Annotated[str, Field(max_length=100), _Printable] | None = None
    """Number of this installation; no invoice is issued without it."""
    billing_producer_name: Annotated[str, Field(max_length=120), _Printable] | None = None
    """Who made the software and declares that it conforms; no invoice is issued without it."""
    billing_producer_nif: Annotated[str, AfterValidator(_check_nif)] | None = None
    """NIF of the same."""
    invoice_qr_host: TaxAgency = TaxAgency.PRODUCTION
    """Where the QR of an invoice leads."""
    smtp_host: str | None = None
    """Mail server; e-mails wait without one."""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    """Its port: 587 for STARTTLS, 465 for TLS, 25 for neither by default."""
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    """How the way there is encrypted; not at all only on this very machine."""
    smtp_username: SecretStr | None = None
    """Name to log in with; nobody logs in without it and the password."""
    smtp_password: SecretStr | None = None
    """Password that belongs to it."""
    smtp_from: Annotated[str, AfterValidator(_check_email)] | None = None
    """Address in whose name e-mails go out; they wait without one."""
    smtp_from_name: Annotated[str, Field(max_length=120), _Printable] | None = None
    """Name that mail programs show with it, such as the issuer's; the bare address without one."""
    smtp_timeout_seconds: float = Field(default=60.0, ge=1.0, le=600.0)
    """How long to wait for each answer of the mail server."""
    tax_agency_sends: bool = False
    """Whether records of invoices are sent to the tax agency; else they are stored as if."""
    tax_agency_url: HttpUrl = HttpUrl(
        "https://www1.agenciatributaria.gob.es/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP"
    )
    """Where the tax agency takes them; ``prewww1.aeat.es`` for tests."""
    tax_agency_certificate: Path | None = None
    """PKCS#12 file of who sends; nothing is sent without it."""
    tax_agency_certificate_password: SecretStr | None = None
    """What opens it."""
    facturae_certificate: Path | None = None
    """PKCS#12 file of who signs invoices to public bodies; the same as above without it."""
    facturae_certificate_password: SecretStr | None = None
    """What opens it."""

    @property
    def download_link_life(self) -> timedelta:
        """The life of a signed link as a span of time."""
        return timedelta(minutes=self.download_link_minutes)

    @property
    def job_lease(self) -> timedelta:
        """The lease as a span of time."""
        return timedelta(seconds=self.job_lease_seconds)

    @property
    def job_retention(self) -> timedelta:
        """The time for which ended jobs are kept as a span."""
        return timedelta(days=self.job_retention_days)


def variable_of(name: str) -> str:
    """Name the variable that sets a field."""
    return f"{_PREFIX}{name}".upper()


def read_settings() -> Settings:
    """Read the environment, or say which variable is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{variable_of('_'.join(map(str, fault['loc'])))}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise InvalidSettingError(*faults) from error
