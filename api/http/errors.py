"""Failures over HTTP: the same JSON for every address, and nothing of what nobody expected."""

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.rate_limit import TooMuchAskedError
from api.spoken_language import say, say_error, spoken
from models.values.errors import CommunityError, ErrorCode

SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
}
HSTS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
"""What browsers believe of an answer that came over TLS alone (RFC 6797, 7.2)."""

_STATUS = {
    ErrorCode.INVALID_ARGUMENT: 400,
    ErrorCode.INVALID_IDENTIFIER: 400,
    ErrorCode.INVALID_DATA: 422,
    ErrorCode.INFEASIBLE: 422,
    ErrorCode.UNPROVEN: 422,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.UNAVAILABLE: 503,
    # Clients send the query after an answer, and give up after a failure of HTTP.
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: 200,
    ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED: 200,
}
_CODES = {status: code for code, status in reversed(_STATUS.items())}

_NOWHERE = "there is nothing at this address: the API answers at /graphql"

_log = structlog.get_logger(__name__)


def show_failure(
    status: int, code: ErrorCode, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Answer with a failure, in the form that GraphQL clients read too, in the caller's words."""
    error = {"message": message, "extensions": {"code": code.name}}
    told = {"content-language": spoken().value} | (headers or {})
    return JSONResponse({"errors": [error]}, status_code=status, headers=told)


def show_expected(error: CommunityError) -> JSONResponse:
    """Answer with an expected failure."""
    headers = {}
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers["www-authenticate"] = 'Bearer realm="reparto"'
    if isinstance(error, TooMuchAskedError):
        headers["retry-after"] = str(error.seconds)
    return show_failure(_STATUS.get(error.code, 500), error.code, say_error(error), headers)


async def handle_expected(_request: Request, error: Exception) -> JSONResponse:
    """Answer when a use case refuses."""
    assert isinstance(error, CommunityError)
    return show_expected(error)


async def handle_http(_request: Request, error: Exception) -> JSONResponse:
    """Answer when the request itself is refused: ours, "Not Found" or "Method Not Allowed"."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, ErrorCode.INVALID_ARGUMENT)
    headers = dict(error.headers) if error.headers else None
    detail = _NOWHERE if error.detail == "Not Found" else error.detail
    return show_failure(error.status_code, code, say(detail), headers)


async def handle_disconnect(_request: Request, _error: Exception) -> JSONResponse:
    """Note that a caller went away in the middle of its request; nobody reads this answer."""
    return show_failure(400, ErrorCode.INVALID_ARGUMENT, say("the request broke off"))


async def handle_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answer when the program is at fault: the log tells what, the answer only where to look."""
    request_id = request.scope.get("request_id", "")
    path = request.scope.get("path")
    _log.error("unexpected", request_id=request_id, path=path, exc_info=error)
    return show_failure(
        500,
        ErrorCode.UNEXPECTED,
        say(f"something went wrong; the operator finds it as {request_id}"),
        SECURITY_HEADERS | {"x-request-id": request_id},
    )
