"""Signing in at an OpenID provider: the browser is sent there, and comes back with a code.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

import hmac
from enum import StrEnum
from functools import partial

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.acts import describe_act
from api.clients.id_tokens import ExpectedToken, UnfitIdTokenError, VouchedIdentity, read_id_token
from api.clients.openid_provider import OpenidClient, OpenidProvider, RefusedCodeError
from api.clock import now
from api.openid_flow import (
    CALLBACK_PATH,
    OpenidFlow,
    begin_flow,
    read_flow,
    tell_in,
    write_flow_cookie,
    write_flow_end,
)
from api.rate_limit import FILE_COST
from api.secret_keys import load_keyring
from api.services.accounts.external_identities import sign_in_by_identity
from api.services.accounts.sessions import OpenedSession
from api.services.audit.keep_trail import watched
from api.session_cookie import write_cookie
from api.settings import InvalidSettingError, Settings
from models.session import write_session
from models.values.audit import AuditChannel
from models.values.errors import CommunityError, ErrorCode, UnavailableError

_THREADS = 4
_SEE_OTHER = 303
_LONGEST_CODE = 2_000

_log = structlog.get_logger(__name__)


class SignInNews(StrEnum):
    """What the page is told by ``signIn`` in its query; nothing where all is well."""

    SECOND_FACTOR = "SECOND_FACTOR"
    NO_ACCOUNT = "NO_ACCOUNT"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"
    UNAVAILABLE = "UNAVAILABLE"


class _NotSignedInError(CommunityError):
    """A sign-in ends here."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self, news: SignInNews, reason: str) -> None:
        super().__init__(reason)
        self.news = news


class OpenidSignIn:
    """The provider of an installation, and the few threads that wait for it."""

    def __init__(self, provider: OpenidProvider) -> None:
        self.provider = provider
        self.threads = CapacityLimiter(_THREADS)


def set_up_openid(settings: Settings) -> OpenidSignIn | None:
    """Take the provider from the settings; None where people sign in with passwords alone.

    Raises
    ------
    InvalidSettingError
        If something that it needs is not set.
    UnsafeAddressError
        If its address is not HTTPS.
    """
    if settings.openid_issuer is None:
        return None
    if settings.openid_client_id is None or settings.public_url is None:
        raise InvalidSettingError(
            "REPARTO_OPENID_ISSUER needs REPARTO_OPENID_CLIENT_ID and REPARTO_PUBLIC_URL"
        )
    client = OpenidClient(
        settings.openid_issuer,
        settings.openid_client_id,
        settings.openid_client_secret,
        settings.openid_scopes,
        str(settings.public_url).rstrip("/") + CALLBACK_PATH,
        settings.openid_allows_loopback,
    )
    return OpenidSignIn(OpenidProvider(client))


async def answer_openid_start(request: Request) -> Response:
    """Send the browser to the provider; ``returnTo`` is the path to come back to."""
    openid = _find_openid(request)
    flow = begin_flow(request.query_params.get("returnTo", "/"), at=now())
    asking = partial(
        openid.provider.write_address,
        state=flow.state,
        nonce=flow.nonce,
        verifier=flow.verifier,
    )
    try:
        address = await to_thread.run_sync(asking, limiter=openid.threads)
    except UnavailableError as error:
        return _send_on(flow.return_to, _note(error))
    answer = RedirectResponse(address, _SEE_OTHER)
    keyring = load_keyring(request.app.state.settings)
    answer.headers.append("set-cookie", write_flow_cookie(keyring, flow))
    return answer


async def answer_openid_callback(request: Request) -> Response:
    """Sign in whoever comes back, and send them on to their page."""
    openid = _find_openid(request)
    flow = read_flow(load_keyring(request.app.state.settings), request.headers, at=now())
    target = "/" if flow is None else flow.return_to
    try:
        opened = await _sign_in(request, openid, flow)
    except (_NotSignedInError, RefusedCodeError, UnfitIdTokenError, UnavailableError) as error:
        answer = _send_on(target, _note(error))
    else:
        news = SignInNews.SECOND_FACTOR if opened.awaits_second_factor else None
        answer = _send_on(target, news)
        answer.headers.append("set-cookie", write_cookie(opened.secret, opened.expires_at))
    answer.headers.append("set-cookie", write_flow_end())
    return answer


def _send_on(path: str, news: SignInNews | None) -> Response:
    return RedirectResponse(path if news is None else tell_in(path, "signIn", news), _SEE_OTHER)


def _note(error: CommunityError) -> SignInNews:
    """Log a failure, of which our words name nobody, and choose what the page is told."""
    if isinstance(error, _NotSignedInError):
        news = error.news
    else:
        is_down = isinstance(error, UnavailableError)
        news = SignInNews.UNAVAILABLE if is_down else SignInNews.REFUSED
    _log.warning("openid_sign_in_failed", news=news.value, reason=str(error))
    return news


def _find_openid(request: Request) -> OpenidSignIn:
    """Charge the caller; there is nothing here where no provider is set."""
    openid: OpenidSignIn | None = request.app.state.openid
    if openid is None:
        raise HTTPException(404)
    request.scope["charge"](FILE_COST)
    return openid


async def _sign_in(
    request: Request, openid: OpenidSignIn, flow: OpenidFlow | None
) -> OpenedSession:
    """Go through what came back: is it for this browser, from this provider, about whom."""
    told = request.query_params
    if flow is None:
        raise _NotSignedInError(SignInNews.EXPIRED, "no sign-in of this browser is under way")
    if not hmac.compare_digest(told.get("state", "").encode(), flow.state.encode()):
        raise _NotSignedInError(SignInNews.REFUSED, "the state is not this browser's")
    if told.get("iss", openid.provider.client.issuer) != openid.provider.client.issuer:
        raise _NotSignedInError(SignInNews.REFUSED, "another provider answers")
    code = told.get("code", "")
    if "error" in told or not 0 < len(code) <= _LONGEST_CODE:
        raise _NotSignedInError(SignInNews.CANCELLED, "the provider gives no code")
    vouching = partial(_find_identity, openid.provider, flow, code)
    identity = await to_thread.run_sync(vouching, limiter=openid.threads)
    opening = partial(_open_session, request, identity)
    opened = await to_thread.run_sync(opening, limiter=request.app.state.threads)
    if opened is None:
        raise _NotSignedInError(SignInNews.NO_ACCOUNT, "no account is open to them")
    return opened


def _find_identity(provider: OpenidProvider, flow: OpenidFlow, code: str) -> VouchedIdentity:
    client = provider.client
    tokens = provider.exchange(code, verifier=flow.verifier)
    expected = ExpectedToken(client.issuer, client.client_id, flow.nonce, tokens.access_token)
    return read_id_token(tokens.id_token, provider.find_keys, expected, at=now())


def _open_session(request: Request, identity: VouchedIdentity) -> OpenedSession | None:
    caller, request_id = request.scope["principal"], request.scope["request_id"]
    act = describe_act(
        caller, AuditChannel.SIGN_IN, CALLBACK_PATH, request_id, is_told_by_events=True
    )
    with write_session(watched(request.app.state.engine, act)) as session:
        return sign_in_by_identity(
            session, identity=identity, replaced_id=caller.session_id, now=now()
        )
