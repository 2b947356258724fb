"""GraphQL over HTTP: strict about what comes in, and in the media type that the caller reads.

https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import uuid4

import orjson
from graphql import ExecutionResult, OperationType
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api.authentication import Principal
from api.credentials import Credentials
from api.graphql.audited_mutations import record_closed_mutations
from api.graphql.context import Context
from api.graphql.errors import ErrorReporter, find_cause
from api.graphql.event_stream import EventStream
from api.graphql.following import follow, show_result, tell_once
from api.graphql.operation_errors import SubscriptionNotStreamedError
from api.graphql.operations import Operations, WrongKindError, refuse_operation
from api.graphql.requests import (
    EVENT_STREAM,
    JSON,
    GraphQLRequest,
    negotiate,
    read_body,
    read_query_string,
    receive_body,
)
from api.rate_limit import REQUEST_COST, TooMuchAskedError
from api.spoken_language import spoken
from models.values.access import Role
from models.values.errors import CommunityError, ErrorCode

SECONDS_ALLOWED = 10.0


class SlowAnswerError(CommunityError):
    """An answer takes longer than it may; what it began to write is stored all the same.

    Attributes
    ----------
    seconds : float
        How long it may take [s].
    reason : str
        What to do.
    """

    code = ErrorCode.TOO_LARGE

    def __init__(self, seconds: float, *, is_stored: bool) -> None:
        self.seconds = f"{seconds:g}"
        self.reason = "it is stored: read it anew" if is_stored else "ask for less at once"
        super().__init__(f"the answer takes longer than {seconds:g} s: {self.reason}")


_ALLOWED = {
    "GET": frozenset({OperationType.QUERY}),
    "HEAD": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}
"""What each method may ask that is answered at once: an address changes nothing."""


async def answer_graphql(request: Request) -> Response:
    """Execute one operation."""
    request.scope["charge"](REQUEST_COST)
    media = negotiate(request.headers.get("accept"))
    asked = request.app.state.documents.complete(await _read(request))
    context = open_context(request, request.scope["principal"], asked.operation_name)
    is_known = context.principal.role is not Role.PUBLIC
    reporter = ErrorReporter(request.scope["request_id"], suggests=is_known)
    operations = request.app.state.operations
    try:
        result = await _execute(operations, asked, context, _ALLOWED[request.method])
        await record_closed_mutations(context, result.errors)
    except WrongKindError as error:
        if error.kind is OperationType.MUTATION:
            raise HTTPException(405, "what changes something is posted") from error
        if media == EVENT_STREAM:
            context.cursor = request.headers.get("last-event-id")
            events = follow(operations, asked, context, reporter)
            return EventStream(events, Credentials.of(request.headers), context)
        result = refuse_operation(SubscriptionNotStreamedError())
    headers = {"content-language": spoken().value}
    if context.cookie is not None:
        headers["set-cookie"] = context.cookie
    if media == EVENT_STREAM:
        event = show_result(result, context, reporter)
        credentials = Credentials.of(request.headers)
        return EventStream(tell_once(event), credentials, context, headers)
    return _write_answer(result, media, reporter, headers)


def _write_answer(
    result: ExecutionResult, media: str, reporter: ErrorReporter, headers: dict[str, str]
) -> Response:
    """Write a result in the media type that the caller reads, with the status that goes with it."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [reporter.present(error) for error in result.errors]
    was_executed = not result.errors or any(error.path for error in result.errors)
    if was_executed or media == JSON:
        body["data"] = result.data
    answer = Response(
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY),
        status_code=200 if was_executed or media == JSON else 400,
        media_type=f"{media}; charset=utf-8",
        headers=headers,
    )
    limited = _find_limit(result)
    if limited is not None:
        answer.status_code, answer.headers["retry-after"] = 429, str(limited.seconds)
    return answer


def open_context(
    connection: HTTPConnection, principal: Principal, operation_name: str | None
) -> Context:
    """Give an operation what it shares with none."""
    state = connection.app.state
    return Context(
        principal=principal,
        engine=state.engine,
        settings=state.settings,
        readers=state.readers,
        threads=state.threads,
        hashing=state.hashing,
        metrics=state.metrics,
        charge=connection.scope["charge"],
        count_sign_up=connection.scope["count_sign_up"],
        count_sign_in=connection.scope["count_sign_in"],
        changes=state.changes,
        kept=state.kept,
        request_id=connection.scope.get("request_id") or uuid4().hex,
        operation_name=operation_name,
    )


def _find_limit(result: ExecutionResult) -> TooMuchAskedError | None:
    """Tell whether the caller has asked for too much, and so got nothing."""
    causes = (find_cause(error) for error in result.errors or ())
    return next((cause for cause in causes if isinstance(cause, TooMuchAskedError)), None)


async def _read(request: Request) -> GraphQLRequest:
    """Read what is asked, from the address or from the body."""
    if request.method == "POST":
        return read_body(request.headers.get("content-type"), await receive_body(request))
    return read_query_string(request.scope["query_string"])


async def _execute(
    operations: Operations,
    asked: GraphQLRequest,
    context: Context,
    allowed: Collection[OperationType],
) -> ExecutionResult:
    """Execute within the time that one request may take."""
    try:
        async with asyncio.timeout(SECONDS_ALLOWED) as context.deadline:
            return await operations.execute(asked, context, allowed)
    except TimeoutError:
        return refuse_operation(SlowAnswerError(SECONDS_ALLOWED, is_stored=context.has_written))
