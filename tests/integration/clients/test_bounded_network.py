"""Services that would hold a caller for ever, and what stands between: addresses, proxies, TLS."""

import socket
import ssl
import time

import httpx
import pytest

from api.clients.bounded_network import find_proxy
from api.clients.remote_errors import RemoteNonsenseError, RemoteUnreachableError
from api.clients.transport import Transport, TransportLimits
from tests.support.certificates import write_certificate
from tests.support.remote_services import Reply, run_raw_service

LOCAL = "127.0.0.1"
SOON = TransportLimits(connect_seconds=0.3, read_seconds=0.2, total_seconds=0.3, attempts=1)


def forget_proxies(monkeypatch):
    """Take the proxies of the machine that tests run on out of the environment."""
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.mark.parametrize(
    ("words", "drop"),
    [
        (b"HTTP/1.1 ", b"2"),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", b"x"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
    ids=["status", "headers", "continue", "hints", "extension", "trailers", "body"],
)
def test_whatever_comes_in_drops_is_cut_off(words, drop):
    with (
        run_raw_service(words, drop, pause_seconds=0.02) as url,
        Transport("Testel", url, limits=SOON) as slow,
    ):
        begun = time.perf_counter()
        with pytest.raises(RemoteUnreachableError, match="does not answer in time"):
            slow.get("/thing")
        assert time.perf_counter() - begun < 5.0


@pytest.mark.parametrize("head", [b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.1 103 \r\nx: y\r\n\r\n"])
def test_endless_answers_before_the_answer_are_cut_off(head, slept):
    limits = TransportLimits(total_seconds=20.0, attempts=2)
    with (
        run_raw_service(b"", head * 1_000) as url,
        Transport("Testel", url, limits=limits, sleep=slept.append) as flood,
    ):
        begun = time.perf_counter()
        with pytest.raises(RemoteNonsenseError, match="more around its answer than one needs"):
            flood.get("/thing")
        assert time.perf_counter() - begun < 5.0
    assert slept == []


def test_endless_bytes_between_the_pieces_of_an_answer_are_cut_off():
    limits = TransportLimits(total_seconds=20.0, most_bytes=10_000, attempts=1)
    words = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    with (
        run_raw_service(words, b"1;" + b"x" * 50_000 + b"\r\n7\r\n") as url,
        Transport("Testel", url, limits=limits) as flood,
        pytest.raises(RemoteNonsenseError, match="more around its answer than one needs"),
    ):
        flood.get("/thing")


def test_an_early_answer_before_the_answer_is_passed_over():
    early = b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n" * 10
    with (
        run_raw_service(early + b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7") as url,
        Transport("Testel", url, limits=SOON) as patient,
    ):
        assert patient.get("/thing") == b"7"


def test_every_attempt_has_its_own_time(remote, slept):
    limits = TransportLimits(total_seconds=0.3, attempts=3)
    late = Reply(b"1", delay_seconds=0.2)
    remote.answer("/thing", late, late, late)
    with Transport("Testel", remote.url, limits=limits, sleep=slept.append) as connection:
        assert [connection.get("/thing") for _ in range(3)] == [b"1"] * 3
    assert slept == []


def test_many_addresses_that_do_not_answer_share_the_time(monkeypatch):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        found = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
        find = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *rest, **more: (
                found * 20 if host == "localhost" else find(host, *rest, **more)
            ),
        )
        limits = TransportLimits(connect_seconds=0.1, total_seconds=0.3, attempts=1)
        # one connection that nobody accepts fills the queue; the system drops what comes after it
        with (
            socket.create_connection(("127.0.0.1", port)),
            Transport("Testel", f"http://localhost:{port}", limits=limits) as far,
        ):
            begun = time.perf_counter()
            with pytest.raises(RemoteUnreachableError, match="does not answer in time"):
                far.get("/thing")
            assert time.perf_counter() - begun < 5.0


def test_a_host_is_reached_by_whichever_address_answers(remote, monkeypatch):
    port = int(remote.url.rsplit(":", 1)[1])
    find = socket.getaddrinfo
    found = find("127.0.0.2", port, type=socket.SOCK_STREAM) + find("127.0.0.1", port)
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: found if host == "localhost" else find(host, *rest, **more),
    )
    remote.answer("/thing", Reply(b"1"))
    with Transport("Testel", f"http://localhost:{port}", limits=SOON) as connection:
        assert connection.get("/thing") == b"1"


@pytest.mark.parametrize(
    "failure",
    [socket.gaierror(socket.EAI_NONAME, "not known"), UnicodeError("not known: label too long")],
)
def test_a_host_that_nobody_knows_is_told(monkeypatch, failure):
    def find_nothing(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)
    limits = TransportLimits(attempts=1)
    with (
        Transport("Testel", "http://localhost:1", limits=limits) as lost,
        pytest.raises(RemoteUnreachableError, match=r"no connection \(.*not known"),
    ):
        lost.get("/thing")


@pytest.fixture
def encryption(tmp_path, monkeypatch):
    """Encrypt as a host that this machine plays and that the environment trusts."""
    written = tmp_path / "testel.pem"
    write_certificate(written, "testel.test")
    forget_proxies(monkeypatch)
    monkeypatch.setenv("SSL_CERT_FILE", str(written))
    find = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: find(LOCAL, *rest, **more))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written)
    return context


def test_an_encrypted_answer_comes_back(encryption):
    words = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7"
    with (
        run_raw_service(words, tls=encryption) as url,
        Transport("Testel", url.replace(f"http://{LOCAL}", "https://testel.test")) as secret,
    ):
        assert secret.get("/thing") == b"7"


def test_an_encrypted_answer_in_drops_is_cut_off(encryption):
    with (
        run_raw_service(b"HTTP/1.1 ", b"2", pause_seconds=0.02, tls=encryption) as url,
        Transport(
            "Testel", url.replace(f"http://{LOCAL}", "https://testel.test"), limits=SOON
        ) as slow,
    ):
        begun = time.perf_counter()
        with pytest.raises(RemoteUnreachableError, match="does not answer in time"):
            slow.get("/thing")
        assert time.perf_counter() - begun < 5.0


@pytest.mark.parametrize(
    ("environment", "url", "auth"),
    [
        ({}, None, None),
        ({"HTTPS_PROXY": "http://proxy.es:3128"}, "http://proxy.es:3128", None),
        ({"https_proxy": "proxy.es:3128"}, "http://proxy.es:3128", None),
        ({"ALL_PROXY": "http://proxy.es"}, "http://proxy.es", None),
        ({"HTTP_PROXY": "http://proxy.es"}, None, None),
        ({"HTTPS_PROXY": "http://a:b@proxy.es"}, "http://proxy.es", (b"a", b"b")),
        ({"HTTPS_PROXY": "http://proxy.es", "NO_PROXY": "testel.es"}, None, None),
        ({"HTTPS_PROXY": "http://proxy.es", "NO_PROXY": "other.es,.testel.es"}, None, None),
        ({"HTTPS_PROXY": "http://proxy.es", "NO_PROXY": "*"}, None, None),
        ({"HTTPS_PROXY": "http://proxy.es", "NO_PROXY": "other.es"}, "http://proxy.es", None),
    ],
)
def test_the_proxy_is_the_one_of_the_environment(monkeypatch, environment, url, auth):
    forget_proxies(monkeypatch)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = find_proxy(httpx.URL("https://api.testel.es/path"))
    assert (proxy and (str(proxy.url), proxy.raw_auth)) == (url and (url, auth))
