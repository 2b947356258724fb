"""Whatever goes wrong: no error and no log line tells a secret, a person or a supply point."""

import io
import logging
import traceback
from contextlib import redirect_stderr
from datetime import UTC, date, datetime

import pytest
import structlog
from pydantic import SecretStr

from api.clients.datadis import ConsumptionQuery, DatadisAccount, DatadisClient
from api.clients.esios import fetch_indicator
from api.clients.transport import Transport, TransportLimits
from api.logs import configure_logs
from api.settings import LogFormat, Settings
from models.values.cups import Cups
from models.values.errors import CommunityError
from tests.support.datadis import API, LOGIN, QueriesInMemory, make_token
from tests.support.remote_services import Reply, unused_url

PASSWORD, TOKEN, ESIOS_TOKEN = "correct-horse", make_token("bearer"), "a-personal-token"
USER, NIF, CUPS = "12345678Z", "00000000T", "ES0021000000000001RK0F"
HIDDEN = (PASSWORD, TOKEN, ESIOS_TOKEN, USER, NIF, CUPS)
ECHO = " ".join(HIDDEN).encode()
"""What a remote may throw back in our face."""

LIMITS = TransportLimits(read_seconds=0.1, total_seconds=0.2, most_bytes=10_000, attempts=2)
FAULTS = {
    "refused": Reply(ECHO, 400),
    "unauthorized": Reply(ECHO, 401),
    "missing": Reply(ECHO, 404),
    "too many": Reply(ECHO, 429),
    "too many for long": Reply(ECHO, 429, {"retry-after": "3600"}),
    "down": Reply(ECHO, 500),
    "busy": Reply(ECHO, 503, {"retry-after": "1"}),
    "elsewhere": Reply(ECHO, 302, {"location": f"https://{USER}.example/?k={ESIOS_TOKEN}"}),
    "elsewhere or so": Reply(ECHO, 302, {"location": f"https://host:{ESIOS_TOKEN}/"}),
    "page": Reply(ECHO),
    "number": Reply(b"7"),
    "late": Reply(ECHO, delay_seconds=0.3),
    "drops": Reply(ECHO, pieces=100, pause_seconds=0.05),
    "endless": Reply(ECHO, pieces=1_000_000),
}


@pytest.fixture
def own_log(monkeypatch):
    """Put the log back as it was; a logger that has written once keeps its form."""
    monkeypatch.setattr("api.clients.transport._log", structlog.get_logger())
    names = ("", "alembic", "httpx")
    loggers = [logging.getLogger(name) for name in names]
    handlers, levels = loggers[0].handlers, [logger.level for logger in loggers]
    yield
    loggers[0].handlers = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    structlog.reset_defaults()


def ask_datadis(url: str, slept: list[float]) -> None:
    account = DatadisAccount(SecretStr(USER), SecretStr(PASSWORD))
    month = date(2026, 3, 1)
    query = ConsumptionQuery(Cups(CUPS), "8", month, month, point_type=5, authorized_nif=NIF)
    with Transport("Datadis", url, limits=LIMITS, sleep=slept.append) as transport:
        DatadisClient(
            transport,
            account,
            ledger=QueriesInMemory(),
            clock=lambda: datetime(2026, 4, 2, tzinfo=UTC),
        ).fetch_consumption(query)


def ask_esios(url: str, slept: list[float]) -> None:
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    with Transport("ESIOS", url, limits=LIMITS, sleep=slept.append) as transport:
        fetch_indicator(
            transport,
            SecretStr(ESIOS_TOKEN),
            indicator_id=1001,
            start=start,
            end=end,
            geo_id=8741,
        )


def tell_failure(ask, url: str, slept: list[float]) -> str:
    """Let a call fail, log it, and give all that anybody could read of it."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        configure_logs(LogFormat.JSON)
        with pytest.raises(CommunityError) as caught:
            ask(url, slept)
        structlog.get_logger("test").error("failed", exc_info=caught.value)
    error = caught.value
    told = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    return stream.getvalue() + "".join(told)


def assert_nothing_hidden(text: str) -> None:
    assert "failed" in text
    for hidden in HIDDEN:
        assert hidden not in text


@pytest.mark.parametrize("fault", FAULTS)
def test_a_query_that_fails_tells_no_secret(remote, slept, own_log, fault):
    remote.answer(LOGIN, Reply(TOKEN.encode()))
    remote.answer(f"{API}get-consumption-data-v2", FAULTS[fault])
    assert_nothing_hidden(tell_failure(ask_datadis, remote.url, slept))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_login_that_fails_tells_no_secret(remote, slept, own_log, fault):
    remote.answer(LOGIN, FAULTS[fault])
    assert_nothing_hidden(tell_failure(ask_datadis, remote.url, slept))


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"number"}))
def test_an_indicator_that_fails_tells_no_secret(remote, slept, own_log, fault):
    remote.answer("/indicators/1001", FAULTS[fault])
    assert_nothing_hidden(tell_failure(ask_esios, remote.url, slept))


@pytest.mark.parametrize("ask", [ask_datadis, ask_esios])
def test_a_remote_that_is_down_learns_and_tells_nothing(slept, own_log, ask):
    assert_nothing_hidden(tell_failure(ask, unused_url(), slept))


def test_the_log_does_not_tell_addresses_of_calls_that_succeed(remote, slept, own_log):
    remote.answer(LOGIN, Reply(TOKEN.encode()))
    remote.answer(f"{API}get-consumption-data-v2", Reply(b"[]"))
    stream = io.StringIO()
    with redirect_stderr(stream):
        configure_logs(LogFormat.CONSOLE)
        ask_datadis(remote.url, slept)
        structlog.get_logger("test").error("failed")
    assert len(remote.asked) == 2
    assert_nothing_hidden(stream.getvalue())


def test_not_even_the_log_of_everything_tells_a_secret(remote, slept, caplog):
    remote.answer(LOGIN, Reply(TOKEN.encode()))
    remote.answer(f"{API}get-consumption-data-v2", Reply(b"[]"))
    # A command that ran before in this process may have quieted it.
    with caplog.at_level(logging.DEBUG, logger="httpx"), caplog.at_level(logging.DEBUG):
        ask_datadis(remote.url, slept)
    assert "HTTP Request" in caplog.text
    for secret in (PASSWORD, TOKEN, USER):
        assert secret not in caplog.text


def test_settings_show_no_secrets():
    settings = Settings(
        datadis_username=SecretStr(USER),
        datadis_password=SecretStr(PASSWORD),
        esios_token=SecretStr(ESIOS_TOKEN),
    )
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    for secret in (USER, PASSWORD, ESIOS_TOKEN):
        assert secret not in shown
