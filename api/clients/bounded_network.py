"""The network with bounds: no step of an attempt takes more time or bytes than are left of it.

What limits a single read says nothing of how many reads there are: a service that sends one byte
at a time, or preliminary answers without end, would hold its caller for ever.
"""

import socket
import time
from collections.abc import Iterable, Iterator
from ssl import SSLContext
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from api.clients.remote_errors import RemoteNonsenseError

MOST_HEAD_BYTES = 1 << 18
"""Bytes before the content of an answer; of one head, ``h11`` takes less than half of it."""

_IDLE_SECONDS = 5.0


class Allowance:
    """Time and bytes that an attempt has left; one attempt at a time."""

    def __init__(self, service: str, seconds: float) -> None:
        self._service = service
        self._seconds = seconds
        self._ends_at = 0.0
        self._bytes_left = 0

    def begin(self) -> None:
        """Begin an attempt."""
        self._ends_at = time.monotonic() + self._seconds
        self._bytes_left = MOST_HEAD_BYTES

    def expect_content(self, most_bytes: int) -> None:
        """Let content follow, in pieces that are labelled with as many bytes again at most."""
        self._bytes_left += 2 * most_bytes

    def shorten(self, timeout: float | None) -> float:
        """Give a step no more seconds than are left."""
        left = self._ends_at - time.monotonic()
        if left <= 0.0:
            raise httpcore.TimeoutException("the attempt has taken all its time")
        return left if timeout is None else min(timeout, left)

    def spend(self, n_bytes: int) -> None:
        """Take bytes off."""
        self._bytes_left -= n_bytes
        if self._bytes_left < 0:
            raise RemoteNonsenseError(
                self._service, "it sends more around its answer than one needs"
            )


class BoundedTransport(httpx.BaseTransport):
    """Carries requests within an allowance, through a proxy if one is given."""

    def __init__(
        self, allowance: Allowance, proxy: httpx.Proxy | None, ssl_context: SSLContext
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            proxy=None if proxy is None else httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth),
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_BoundedBackend(allowance),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of its answer; errors are those of httpcore."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Content(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def find_proxy(url: httpx.URL) -> httpx.Proxy | None:
    """Find the proxy that the environment names for an address."""
    named = getproxies()
    proxy = named.get(url.scheme) or named.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    return httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")


class _Content(httpx.SyncByteStream):
    """The content of an answer, as httpx wants it."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _BoundedBackend(httpcore.NetworkBackend):
    """Makes connections within an allowance."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers; a name may have very many."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _find_addresses(host, port):
            seconds = self._allowance.shorten(timeout)
            try:
                stream = self._backend.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream, self._allowance)
        raise failure


def _find_addresses(host: str, port: int) -> list[str]:
    """Look a name up, for as long as the system's resolver takes."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter for a name that cannot be one
        raise httpcore.ConnectError(str(error)) from error
    return [str(address[0]) for *_, address in found]


class _BoundedStream(httpcore.NetworkStream):
    """Reads and writes within an allowance."""

    def __init__(self, stream: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        piece = self._stream.read(max_bytes, self._allowance.shorten(timeout))
        self._allowance.spend(len(piece))
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._stream.write(buffer, self._allowance.shorten(timeout))

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        seconds = self._allowance.shorten(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _BoundedStream(stream, self._allowance)

    def get_extra_info(self, info: str) -> Any:
        """Tell what is asked about the connection."""
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
