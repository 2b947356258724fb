"""How large a document may be: one validation rule that measures each fragment once.

Walking fragments wherever they are spread takes time exponential in the length of the document,
so the measure of a fragment is kept.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    is_composite_type,
)
from graphql.language import DocumentNode

from api.graphql.pagination import DEFAULT_PAGE, LARGEST_PAGE
from models.values.errors import ErrorCode

_CEILING = 10**9
_DEEPEST_NESTING = 100
"""Selections inside each other, fragments included: keeps the walk within Python's stack."""
_SERIES_TYPE = "EnergySeries"
_SERIES_COST = 100
"""A year of hours weighs about as much as a hundred objects."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most of each that one document may ask for.

    Cost counts the objects that full pages would hold, which real lists rarely are: it stops the
    absurd. What is really read is counted as it is read, by the data loaders.
    """

    tokens: int = 2_000
    depth: int = 18
    aliases: int = 30
    directives: int = 50
    cost: int = 10_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Measure:
    """Size of a selection: its depth, and sums over every field that it reaches."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def beside(self, other: "Measure") -> "Measure":
        """Join the measures of two neighbours; sums stop growing at a ceiling."""
        return Measure(
            max(self.depth, other.depth),
            min(_CEILING, self.aliases + other.aliases),
            min(_CEILING, self.directives + other.directives),
            min(_CEILING, self.cost + other.cost),
        )


class Meter:
    """Measure the selections of one document."""

    def __init__(self, context: ValidationContext) -> None:
        self.schema = context.schema
        self.fragments = {
            definition.name.value: definition
            for definition in context.document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.measured: dict[str, Measure] = {}
        self.open: set[str] = set()
        self.nesting = 0

    def measure(
        self, selections: SelectionSetNode | None, parent: GraphQLCompositeType | None
    ) -> Measure:
        """Add up a selection set; one nested beyond any use is not followed further."""
        if self.nesting >= _DEEPEST_NESTING:
            return Measure(depth=_CEILING)
        self.nesting += 1
        total = self._add_up(selections, parent)
        self.nesting -= 1
        return total

    def _add_up(
        self, selections: SelectionSetNode | None, parent: GraphQLCompositeType | None
    ) -> Measure:
        total = Measure()
        for selection in selections.selections if selections else ():
            total = total.beside(Measure(directives=len(selection.directives or ())))
            total = total.beside(self._measure_one(selection, parent))
        return total

    def _measure_one(
        self, selection: SelectionNode, parent: GraphQLCompositeType | None
    ) -> Measure:
        if isinstance(selection, FragmentSpreadNode):
            return self._measure_fragment(selection.name.value)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner = self._find_type(condition.name.value) if condition else parent
            return self.measure(selection.selection_set, inner)
        assert isinstance(selection, FieldNode)
        return self._measure_field(selection, parent)

    def _measure_fragment(self, name: str) -> Measure:
        # Cycles and unknown names are reported by graphql-core's own rules.
        if name not in self.fragments or name in self.open:
            return Measure()
        if name not in self.measured:
            self.open.add(name)
            fragment = self.fragments[name]
            inner = self._find_type(fragment.type_condition.name.value)
            self.measured[name] = self.measure(fragment.selection_set, inner)
            self.open.remove(name)
        return self.measured[name]

    def _measure_field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Measure:
        known = getattr(parent, "fields", {}).get(node.name.value)
        named = get_named_type(known.type) if known else None
        inner = self.measure(node.selection_set, named if is_composite_type(named) else None)
        kind = named.name if named else ""
        times = _page_size(node) if kind.endswith("Connection") else 1
        own = _SERIES_COST if kind == _SERIES_TYPE else int(is_composite_type(named))
        return Measure(
            min(_CEILING, inner.depth + 1),
            inner.aliases + (1 if node.alias else 0),
            inner.directives,
            min(_CEILING, own + times * inner.cost),
        )

    def _find_type(self, name: str) -> GraphQLCompositeType | None:
        found = self.schema.get_type(name)
        return found if is_composite_type(found) else None


def _page_size(node: FieldNode) -> int:
    """Read how many rows a list field asks for; a variable may ask for the most."""
    for argument in node.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            if isinstance(value, IntValueNode) and value.value.isdigit():
                return min(int(value.value[:4]), LARGEST_PAGE)
            return LARGEST_PAGE
    return DEFAULT_PAGE


def build_complexity_rule(limits: Limits) -> type[ValidationRule]:
    """Make the rule; make it once, for the validation cache tells rules apart by class."""

    class ComplexityRule(ValidationRule):
        """Refuse documents that are too deep, too repetitive or too costly."""

        context: ValidationContext

        def enter_document(self, document: DocumentNode, *_: Any) -> None:
            """Measure every operation of the document."""
            meter = Meter(self.context)
            for operation in document.definitions:
                if isinstance(operation, OperationDefinitionNode):
                    root = self.context.schema.get_root_type(operation.operation)
                    self._check(operation, meter.measure(operation.selection_set, root))

        def _check(self, operation: OperationDefinitionNode, size: Measure) -> None:
            for what in ("depth", "aliases", "directives", "cost"):
                value, most = getattr(size, what), getattr(limits, what)
                if value > most:
                    message = f"the {what} of the document is {value}, above the limit of {most}"
                    code = {"code": ErrorCode.TOO_LARGE.name}
                    self.report_error(GraphQLError(message, operation, extensions=code))

    return ComplexityRule
