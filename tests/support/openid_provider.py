"""A small OpenID provider on a real socket, with keys of its own, that lies when it is told to."""

import base64
import hashlib
import hmac
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.remote_services import served

Endpoint = Callable[[Request], Awaitable[Response]]

CLIENT_ID = "reparto"
CLIENT_SECRET = "a secret of the client"


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str


@dataclass(slots=True)
class Provider:
    """Signs everybody in as one person, and remembers what it was asked.

    ``claims`` go before its own in ID tokens, None leaves one out; ``told`` before what it
    publishes of itself.
    """

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    granted: dict[str, Granted] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    way: str = "client_secret_basic"
    is_down: bool = False
    token_answer: tuple[Any, int] | None = None
    """What it answers in the place of tokens, and with which status."""

    def begin_anew(self) -> None:
        """Tell the truth again."""
        for kept in (self.claims, self.told, self.header, self.asked, self.granted):
            kept.clear()
        self.way, self.is_down, self.token_answer = "client_secret_basic", False, None

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish it alone."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)

    async def describe(self, _request: Request) -> Response:
        """Publish where things are."""
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": [self.way],
            }
            | self.told
        )

    async def publish_keys(self, _request: Request) -> Response:
        """Publish the keys, between others that nobody should stumble over."""
        others = [{"kty": "AKP"}, {"kty": "EC", "crv": "P-256", "x": "AA"}, "key"]
        return JSONResponse({"keys": [*others, self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Grant a code at once: somebody has signed in here before."""
        asked = request.query_params
        assert asked["tenant"] == "1"
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.granted[code] = Granted(asked["nonce"], asked["code_challenge"], asked["redirect_uri"])
        back = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def exchange(self, request: Request) -> Response:
        """Give tokens for a code, once, to whom it was granted."""
        form = dict(parse_qsl((await request.body()).decode()))
        granted = self.granted.pop(form["code"], None)
        verifier = form["code_verifier"].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if not self._knows(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if (
            granted is None
            or granted.challenge != challenge.decode()
            or granted.redirect_uri != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.token_answer is not None:
            return JSONResponse(*self.token_answer)
        access_token = secrets.token_urlsafe(16)
        tokens = {
            "token_type": "Bearer",
            "access_token": access_token,
            "id_token": self.sign(granted.nonce, access_token),
        }
        return JSONResponse(tokens)

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        """Tell whether it is our client, in the one way that is published."""
        if self.way == "client_secret_post":
            shown = (form.get("client_id"), form.get("client_secret"))
            return shown == (CLIENT_ID, CLIENT_SECRET) and "authorization" not in request.headers
        proof = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {proof}"

    def sign(self, nonce: str, access_token: str) -> str:
        """Write an ID token."""
        at = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": "subject-1",
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "email": "Promoter-Admin@vila.example",
            "email_verified": True,
        } | self.claims
        told = {name: value for name, value in claims.items() if value is not None}
        return write_token(told, {"alg": "ES256", "kid": self.key.kid} | self.header, self.key)

    def watched(self, answer: Endpoint) -> Endpoint:
        """Note what is asked; nothing is answered while the provider is down."""

        async def watch(request: Request) -> Response:
            self.asked.append(request.url.path)
            return Response(status_code=503) if self.is_down else await answer(request)

        return watch


def write_token(claims: dict[str, Any], header: dict[str, Any], key: ECKey) -> str:
    """Sign claims as the header says: with nothing, with what everybody knows, or rightly."""
    if header["alg"].startswith("ES"):
        return jwt.encode(header, claims, key)
    parts = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in (header, claims)]
    signed = b".".join(parts)
    # What some libraries once took for a shared secret: the public key.
    digest = hmac.digest(key.as_pem(private=False), signed, hashlib.sha256)
    mark = b"" if header["alg"] == "none" else base64.urlsafe_b64encode(digest).rstrip(b"=")
    return b".".join([signed, mark]).decode()


def visit(address: str) -> str:
    """Go where a browser was sent, and tell where it is sent on to."""
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        assert answer.status == 302, answer.read()
        return answer.headers["location"]


@contextmanager
def run_provider() -> Iterator[Provider]:
    """Serve one on a free port of this machine until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        routes = [
            ("/.well-known/openid-configuration", provider.describe, "GET"),
            ("/keys", provider.publish_keys, "GET"),
            ("/authorize", provider.authorize, "GET"),
            ("/token", provider.exchange, "POST"),
        ]
        app = Starlette(
            routes=[
                Route(path, provider.watched(answer), methods=[method])
                for path, answer, method in routes
            ]
        )
        with served(app, listener):
            yield provider
