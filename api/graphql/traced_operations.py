"""Operations as spans: of which kind they are, and the root fields that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graphql import FieldNode, OperationDefinitionNode

from api.telemetry import SpanKind, Telemetry

_MOST_NAMES = 5


@dataclass(slots=True)
class Traced:
    """What is told of an operation when it has ended."""

    has_failed: bool = False


@contextmanager
def trace_operation(telemetry: Telemetry, operation: OperationDefinitionNode) -> Iterator[Traced]:
    """Measure an operation, which is valid by now: its fields are ours.

    Arguments and variables are not told.
    """
    kind, fields = operation.operation.value, _name_fields(operation)
    with telemetry.span(f"{kind} {fields}", SpanKind.OPERATION) as span:
        span.note(graphql__operation__type=kind, graphql__root_fields=fields)
        traced = Traced()
        yield traced
        if traced.has_failed:
            span.fail("errors")


def _name_fields(operation: OperationDefinitionNode) -> str:
    """Name the root fields in their order."""
    chosen = operation.selection_set.selections
    fields = [one.name.value for one in chosen if isinstance(one, FieldNode)]
    told = list(dict.fromkeys(fields)) + ["..."] * (len(fields) < len(chosen))
    return " ".join(told[:_MOST_NAMES])
