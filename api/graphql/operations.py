"""Operations from their text to what they come to: admitted first, then executed or followed."""

import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    subscribe,
)

from api.graphql.admitted_documents import (
    ReadDocument,
    admit_document,
    read_document,
    recall_selections,
)
from api.graphql.context import Context
from api.graphql.errors import find_cause
from api.graphql.lean_execution import LeanExecution
from api.graphql.operation_errors import (
    EmptyQueryError,
    NotASubscriptionError,
    UnknownOperationError,
)
from api.graphql.requests import GraphQLRequest
from api.graphql.traced_operations import Traced, trace_operation
from api.telemetry import Telemetry
from models.values.errors import CommunityError, ErrorCode


class WrongKindError(Exception):
    """An operation came on a way on which its kind is not answered.

    Attributes
    ----------
    kind : OperationType
        What it is.
    """

    def __init__(self, kind: OperationType) -> None:
        super().__init__(kind)
        self.kind = kind


class _RefusedError(Exception):
    """Nothing of an operation is carried out."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = list(errors)


class Operations:
    """What callers ask of one schema."""

    def __init__(self, schema: GraphQLSchema, telemetry: Telemetry | None = None) -> None:
        self.schema = schema
        self._telemetry = telemetry

    async def execute(
        self, asked: GraphQLRequest, context: Context, allowed: Collection[OperationType]
    ) -> ExecutionResult:
        """Execute one operation that is answered at once.

        Raises
        ------
        WrongKindError
            If it is of a kind that is not allowed here.
        """
        started = time.perf_counter()
        try:
            document, operation = self._admit(asked, context, allowed)
        except _RefusedError as refused:
            return _refuse(context, refused.errors)
        try:
            result = await self._run(asked, context, document, operation)
        finally:
            context.close()
        _note(context, operation, started, result)
        return result

    async def _run(
        self,
        asked: GraphQLRequest,
        context: Context,
        document: ReadDocument,
        operation: OperationDefinitionNode,
    ) -> ExecutionResult:
        executor = LeanExecution.build(
            self.schema,
            document.content,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
            selections=recall_selections(document, operation),
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        with self._trace(operation) as traced:
            answered: Any = executor.execute_operation()
            result: ExecutionResult = await answered if isawaitable(answered) else answered
            traced.has_failed = bool(result.errors)
        return result

    async def follow(
        self, asked: GraphQLRequest, context: Context
    ) -> AsyncGenerator[ExecutionResult]:
        """Yield what a subscription answers; what is refused is its only answer."""
        started = time.perf_counter()
        try:
            document, operation = self._admit(asked, context, (OperationType.SUBSCRIPTION,))
        except _RefusedError as refused:
            yield _refuse(context, refused.errors)
            return
        except WrongKindError:
            yield refuse_operation(NotASubscriptionError())
            return
        with self._trace(operation) as traced:
            begun: Any = subscribe(
                self.schema,
                document.content,
                context_value=context,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                executor_class=LeanExecution,
            )
            results = await begun if isawaitable(begun) else begun
            traced.has_failed = isinstance(results, ExecutionResult)
        if isinstance(results, ExecutionResult):
            yield _refuse(context, results.errors or ())
            return
        async with aclosing(results):
            try:
                async for result in results:
                    yield result
            except Exception as error:  # noqa: BLE001  what ends a source is its last answer
                yield ExecutionResult(None, [_tell(error)])
        _note(context, operation, started, ExecutionResult(None, None))

    def _admit(
        self, asked: GraphQLRequest, context: Context, allowed: Collection[OperationType]
    ) -> tuple[ReadDocument, OperationDefinitionNode]:
        """Read a document, and find the operation in it that is asked for."""
        if not asked.query.strip():
            raise _RefusedError([_tell(EmptyQueryError())])
        try:
            document = read_document(asked.query, context.principal.role)
        except GraphQLError as error:
            raise _RefusedError([error]) from error
        operation = document.find(asked.operation_name)
        if operation is None:
            raise _RefusedError([_tell(UnknownOperationError())])
        if operation.operation not in allowed:
            raise WrongKindError(operation.operation)
        errors = admit_document(self.schema, document, context)
        if errors:
            raise _RefusedError(errors)
        return document, operation

    def _trace(self, operation: OperationDefinitionNode) -> AbstractContextManager[Traced]:
        if self._telemetry is None:
            return nullcontext(Traced())
        return trace_operation(self._telemetry, operation)


def refuse_operation(error: CommunityError) -> ExecutionResult:
    """Answer without data."""
    return ExecutionResult(None, [_tell(error)])


def _tell(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _refuse(context: Context, errors: Sequence[GraphQLError]) -> ExecutionResult:
    """Answer without data, and count why."""
    causes = map(find_cause, errors)
    for code in {getattr(cause, "code", ErrorCode.INVALID_ARGUMENT) for cause in causes}:
        context.metrics.note_refusal(code.value)
    return ExecutionResult(None, list(errors))


def _note(
    context: Context, operation: OperationDefinitionNode, started: float, result: ExecutionResult
) -> None:
    """Count what was carried out, and how long it took."""
    seconds = time.perf_counter() - started
    name = operation.name.value if operation.name else None
    context.metrics.note_operation(name, seconds, has_failed=bool(result.errors))
