"""The cookie that carries a session's secret; its name keeps other hosts and plain HTTP out."""

from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

COOKIE = "__Host-reparto"

_MANNERS = "Path=/; Secure; HttpOnly; SameSite=Lax"


def read_secret(headers: Headers) -> str | None:
    """Find the secret among a caller's cookies; HTTP/2 may send them one by one."""
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(COOKIE)


def write_cookie(secret: str, expires_at: datetime) -> str:
    """Write the header that hands a secret over."""
    return f"{COOKIE}={secret}; Expires={format_datetime(expires_at, usegmt=True)}; {_MANNERS}"


def write_end() -> str:
    """Write the header that takes it back."""
    return f"{COOKIE}=; Max-Age=0; {_MANNERS}"
