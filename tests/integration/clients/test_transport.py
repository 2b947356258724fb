"""One way to ask a remote service: what is repeated, what is refused, what nobody gets to see."""

import gzip
import time
import traceback
from importlib.metadata import PackageNotFoundError

import pytest
from structlog.testing import capture_logs

from api.clients import transport
from api.clients.remote_errors import (
    RemoteNonsenseError,
    RemoteStatusError,
    RemoteUnreachableError,
    UnsafeAddressError,
)
from api.clients.transport import Transport, TransportLimits, name_agent
from api.settings import Settings
from models.values.errors import ErrorCode
from tests.support.remote_services import Reply, run_raw_service, unused_url

QUICK = TransportLimits(
    connect_seconds=2.0, read_seconds=0.3, total_seconds=0.5, most_bytes=100_000, attempts=3
)


@pytest.fixture
def connection(remote, slept):
    with Transport("Testel", remote.url, limits=QUICK, sleep=slept.append) as made:
        yield made


def test_a_body_comes_back_as_it_was_sent(remote, connection, slept):
    remote.answer("/thing", Reply(b"\x00\xff body"))
    body = connection.get("/thing", params={"a b": "ñ&", "n": 1}, headers={"x-own": "yes"})
    assert body == b"\x00\xff body"
    (asked,) = remote.asked
    assert (asked.method, asked.path, asked.params) == ("GET", "/thing", {"a b": "ñ&", "n": "1"})
    assert asked.headers["x-own"] == "yes"
    assert asked.headers["user-agent"] == "reparto/0.1.0"
    assert slept == []


def test_a_form_is_posted(remote, connection):
    remote.answer("/login", Reply(b"done"))
    assert connection.post_form("/login", {"user": "ñ", "word": "a&b=c"}) == b"done"
    (asked,) = remote.asked
    assert (asked.method, asked.params, asked.form) == ("POST", {}, {"user": "ñ", "word": "a&b=c"})


def test_the_address_may_hold_a_path(remote):
    remote.answer("/mirror/es/thing", Reply(b"1"))
    with Transport("Testel", f"{remote.url}/mirror/") as mirror:
        assert mirror.get("/es/thing") == b"1"


def test_a_copy_that_is_not_installed_names_no_version(monkeypatch):
    def find_nothing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(transport, "version", find_nothing)
    assert name_agent.__wrapped__() == "reparto"


def test_a_failure_that_passes_is_not_noticed(remote, connection, slept):
    remote.answer("/thing", Reply(status=500), Reply(status=503), Reply(b"1"))
    with capture_logs() as log:
        assert connection.get("/thing") == b"1"
    assert len(remote.asked) == 3
    first, second = slept
    assert 1.0 <= first <= 2.0
    assert 2.0 <= second <= 3.0
    assert [(entry["event"], entry["service"], entry["attempt"]) for entry in log] == [
        ("remote asked again", "Testel", 1),
        ("remote asked again", "Testel", 2),
    ]
    assert log[0]["reason"] == "Testel fails with HTTP status 500; ask again later"


def test_a_failure_that_stays_is_told_after_the_last_attempt(remote, connection, slept):
    remote.answer("/thing", Reply(status=502))
    with pytest.raises(RemoteStatusError) as caught:
        connection.get("/thing")
    assert (caught.value.service, caught.value.status) == ("Testel", 502)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert (len(remote.asked), len(slept)) == (3, 2)


def test_the_service_says_how_long_to_wait(remote, connection, slept):
    remote.answer(
        "/thing",
        Reply(status=429, headers={"retry-after": "7"}),
        Reply(status=503, headers={"retry-after": "9"}),
        Reply(b"1"),
    )
    assert connection.get("/thing") == b"1"
    assert slept == [7.0, 9.0]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["61", "9" * 400])
def test_a_wait_of_more_than_a_minute_is_left_to_the_caller(
    remote, connection, slept, status, after
):
    remote.answer("/thing", Reply(status=status, headers={"retry-after": after}))
    with pytest.raises(RemoteStatusError, match=f"ask again in {float(after):g} s") as caught:
        connection.get("/thing")
    assert caught.value.retry_after_seconds == float(after)
    assert (len(remote.asked), slept) == (1, [])


@pytest.mark.parametrize("after", ["", "soon", "-1", "1.5", "٣", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_cannot_be_read_is_none(remote, connection, slept, after):
    headers = [("retry-after", after.encode("utf-8"))] if after else []
    remote.answer("/thing", Reply(status=429, headers={k: v.decode("latin-1") for k, v in headers}))
    with pytest.raises(RemoteStatusError) as caught:
        connection.get("/thing")
    assert caught.value.retry_after_seconds is None
    assert str(caught.value) == "Testel refuses with HTTP status 429; ask again later"
    assert slept == []


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "check what was asked for"),
        (401, "check the credentials"),
        (403, "check the credentials and what they may see"),
        (404, "it has no data for this, or its address has changed"),
        (418, "check what was asked for"),
    ],
)
def test_a_refusal_is_never_asked_again(remote, connection, slept, status, advice):
    remote.answer("/thing", Reply(b"SECRET", status, {"retry-after": "1"} if status == 400 else {}))
    with pytest.raises(RemoteStatusError) as caught:
        connection.get("/thing")
    said = "ask again in 1 s" if status == 400 else advice
    assert str(caught.value) == f"Testel refuses with HTTP status {status}; {said}"
    assert (len(remote.asked), slept) == (1, [])


def test_a_late_answer_is_waited_for_only_so_long(remote, connection, slept):
    remote.answer("/thing", Reply(b"1", delay_seconds=0.5))
    with pytest.raises(RemoteUnreachableError, match="does not answer in time") as caught:
        connection.get("/thing")
    assert (caught.value.service, caught.value.code) == ("Testel", ErrorCode.UNAVAILABLE)
    assert len(slept) == 2


def test_an_answer_in_drops_is_cut_off(remote, slept):
    limits = TransportLimits(read_seconds=0.3, total_seconds=0.3, attempts=1)
    remote.answer("/thing", Reply(b"x", pieces=1_000, pause_seconds=0.05))
    with (
        Transport("Testel", remote.url, limits=limits, sleep=slept.append) as slow,
        pytest.raises(RemoteUnreachableError, match="does not answer in time"),
    ):
        slow.get("/thing")
    assert slept == []


def test_an_endless_answer_is_cut_off(remote, connection, slept):
    remote.answer("/thing", Reply(b"x" * 10_000, pieces=1_000_000))
    with pytest.raises(RemoteNonsenseError, match="larger than 100000 bytes") as caught:
        connection.get("/thing")
    assert caught.value.service == "Testel"
    assert (len(remote.asked), slept) == (1, [])


def test_an_answer_of_the_largest_size_is_taken(remote, connection):
    remote.answer("/exact", Reply(b"x" * 100_000))
    remote.answer("/more", Reply(b"x" * 100_001))
    assert len(connection.get("/exact")) == 100_000
    with pytest.raises(RemoteNonsenseError):
        connection.get("/more")


def test_nothing_is_unpacked(remote, connection):
    bomb = gzip.compress(b"0" * 50_000_000)
    remote.answer("/bomb", Reply(bomb, headers={"content-encoding": "gzip"}))
    remote.answer("/label", Reply(b"[1]", headers={"content-encoding": "gzip"}))
    assert connection.get("/bomb") == bomb
    assert connection.get("/label") == b"[1]"
    assert remote.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "target", ["https://SECRET.example/?token=SECRET", "/other?token=SECRET", "https://[::1", None]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused(remote, connection, slept, status, target):
    remote.answer("/thing", Reply(status=status, headers={"location": target} if target else {}))
    remote.answer("/other", Reply(b"1"))
    with pytest.raises(RemoteNonsenseError) as caught:
        connection.get("/thing", headers={"x-api-key": "SECRET"})
    assert str(caught.value) == (
        "Testel answers nonsense: it redirects to another address; check its address"
    )
    assert (len(remote.asked), slept) == (1, [])


def test_nobody_listens(slept):
    with (
        Transport("Testel", unused_url(), limits=QUICK, sleep=slept.append) as closed,
        pytest.raises(RemoteUnreachableError, match=r"no connection \(.*refused\)"),
    ):
        closed.get("/thing")
    assert len(slept) == 2


@pytest.mark.parametrize("words", [b"", b"SECRET is no HTTP\r\n\r\n"])
def test_a_connection_that_breaks_is_told_without_the_last_words(words):
    limits = TransportLimits(read_seconds=2.0, attempts=1)
    with (
        run_raw_service(words) as url,
        Transport("Testel", url, limits=limits) as broken,
        pytest.raises(RemoteUnreachableError, match="the connection broke") as caught,
    ):
        broken.get("/thing")
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


def test_a_service_without_tls_is_no_https(remote, slept):
    url = remote.url.replace("http", "https")
    with (
        Transport("Testel", url, limits=QUICK, sleep=slept.append) as plain,
        pytest.raises(RemoteUnreachableError, match=r"no connection \(.*SSL"),
    ):
        plain.get("/thing")
    assert remote.asked == []


def test_what_is_not_json_is_nonsense(connection):
    assert connection.parse_json(b'{"a": [1]}') == {"a": [1]}
    for body in (b"", b"<html>", b"\xff", b"{'a': 1}", b"NaN", b"[" * 100_000):
        with pytest.raises(RemoteNonsenseError, match="its answer is not JSON"):
            connection.parse_json(body)


def test_json_of_endless_values_is_not_parsed(remote):
    with Transport("Testel", remote.url, limits=TransportLimits(most_values=4)) as connection:
        assert connection.parse_json(b'{"a": [1, 2, 3]}') == {"a": [1, 2, 3]}
        with pytest.raises(RemoteNonsenseError, match="holds more than 4 values"):
            connection.parse_json(b'{"a": [1, 2, 3, 4]}')


def test_the_largest_answer_cannot_hold_endless_values(connection):
    body = b"[" + b"[]," * 8_000_000 + b"1]"
    begun = time.perf_counter()
    with pytest.raises(RemoteNonsenseError, match="holds more than 3000000 values"):
        connection.parse_json(body)
    assert time.perf_counter() - begun < 3.0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://datadis.es", "does not begin with https://"),
        ("http://10.0.0.1:80", "does not begin with https://"),
        ("ftp://127.0.0.1", "does not begin with https://"),
        ("datadis.es", "does not begin with https://"),
        ("", "does not begin with https://"),
        ("https://", "names no host"),
        ("https://user:SECRET@datadis.es", "carries a name or password"),
        ("https://[::1", "is not a web address"),
    ],
)
def test_an_address_that_would_show_secrets_is_refused(url, reason):
    with pytest.raises(UnsafeAddressError) as caught:
        Transport("Testel", url)
    assert (caught.value.service, caught.value.reason) == ("Testel", reason)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("name", ["datadis_url", "esios_url", "omie_url"])
def test_the_public_addresses_are_safe(name):
    Transport("Testel", str(Settings.model_fields[name].default)).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_this_machine_is_reached_without_tls(host):
    Transport("Testel", f"http://{host}:8000").close()


def test_this_machine_is_reached_without_a_proxy(remote, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, unused_url())
    remote.answer("/thing", Reply(b"1"))
    with Transport("Testel", remote.url, limits=QUICK) as direct:
        assert direct.get("/thing") == b"1"


def test_other_machines_are_reached_through_the_proxy_of_the_environment(
    remote, monkeypatch, slept
):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, remote.url)
    limits = TransportLimits(attempts=1)
    with (
        Transport("Testel", "https://testel.invalid", limits=limits, sleep=slept.append) as far,
        pytest.raises(RemoteUnreachableError, match="the connection broke"),
    ):
        far.get("/thing")
