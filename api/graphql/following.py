"""Subscriptions as streams of events, the same for every way on which they travel."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult

from api.graphql.context import Context
from api.graphql.errors import ErrorReporter
from api.graphql.operations import Operations
from api.graphql.requests import GraphQLRequest


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
    operations: Operations, asked: GraphQLRequest, context: Context, reporter: ErrorReporter
) -> AsyncGenerator[Event]:
    """Yield what a subscription answers."""
    async with aclosing(operations.follow(asked, context)) as results:
        async for result in results:
            yield show_result(result, context, reporter)


async def tell_once(event: Event) -> AsyncGenerator[Event]:
    """Yield the only answer of what is no subscription."""
    yield event


def show_result(result: ExecutionResult, context: Context, reporter: ErrorReporter) -> Event:
    """Write a result as callers see it, with the place from which to go on."""
    errors = [reporter.present(error) for error in result.errors or ()]
    body: dict[str, Any] = {"errors": errors} if errors else {}
    if errors and not any("path" in error for error in errors):
        return Event(body, None)
    body["data"] = result.data
    if context.cursor is not None:
        body["extensions"] = {"cursor": context.cursor}
    return Event(body, context.cursor)
