"""What a browser carries while it signs in at an OpenID provider: sealed, and soon over."""

import base64
import binascii
import secrets
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from models.keyring import KeyPurpose, Keyring, UnopenedSecretError
from models.values.errors import InvalidArgumentError

START_PATH = "/sign-in/openid"
CALLBACK_PATH = "/sign-in/openid/callback"

FLOW_COOKIE = "__Host-reparto-openid"
FLOW_LASTS = timedelta(minutes=10)

_MANNERS = "Path=/; Secure; HttpOnly; SameSite=Lax"
_PLACE = "cookie openid"
_LONGEST_PATH = 500
_LONGEST_COOKIE = 4_000


class ForeignPathError(InvalidArgumentError):
    """Somebody was to be sent on to another site after signing in."""

    def __init__(self) -> None:
        super().__init__(
            f"returnTo is no path of this site: give one like /communities?year=2025 of at most"
            f" {_LONGEST_PATH} characters"
        )


@dataclass(frozen=True, slots=True)
class OpenidFlow:
    """One sign-in under way.

    Attributes
    ----------
    state, nonce, verifier : str
        What ties to this browser the provider's redirect, its ID token, and its code.
    return_to : str
        The path to go on to.
    expires_at : int
        Until when it may end [s since 1970].
    """

    state: str
    nonce: str
    verifier: str
    return_to: str
    expires_at: int


def begin_flow(return_to: str, *, at: datetime) -> OpenidFlow:
    """Draw the secrets of a sign-in.

    Raises
    ------
    ForeignPathError
        If the path leads elsewhere.
    """
    if not is_own_path(return_to):
        raise ForeignPathError
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return OpenidFlow(state, nonce, verifier, return_to, int((at + FLOW_LASTS).timestamp()))


def is_own_path(path: str) -> bool:
    r"""Tell whether a path stays on this site, however a browser reads it.

    Examples
    --------
    >>> [is_own_path(path) for path in ("/a?b#c", "//evil.example", "/\\evil.example", "a")]
    [True, False, False, False]
    """
    is_plain = path.isascii() and path.isprintable() and " " not in path and "\\" not in path
    is_rooted = path.startswith("/") and not path.startswith("//")
    return is_plain and is_rooted and len(path) <= _LONGEST_PATH


def write_flow_cookie(keyring: Keyring, flow: OpenidFlow) -> str:
    """Write the header that hands it over."""
    plain = orjson.dumps(astuple(flow))
    sealed = keyring.seal(KeyPurpose.OPENID_SIGN_IN, plain, bound_to=_PLACE)
    text = base64.urlsafe_b64encode(sealed).decode()
    return f"{FLOW_COOKIE}={text}; Max-Age={FLOW_LASTS.seconds}; {_MANNERS}"


def write_flow_end() -> str:
    """Write the header that takes it back."""
    return f"{FLOW_COOKIE}=; Max-Age=0; {_MANNERS}"


def read_flow(keyring: Keyring, headers: Headers, *, at: datetime) -> OpenidFlow | None:
    """Read it; None where there is none that we sealed, or it is over."""
    text = cookie_parser("; ".join(headers.getlist("cookie"))).get(FLOW_COOKIE, "")
    if len(text) > _LONGEST_COOKIE:
        return None
    try:
        sealed = base64.b64decode(text, b"-_", validate=True)
        plain = keyring.open(KeyPurpose.OPENID_SIGN_IN, sealed, bound_to=_PLACE)
    except (binascii.Error, UnopenedSecretError, ValueError):
        return None
    flow = OpenidFlow(*orjson.loads(plain))
    return flow if at.timestamp() < flow.expires_at else None


def tell_in(path: str, name: str, value: str) -> str:
    """Add a parameter to the query of a path.

    Examples
    --------
    >>> tell_in("/a?b=1#c", "signIn", "REFUSED")
    '/a?b=1&signIn=REFUSED#c'
    """
    parts = urlsplit(path)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))
