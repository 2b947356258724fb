"""An OpenID provider: what it publishes of itself, and codes exchanged for ID tokens.

Authlib speaks OAuth; its requests travel in our own bounds of time and size.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2 import OAuth2Client, OAuth2Error
from joserfc.jwk import KeySet
from pydantic import SecretStr

from api.clients.id_tokens import read_keys
from api.clients.loopback import is_local
from api.clients.remote_errors import RemoteNonsenseError, RemoteStatusError, UnsafeAddressError
from api.clients.transport import Transport, TransportLimits
from models.values.errors import CommunityError, ErrorCode, UnavailableError

SERVICE = "the OpenID provider"
LIMITS = TransportLimits(
    connect_seconds=3.0,
    read_seconds=5.0,
    total_seconds=8.0,
    most_bytes=1 << 19,
    most_values=20_000,
    attempts=1,
)
"""Somebody waits, and a code is exchanged once: nothing is asked again."""

SECONDS_KEPT = 3_600.0
"""How long what it publishes is believed."""
SECONDS_BETWEEN_LOOKS = 30.0
"""How often its keys are looked for anew at the most, for a token with another one."""
SECONDS_AFTER_FAILURE = 10.0
"""How long a failure is told again before it is asked again."""

_BAD_REQUEST = 400
_WELL_KNOWN = "/.well-known/openid-configuration"


class RefusedCodeError(CommunityError):
    """A provider does not take a code: it is old, used, or somebody else's."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__(f"{SERVICE} does not take the code")


@dataclass(frozen=True, slots=True)
class OpenidClient:
    """As whom this installation is known to a provider.

    Attributes
    ----------
    issuer : str
        The provider's name, an address.
    client_id : str
        Our name there.
    client_secret : SecretStr or None
        What proves it.
    scopes : str
        What is asked for.
    redirect_uri : str
        Where it sends people back to.
    allows_loopback : bool
        Whether it may be this very machine.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr | None
    scopes: str
    redirect_uri: str
    allows_loopback: bool = False


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What a provider publishes of itself (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_goes_in_form: bool


@dataclass(frozen=True, slots=True)
class SignInTokens:
    """What a code was exchanged for."""

    id_token: str
    access_token: str


class OpenidProvider:
    """One provider, as one process knows it; any number of threads may ask.

    Raises
    ------
    UnsafeAddressError
        If its address is not HTTPS, or is this machine's own where that is not allowed.
    """

    def __init__(
        self, client: OpenidClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.client = client
        self._guard_address(client.issuer)
        self._clock = clock
        self._lock = threading.Lock()
        self._facts: tuple[float, ProviderFacts] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._failure: tuple[float, UnavailableError] | None = None

    def write_address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Give the address to which a browser goes to sign in.

        Raises
        ------
        RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
            If the provider does not say where that is.
        """
        endpoint = self._describe().authorization_endpoint
        address, _ = self._speak().create_authorization_url(
            endpoint, state=state, code_verifier=verifier, nonce=nonce
        )
        return str(address)

    def exchange(self, code: str, *, verifier: str) -> SignInTokens:
        """Exchange a code for what it stands for, once.

        Raises
        ------
        RefusedCodeError
            If the provider does not take the code.
        RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
            If it is down, does not know us, or answers nonsense.
        """
        facts = self._describe()
        with _reach(facts.token_endpoint) as (transport, path):
            oauth = self._speak(_Session(transport, path), facts)
            try:
                given = oauth.fetch_token(
                    facts.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            except RemoteStatusError as error:
                raise (RefusedCodeError() if error.status == _BAD_REQUEST else error) from error
            except (OAuth2Error, ValueError) as error:
                raise RemoteNonsenseError(SERVICE, "it gives no token") from error
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise RemoteNonsenseError(SERVICE, "it gives no ID token, or no access token")
        return SignInTokens(id_token, access_token)

    def find_keys(self, kid: str | None) -> KeySet:
        """Give its keys; one that is not among them is looked for anew, if not too often.

        Raises
        ------
        RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
            If it does not publish them.
        """
        facts = self._describe()
        with self._lock:
            if self._keys is not None:
                read_at, keys = self._keys
                is_known = kid is None or any(key.kid == kid for key in keys)
                kept = SECONDS_KEPT if is_known else SECONDS_BETWEEN_LOOKS
                if self._clock() < read_at + kept:
                    return keys
            keys = read_keys(self._fetch(facts.jwks_uri))
            self._keys = (self._clock(), keys)
            return keys

    def _describe(self) -> ProviderFacts:
        with self._lock:
            if self._facts is None or self._clock() >= self._facts[0] + SECONDS_KEPT:
                found = self._fetch(self.client.issuer.rstrip("/") + _WELL_KNOWN)
                self._facts = (self._clock(), self._read_facts(found))
            return self._facts[1]

    def _fetch(self, url: str) -> Any:
        """Fetch what is published; after a failure the next one waits a little."""
        if self._failure is not None and self._clock() < self._failure[0] + SECONDS_AFTER_FAILURE:
            raise self._failure[1]
        try:
            with _reach(url) as (transport, path):
                return transport.parse_json(transport.get(path))
        except UnavailableError as error:
            self._failure = (self._clock(), error)
            raise

    def _read_facts(self, found: object) -> ProviderFacts:
        """Read where things are; a provider that goes by another name is not the one."""
        told = found if isinstance(found, dict) else {}
        if told.get("issuer") != self.client.issuer:
            raise RemoteNonsenseError(SERVICE, "it goes by another name than its address")
        ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return ProviderFacts(
            authorization_endpoint=self._read_endpoint(told, "authorization_endpoint"),
            token_endpoint=self._read_endpoint(told, "token_endpoint"),
            jwks_uri=self._read_endpoint(told, "jwks_uri"),
            secret_goes_in_form="client_secret_basic" not in ways and "client_secret_post" in ways,
        )

    def _read_endpoint(self, told: Mapping[str, Any], name: str) -> str:
        address = told.get(name)
        if not isinstance(address, str):
            raise RemoteNonsenseError(SERVICE, f"it does not tell its {name}")
        try:
            self._guard_address(address)
        except UnsafeAddressError as error:
            raise RemoteNonsenseError(SERVICE, f"its {name} is not to be trusted") from error
        return address

    def _guard_address(self, address: str) -> None:
        """Refuse what is not HTTPS, and this machine unless the operator allows it."""
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname or "", parts.port
        except ValueError as error:
            raise UnsafeAddressError(SERVICE, "is not a web address") from error
        is_own = is_local(host) and self.client.allows_loopback
        if not is_own and (parts.scheme != "https" or is_local(host)):
            raise UnsafeAddressError(SERVICE, "does not begin with https://, or is this machine")
        if not host or parts.username is not None or not address.isprintable():
            raise UnsafeAddressError(SERVICE, "is not a web address")

    def _speak(self, session: "_Session | None" = None, facts: ProviderFacts | None = None) -> Any:
        """Let Authlib write what OAuth asks for."""
        secret = self.client.client_secret
        way = "none" if secret is None else "client_secret_basic"
        if secret is not None and facts is not None and facts.secret_goes_in_form:
            way = "client_secret_post"
        return OAuth2Client(
            session,
            client_id=self.client.client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            token_endpoint_auth_method=way,
            scope=self.client.scopes,
            redirect_uri=self.client.redirect_uri,
            code_challenge_method="S256",
        )


class _Session:
    """What Authlib posts, sent in our bounds: it asks for no more of a session than this."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> "_Answer":
        """Post a form with what proves who we are."""
        _, proving, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        form = dict(parse_qsl(body, keep_blank_values=True))
        answer = self._transport.post_form(self._path, form, headers=proving)
        return _Answer(self._transport.parse_json(answer))


@dataclass(frozen=True, slots=True)
class _Answer:
    """A successful answer, as Authlib wants it."""

    content: Any
    status_code: int = 200

    def json(self) -> Any:
        """Give what it says."""
        return self.content

    def raise_for_status(self) -> None:
        """Do nothing: what was refused has raised before."""


@contextmanager
def _reach(address: str) -> Iterator[tuple[Transport, str]]:
    """Connect to the host of an address, and give the rest of it."""
    parts = urlsplit(address)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    with Transport(SERVICE, f"{parts.scheme}://{parts.netloc}", limits=LIMITS) as transport:
        yield transport, path
