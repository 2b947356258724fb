"""The audit trail of mutations: each root field says what it does before it writes.

What is done is told by the transaction that does it. What the caller may not do changes nothing,
and is told by a transaction of its own.
"""

from collections.abc import Callable, Iterable
from inspect import isawaitable
from typing import Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType

from api.graphql.context import Context
from api.graphql.errors import find_cause
from api.graphql.permissions import ClosedFieldError
from models.values.errors import CommunityError, ErrorCode

_REFUSALS = frozenset({ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED})
_MUTATION = "Mutation."


def watch_mutations(mutation: GraphQLObjectType) -> None:
    """Let every root field say what it does, and tell of what is refused."""
    for name, field in mutation.fields.items():
        field.resolve = _watch(name, _require_resolver(field))


def _require_resolver(field: GraphQLField) -> Callable[..., Any]:
    assert field.resolve is not None, "every mutation does something"
    return field.resolve


def _watch(name: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
    async def resolve_watched(root: object, info: Any, **arguments: object) -> Any:
        context: Context = info.context
        context.begin_act(name)
        try:
            answer = resolve(root, info, **arguments)
            payload = await answer if isawaitable(answer) else answer
        except CommunityError as error:
            await _record_refusal(context, name, error.code)
            raise
        codes = {error.code for error in getattr(payload, "user_errors", ())}
        for code in codes & _REFUSALS:
            await _record_refusal(context, name, code)
        return payload

    return resolve_watched


async def _record_refusal(context: Context, name: str, code: ErrorCode) -> None:
    """Tell that a known caller may not do it, unless a transaction of it told so."""
    if code in _REFUSALS and context.is_known and not context.has_recorded:
        await context.record_refusals([name], code)


async def record_closed_mutations(context: Context, errors: Iterable[GraphQLError] | None) -> None:
    """Tell which mutations of a document somebody sent who may not do them."""
    causes = (find_cause(error) for error in errors or ())
    closed = (cause.field for cause in causes if isinstance(cause, ClosedFieldError))
    names = [name.removeprefix(_MUTATION) for name in closed if name.startswith(_MUTATION)]
    if names:
        await context.record_refusals(names, ErrorCode.FORBIDDEN)
