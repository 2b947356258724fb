"""Requests to one remote service: bounded in time and size, repeated only where that can help."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

import httpcore
import httpx
import orjson
import structlog
import tenacity
from tenacity import RetryCallState

from api.clients.bounded_network import Allowance, BoundedTransport, find_proxy
from api.clients.client_certificates import ClientCertificate, present_certificate
from api.clients.loopback import is_local
from api.clients.remote_errors import (
    RemoteNonsenseError,
    RemoteStatusError,
    RemoteUnreachableError,
    UnsafeAddressError,
)
from models.values.json_size import MOST_JSON_VALUES, bound_json_values

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, _JITTER_SECONDS = 1.0, 60.0, 1.0
_SUCCESSES, _REDIRECTS, _SERVER_FAULTS = range(200, 300), range(300, 400), range(500, 600)
_FAULT, _TOO_MANY_REQUESTS = 500, 429
_TAKES_FAULTS = "takes_faults"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """How long to wait for a remote service, how often, and how much to take from it.

    Attributes
    ----------
    connect_seconds : float
        For a connection [s].
    read_seconds : float
        For the next bytes of an answer [s].
    total_seconds : float
        For the whole of an attempt, connection and answer [s].
    most_bytes : int
        Bytes of one answer.
    most_values : int
        Values of one answer that is JSON.
    attempts : int
        Requests before a failure that may pass is taken for one.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 120.0
    most_bytes: int = 1 << 25
    most_values: int = MOST_JSON_VALUES
    attempts: int = 4


class Transport:
    """A connection to one service, to be closed after use.

    Proxies and certificates are those that the environment names (``HTTPS_PROXY``, ``NO_PROXY``,
    ``SSL_CERT_FILE``), as for every other program of the machine; what listens on the machine
    itself is reached without a proxy. Redirects are never followed: a secret goes nowhere but to
    the service that it is for.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        *,
        limits: TransportLimits | None = None,
        certificate: ClientCertificate | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare requests to a service, by its name for people and the address before every path.

        A certificate says who we are, to a service that asks for one.

        Raises
        ------
        UnsafeAddressError
            If the address is not HTTPS (nor this machine's own), or carries a name or password.
        """
        self.service = service
        self._limits = limits or TransportLimits()
        url = _check_address(service, base_url)
        reaches_itself = is_local(url.host)
        ssl_context = httpx.create_ssl_context(trust_env=not reaches_itself)
        if certificate is not None:
            present_certificate(ssl_context, certificate)
        self._allowance = Allowance(service, self._limits.total_seconds)
        self._session = httpx.Client(
            base_url=url,
            # What answers are labelled with is not always how they are packed, and a packed
            # answer can grow a thousandfold: none is asked for and none is unpacked.
            headers={"user-agent": name_agent(), "accept-encoding": "identity"},
            timeout=httpx.Timeout(self._limits.read_seconds, connect=self._limits.connect_seconds),
            follow_redirects=False,
            # A hook, because httpx reads where a redirect leads even if it does not follow.
            event_hooks={"response": [self._check_status]},
            transport=BoundedTransport(
                self._allowance, None if reaches_itself else find_proxy(url), ssl_context
            ),
        )
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            wait=_choose_wait,
            stop=tenacity.stop_after_attempt(self._limits.attempts),
            before_sleep=self._note_retry,
            sleep=sleep,
            reraise=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Get the body of a successful answer.

        Raises
        ------
        RemoteUnreachableError
            If no whole answer comes in time.
        RemoteStatusError
            If the service refuses or fails.
        RemoteNonsenseError
            If it redirects, or its answer is larger than allowed.
        """
        return self._retrying(self._attempt, "GET", path, params=params, headers=headers)

    def post_form(
        self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Post a form and give the body of a successful answer; raises as ``get`` does."""
        return self._retrying(self._attempt, "POST", path, data=form, headers=headers)

    def post_soap(self, path: str, message: bytes) -> bytes:
        """Post a SOAP 1.1 message once, and give the body of an answer, which may be a fault.

        It is never repeated: whether the service has it is unknown when no answer comes. Raises as
        ``get`` does.
        """
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
        content = {"content": message, "headers": headers, "extensions": {_TAKES_FAULTS: True}}
        return self._attempt("POST", path, **content)

    def parse_json(self, body: bytes) -> Any:
        """Read a body as JSON, or say that the service answers with something else.

        Raises
        ------
        RemoteNonsenseError
            If it is not JSON, or of more values than allowed.
        """
        if bound_json_values(body) > self._limits.most_values:
            reason = f"its answer holds more than {self._limits.most_values} values"
            raise RemoteNonsenseError(self.service, reason)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise RemoteNonsenseError(self.service, "its answer is not JSON") from error

    def _attempt(self, method: str, path: str, **content: Any) -> bytes:
        """Make one request."""
        self._allowance.begin()
        try:
            with self._session.stream(method, path, **content) as response:
                return self._read(response)
        except httpcore.TimeoutException as error:
            raise RemoteUnreachableError(self.service, "it does not answer in time") from error
        except httpcore.ConnectError as error:
            raise RemoteUnreachableError(self.service, f"no connection ({error})") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError):
            # What broke the protocol may be quoted, and the service knows our secrets.
            raise RemoteUnreachableError(self.service, "the connection broke") from None

    def _check_status(self, response: httpx.Response) -> None:
        """Pass on successes only."""
        status = response.status_code
        takes_faults = response.request.extensions.get(_TAKES_FAULTS, False)
        if status in _SUCCESSES or (takes_faults and status == _FAULT):
            return
        if status in _REDIRECTS:
            raise RemoteNonsenseError(self.service, "it redirects to another address")
        raise RemoteStatusError(self.service, status, _read_retry_after(response))

    def _read(self, response: httpx.Response) -> bytes:
        """Take the body as it comes, until it is too much."""
        self._allowance.expect_content(self._limits.most_bytes)
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > self._limits.most_bytes:
                reason = f"its answer is larger than {self._limits.most_bytes} bytes"
                raise RemoteNonsenseError(self.service, reason)
        return bytes(body)

    def _note_retry(self, state: RetryCallState) -> None:
        """Log that a request will be repeated, and why; never what it holds."""
        _log.warning(
            "remote asked again",
            service=self.service,
            attempt=state.attempt_number,
            seconds=round(state.upcoming_sleep, 1),
            reason=str(_failure_of(state)),
        )


@cache
def name_agent() -> str:
    """Say who asks; a copy that runs from its folder does not know its version."""
    try:
        return f"reparto/{version('reparto')}"
    except PackageNotFoundError:
        return "reparto"


def _check_address(service: str, base_url: str) -> httpx.URL:
    """Refuse an address that would show secrets."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise UnsafeAddressError(service, "is not a web address") from error
    if url.userinfo:
        raise UnsafeAddressError(service, "carries a name or password")
    if url.scheme != "https" and not (url.scheme == "http" and is_local(url.host)):
        raise UnsafeAddressError(service, "does not begin with https://")
    if not url.host:
        raise UnsafeAddressError(service, "names no host")
    return url


def _read_retry_after(response: httpx.Response) -> float | None:
    """Read how many seconds the service asks to wait; a date is taken for no answer."""
    text = response.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdecimal() else None


def _may_pass(error: BaseException) -> bool:
    """Tell whether the same request may succeed within a minute."""
    if isinstance(error, RemoteUnreachableError):
        return True
    if not isinstance(error, RemoteStatusError):
        return False
    if error.retry_after_seconds is None:
        return error.status in _SERVER_FAULTS
    is_soon = error.retry_after_seconds <= _LONGEST_WAIT_SECONDS
    return is_soon and (error.status == _TOO_MANY_REQUESTS or error.status in _SERVER_FAULTS)


_back_off = tenacity.wait_exponential_jitter(
    initial=_FIRST_WAIT_SECONDS, max=_LONGEST_WAIT_SECONDS, jitter=_JITTER_SECONDS
)


def _choose_wait(state: RetryCallState) -> float:
    """Wait twice as long each time, with some chance in it, but never less than was asked for."""
    failure = _failure_of(state)
    asked = failure.retry_after_seconds if isinstance(failure, RemoteStatusError) else None
    return max(_back_off(state), asked or 0.0)


def _failure_of(state: RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()
