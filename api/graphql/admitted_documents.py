"""Documents before they run: parsed, measured, charged, validated and judged, each once a text.

What was found out is kept by the text: to compare parsed documents, as keys of a cache are, takes
longer than the rest of a small request's admission.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from api.graphql.context import Context
from api.graphql.input_paths import name_inputs
from api.graphql.limits import Limits, limits_of, refuse_excess
from api.graphql.permissions import judge_document
from api.graphql.selections import Selections
from api.rate_limit import TooMuchAskedError
from models.values.access import Capability, Role
from models.values.errors import InvalidArgumentError

_KEPT_DOCUMENTS = 256
_KEPT_FINDINGS = 512
"""Of each kind: some documents come from several kinds of callers."""

_DIRECTIVE = "@"
"""Without it a document has none; where it stands in a text, not much is lost."""


class UnnamedOperationError(InvalidArgumentError):
    """A document has several operations, and none of them is named."""

    def __init__(self) -> None:
        super().__init__("the document has several operations: name one by `operationName`")


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """A parsed document, equal to itself alone, and what is known of its operations."""

    content: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    is_conditional: bool
    """Whether variables may decide which fields it asks for."""
    selections: dict[int, Selections] = field(default_factory=dict)

    def find(self, name: str | None) -> OperationDefinitionNode | None:
        """Find the operation of a name; without one, the first."""
        for each in self.operations:
            if name is None or (each.name is not None and each.name.value == name):
                return each
        return None


def recall_selections(document: ReadDocument, operation: OperationDefinitionNode) -> Selections:
    """Give what an operation was found to select, if that is the same every time."""
    if document.is_conditional:
        return {}
    return document.selections.setdefault(id(operation), {})


def read_document(text: str, role: Role) -> ReadDocument:
    """Parse a document, and stop where the caller's documents end.

    Raises
    ------
    GraphQLError
        If it is none, or too long.
    """
    return _read(text, limits_of(role).tokens)


def admit_document(
    schema: GraphQLSchema, document: ReadDocument, context: Context
) -> list[GraphQLError]:
    """Charge for a document, and tell why it is refused, if it is.

    It is measured first: what is refused for its size is not validated.
    """
    principal = context.principal
    try:
        context.charge(_measure(schema, document, limits_of(principal.role)))
    except GraphQLError as error:
        errors = [error]
    except TooMuchAskedError as error:
        errors = [GraphQLError(str(error), original_error=error)]
    else:
        is_told = context.settings.public_introspection or principal.role is not Role.PUBLIC
        unfit = _validate(schema, document)
        errors = list(unfit or _judge(schema, document, principal.capabilities, is_told))
    if len(document.operations) > 1 and context.operation_name is None:
        fault = UnnamedOperationError()
        errors.append(GraphQLError(str(fault), original_error=fault))
    return errors


@lru_cache(maxsize=_KEPT_DOCUMENTS)
def _read(text: str, most_tokens: int) -> ReadDocument:
    content = parse(text, max_tokens=most_tokens)
    found = (one for one in content.definitions if isinstance(one, OperationDefinitionNode))
    return ReadDocument(content, tuple(found), is_conditional=_DIRECTIVE in text)


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
