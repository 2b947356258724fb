"""Operations as spans: of which kind they are, and the root fields that they name."""

from collections.abc import Iterator

from graphql import DocumentNode, FieldNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from api.telemetry import SpanKind, Telemetry

_MOST_NAMES = 5


class TracedOperations(SchemaExtension):
    """Measure what is executed; arguments and variables are not told."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry

    def on_execute(self) -> Iterator[None]:
        """Measure one operation, which is valid by now: its fields are ours."""
        asked = self.execution_context
        assert asked.graphql_document is not None
        kind, fields = _read_operation(asked.graphql_document, asked.operation_name)
        with self.telemetry.span(f"{kind} {fields}", SpanKind.OPERATION) as span:
            span.note(graphql__operation__type=kind, graphql__root_fields=fields)
            yield
            if asked.result is not None and asked.result.errors:
                span.fail("errors")


def _read_operation(document: DocumentNode, name: str | None) -> tuple[str, str]:
    """Tell the kind of the operation that is executed, and its root fields in their order."""
    operations = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    operation = next(
        one for one in operations if name is None or (one.name and one.name.value == name)
    )
    chosen = operation.selection_set.selections
    fields = [one.name.value for one in chosen if isinstance(one, FieldNode)]
    told = list(dict.fromkeys(fields)) + ["..."] * (len(fields) < len(chosen))
    return operation.operation.value, " ".join(told[:_MOST_NAMES])
