"""Documents before they run: parsed, measured, charged, validated and judged, each once a text.

What was found out is kept by the text: to compare parsed documents, as keys of a cache are, takes
longer than the rest of a small request's admission.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from api.graphql.context import Context
from api.graphql.errors import find_cause
from api.graphql.input_paths import name_inputs
from api.graphql.limits import Limits, limits_of, refuse_excess
from api.graphql.permissions import judge_document
from api.rate_limit import TooMuchAskedError
from models.values.access import Capability, Role
from models.values.errors import ErrorCode, InvalidArgumentError

_KEPT_DOCUMENTS = 256
_KEPT_FINDINGS = 512
"""Of each kind: some documents come from several kinds of callers."""


class UnnamedOperationError(InvalidArgumentError):
    """A document has several operations, and none of them is named."""

    def __init__(self) -> None:
        super().__init__("the document has several operations: name one by `operationName`")


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """A parsed document, equal to itself alone."""

    content: DocumentNode
    has_many_operations: bool


class AdmittedDocuments(SchemaExtension):
    """Refuse what is too large, unfit or not for its caller, and note how long the rest took."""

    document: ReadDocument | None = None

    def on_operation(self) -> Iterator[None]:
        """Watch an operation from its text to its result."""
        started = time.perf_counter()
        yield
        context, errors = self._context, self.execution_context.pre_execution_errors or ()
        if errors and not any(error.path for error in errors):
            causes = map(find_cause, errors)
            for code in {getattr(cause, "code", ErrorCode.INVALID_ARGUMENT) for cause in causes}:
                context.metrics.note_refusal(code.value)
            return
        seconds = time.perf_counter() - started
        context.metrics.note_operation(context.operation_name, seconds, has_failed=bool(errors))

    def on_parse(self) -> Iterator[None]:
        """Parse, and stop where the caller's documents end."""
        limits = limits_of(self._context.principal.role)
        self.document = _read(self.execution_context.query or "", limits.tokens)
        self.execution_context.graphql_document = self.document.content
        yield

    def on_validate(self) -> Iterator[None]:
        """Measure and charge first: what is refused for its size is not validated."""
        assert self.document is not None, "a document is parsed before it is validated"
        self.execution_context.pre_execution_errors = list(self._admit(self.document))
        yield

    @property
    def _context(self) -> Context:
        context: Context = self.execution_context.context
        return context

    def _admit(self, document: ReadDocument) -> Iterator[GraphQLError]:
        """Yield why it is refused."""
        schema: GraphQLSchema = self.execution_context.schema._schema  # noqa: SLF001
        context = self._context
        principal = context.principal
        try:
            context.charge(_measure(schema, document, limits_of(principal.role)))
        except GraphQLError as error:
            yield error
        except TooMuchAskedError as error:
            yield GraphQLError(str(error), original_error=error)
        else:
            is_told = context.settings.public_introspection or principal.role is not Role.PUBLIC
            unfit = _validate(schema, document)
            yield from unfit or _judge(schema, document, principal.capabilities, is_told)
        if document.has_many_operations and context.operation_name is None:
            # strawberry would take the first.
            fault = UnnamedOperationError()
            yield GraphQLError(str(fault), original_error=fault)


@lru_cache(maxsize=_KEPT_DOCUMENTS)
def _read(text: str, most_tokens: int) -> ReadDocument:
    content = parse(text, max_tokens=most_tokens)
    operations = [one for one in content.definitions if isinstance(one, OperationDefinitionNode)]
    return ReadDocument(content, len(operations) > 1)


@lru_cache(maxsize=_KEPT_FINDINGS)
def _measure(schema: GraphQLSchema, document: ReadDocument, limits: Limits) -> int:
    return refuse_excess(schema, document.content, limits)


@lru_cache(maxsize=_KEPT_FINDINGS)
def _validate(schema: GraphQLSchema, document: ReadDocument) -> tuple[GraphQLError, ...]:
    errors = validate_document(schema, document.content, tuple(specified_rules))
    return tuple(name_inputs(document.content, errors))


@lru_cache(maxsize=_KEPT_FINDINGS)
def _judge(
    schema: GraphQLSchema, document: ReadDocument, held: frozenset[Capability], is_told: bool
) -> tuple[GraphQLError, ...]:
    return judge_document(schema, document.content, held, tells_schema=is_told)
