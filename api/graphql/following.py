"""Subscriptions as streams of events, the same for every way on which they travel."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult

from api.graphql.context import Context
from api.graphql.errors import ErrorReporter, find_cause
from api.graphql.operation_errors import (
    EmptyQueryError,
    NotASubscriptionError,
    UnknownOperationError,
)
from api.graphql.requests import GraphQLRequest
from api.graphql.schema import ApiSchema

_SAID = {
    MissingQueryError: EmptyQueryError,
    CannotGetOperationTypeError: UnknownOperationError,
    InvalidOperationTypeError: NotASubscriptionError,
}
"""Our words for what strawberry refuses before anything is executed."""


@dataclass(frozen=True, slots=True)
class Event:
    """One answer of a subscription, and the place from which to go on after it.

    Attributes
    ----------
    body : dict
        The answer; its ``extensions`` hold the place too.
    cursor : str or None
        The place; None for answers that are errors alone.
    """

    body: dict[str, Any]
    cursor: str | None

    @property
    def is_refusal(self) -> bool:
        """Whether nothing was begun."""
        return "data" not in self.body


async def follow(
    schema: ApiSchema, asked: GraphQLRequest, context: Context, reporter: ErrorReporter
) -> AsyncGenerator[Event]:
    """Yield what a subscription answers."""
    results = await schema.subscribe(
        asked.query,
        variable_values=asked.variables,
        operation_name=asked.operation_name,
        context_value=context,
    )
    async with aclosing(results):
        try:
            async for result in results:
                yield show_result(result, context, reporter)
        except GraphQLSyntaxError as error:
            refused = ExecutionResult(data=None, errors=[error])
            yield show_result(refused, context, reporter)


async def tell_once(event: Event) -> AsyncGenerator[Event]:
    """Yield the only answer of what is no subscription."""
    yield event


def show_result(result: ExecutionResult, context: Context, reporter: ErrorReporter) -> Event:
    """Write a result as callers see it, with the place from which to go on."""
    errors = [reporter.present(_say(error)) for error in result.errors or ()]
    body: dict[str, Any] = {"errors": errors} if errors else {}
    if errors and not any("path" in error for error in errors):
        return Event(body, None)
    body["data"] = result.data
    if context.cursor is not None:
        body["extensions"] = {"cursor": context.cursor}
    return Event(body, context.cursor)


def _say(error: GraphQLError) -> GraphQLError:
    said = _SAID.get(type(find_cause(error)))
    return error if said is None else GraphQLError(str(said()), original_error=said())
