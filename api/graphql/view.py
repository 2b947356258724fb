"""GraphQL over HTTP: strict about what comes in, and in the media type that the caller reads.

https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from api.graphql.context import Context
from api.graphql.errors import ErrorReporter
from api.graphql.schema import ApiSchema
from models.values.errors import ErrorCode

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
LARGEST_BODY = 100_000
SECONDS_ALLOWED = 10.0


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a caller asks, checked to be of the right form."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def answer_graphql(request: Request) -> Response:
    """Execute one operation."""
    media = negotiate(request.headers.get("accept"))
    asked = read_request(request.headers.get("content-type"), await _receive(request))
    state = request.app.state
    context = Context(
        principal=request.scope["principal"],
        engine=state.engine,
        settings=state.settings,
        threads=state.threads,
        operation_name=asked.operation_name,
    )
    result = await _execute(state.schema, asked, context)
    reporter = ErrorReporter(request.scope["request_id"])
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [reporter.present(error) for error in result.errors]
    was_executed = not result.errors or any(error.path for error in result.errors)
    if was_executed or media == JSON:
        body["data"] = result.data
    return Response(
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY),
        status_code=200 if was_executed or media == JSON else 400,
        media_type=f"{media}; charset=utf-8",
    )


async def _receive(request: Request) -> bytes:
    """Read the body as far as it may go."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"the body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


def negotiate(accept: str | None) -> str:
    """Choose the media type of the answer."""
    best, chosen = 0.0, None
    for part in (accept or JSON).split(","):
        kind, *parameters = [piece.strip().lower() for piece in part.split(";")]
        weight = _read_weight(parameters)
        if weight <= best:
            continue
        if kind in (GRAPHQL_JSON, JSON):
            best, chosen = weight, kind
        elif kind in ("*/*", "application/*"):
            best, chosen = weight, JSON
    if chosen is None:
        raise HTTPException(406, f"accept {GRAPHQL_JSON} or {JSON}")
    return chosen


def _read_weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def read_request(content_type: str | None, body: bytes) -> GraphQLRequest:
    """Read a request, or refuse it before anything is done."""
    kind, *parameters = [piece.strip().lower() for piece in (content_type or "").split(";")]
    is_utf8 = all(piece in ("charset=utf-8", 'charset="utf-8"', "") for piece in parameters)
    if kind != JSON or not is_utf8:
        raise HTTPException(415, f"send {JSON} in UTF-8")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, "the body is not JSON") from error
    if not isinstance(content, dict) or not _has_right_form(content):
        raise HTTPException(
            400,
            "the body must be an object with a text `query` and, if wanted, an object "
            "`variables`, a text `operationName` and an object `extensions`",
        )
    return GraphQLRequest(content["query"], content.get("variables"), content.get("operationName"))


def _has_right_form(content: dict[str, Any]) -> bool:
    return (
        isinstance(content.get("query"), str)
        and isinstance(content.get("variables"), dict | None)
        and isinstance(content.get("operationName"), str | None)
        and isinstance(content.get("extensions"), dict | None)
    )


async def _execute(schema: ApiSchema, asked: GraphQLRequest, context: Context) -> ExecutionResult:
    """Execute within the time that one request may take."""
    if not asked.query.strip():
        return _refuse("the query is empty", ErrorCode.INVALID_ARGUMENT)
    try:
        async with asyncio.timeout(SECONDS_ALLOWED) as context.deadline:
            result = await schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                context_value=context,
            )
    except CannotGetOperationTypeError:
        message = "no operation of that name: name one of the document's by `operationName`"
        return _refuse(message, ErrorCode.INVALID_ARGUMENT)
    except TimeoutError:
        advice = "it is stored: read it anew" if context.has_written else "ask for less at once"
        message = f"the answer takes longer than {SECONDS_ALLOWED:g} s: {advice}"
        return _refuse(message, ErrorCode.TOO_LARGE)
    return result


def _refuse(message: str, code: ErrorCode) -> ExecutionResult:
    """Answer without data."""
    error = GraphQLError(message, extensions={"code": code.name})
    return ExecutionResult(data=None, errors=[error])
