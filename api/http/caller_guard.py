"""Who calls is found out before anything else; most addresses open to nobody unknown."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.authentication import ForbiddenError, Principal, UnauthenticatedError
from api.clock import now
from api.credentials import Credentials
from api.download_links import UnfitLinkError, open_link
from api.http.errors import show_expected
from api.http.recent_callers import RecentCallers
from api.http.same_origin import is_of_own_page, refuse_foreign_page
from api.http.use_notes import UseNotes
from api.openid_flow import CALLBACK_PATH, START_PATH
from api.rate_limit import FILE_COST
from api.secret_keys import load_keyring
from api.session_cookie import read_secret
from api.settings import Settings
from models.change_mark import ChangeMark
from models.values.access import Capability, Role
from models.values.errors import CommunityError

CALLERLESS_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Where nobody is asked for an account or its token."""

PUBLIC_PATHS = frozenset({"/graphql", START_PATH, CALLBACK_PATH})
"""What those may call who do not say who they are; what they may do there is little."""

_READING_METHODS = ("GET", "HEAD")
_POLICY_VIOLATION = 1008
_LINK_MARK = "&signature="

Endpoint = Callable[[Request], Awaitable[Response]]


def open_to(endpoint: Endpoint, *openers: Capability) -> Endpoint:
    """Open the address of a file to callers who can do any one of these, and charge them."""

    async def answer(request: Request) -> Response:
        if not request.scope["principal"].capabilities & set(openers):
            raise ForbiddenError(frozenset(openers))
        request.scope["charge"](FILE_COST)
        return await endpoint(request)

    return answer


class CallerGuard:
    """Find out who calls before anything else is done, even before an address is looked up."""

    def __init__(self, app: ASGIApp, engine: Engine, mark: ChangeMark, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._callers = RecentCallers(engine, mark, settings)
        self._uses = UseNotes(engine)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request, or let a WebSocket of our own pages say later who calls."""
        if scope["type"] == "websocket" and not is_of_own_page(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        if scope["type"] == "http" and scope["path"] not in CALLERLESS_PATHS:
            headers = Headers(scope=scope)
            try:
                linked = self._open_link(scope, headers)
                principal = linked or await self._find(scope["path"], Credentials.of(headers))
                if principal.session_id is not None and not linked:
                    refuse_foreign_page(scope["method"], headers)
            except CommunityError as error:
                await show_expected(error)(scope, receive, send)
                return
            scope["principal"] = principal
            await self.app(scope, receive, send)
            await self._uses.note(principal)
            return
        await self.app(scope, receive, send)

    def _open_link(self, scope: Scope, headers: Headers) -> Principal | None:
        """Take a signed link for who asked for it; None where none is sent or needed."""
        query = scope["query_string"].decode("latin-1")
        is_read = scope["method"] in _READING_METHODS
        if "authorization" in headers or not is_read or _LINK_MARK not in f"&{query}":
            return None
        try:
            return open_link(load_keyring(self.settings), f"{scope['path']}?{query}", at=now())
        except UnfitLinkError:
            if read_secret(headers) is None:
                raise
            return None

    async def _find(self, path: str, credentials: Credentials) -> Principal:
        """Find who calls: by a token, else by a session; one that has ended is like none."""
        principal = await self._callers.find(credentials)
        if principal.role is Role.PUBLIC and path not in PUBLIC_PATHS:
            raise UnauthenticatedError
        return principal
