"""Requests are answered only under the names that the operator has given the server."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.caller_guard import CALLERLESS_PATHS
from api.http.errors import show_expected
from models.values.errors import CommunityError, ErrorCode

_ANY_BELOW = "*."
_REFUSED = 1008
"""What closes a WebSocket (RFC 6455, 7.4.1): against the server's policy."""


class ForeignHostError(CommunityError):
    """A request names a server that is not this one."""

    code = ErrorCode.INVALID_ARGUMENT

    def __init__(self) -> None:
        super().__init__("this server does not answer under the name in the header Host")


class HostGuard:
    """Refuse other names; checks of health come by whatever address they like."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request or connection."""
        is_asked = scope["type"] in ("http", "websocket") and scope["path"] not in CALLERLESS_PATHS
        if not is_asked or self._knows(Headers(scope=scope).get("host", "")):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await show_expected(ForeignHostError())(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _REFUSED})

    def _knows(self, host: str) -> bool:
        name = host.lower()
        if not name.endswith("]"):
            name = name.rpartition(":")[0] or name
        return not self.hosts or any(_fits(name.rstrip("."), known) for known in self.hosts)


def _fits(name: str, known: str) -> bool:
    return name.endswith(known[1:]) if known.startswith(_ANY_BELOW) else name == known
