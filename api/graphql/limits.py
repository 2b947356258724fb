"""How large a document may be: measured before it is validated, which can take far longer.

Walking fragments wherever they are spread takes time exponential in the length of the document,
so the measure of a fragment is kept; fields that share a name are only counted in a document
whose selections are few when all fragments are spread.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb
from typing import Any

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    get_named_type,
    is_composite_type,
    visit,
)

from api.graphql.pagination import DEFAULT_PAGE, LARGEST_PAGE
from models.values.access import Role
from models.values.errors import CommunityError, ErrorCode

_CEILING = 10**9
_DEEPEST_NESTING = 100
"""Selections inside each other, fragments included: keeps the walk within Python's stack."""
_LONGEST_NUMBER = 40
_COSTS = {
    "EnergySeries": 100,
    "RetailBills": 300,
    "SignInPayload": 2_000,
    "SignUpPayload": 2_000,
    "ChangePasswordPayload": 2_000,
    "AcceptInvitationPayload": 2_000,
    "RequestPasswordResetPayload": 2_000,
    "ResetPasswordPayload": 2_000,
    "ChangeEmailPayload": 2_000,
    "ConfirmEmailPayload": 2_000,
    "UnlinkIdentityPayload": 2_000,
}
"""What weighs more than an object: years of hours, bills, which read three of them, passwords."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most of each that one document may ask for.

    Cost counts the objects that full pages would hold, which real lists rarely are: it stops the
    absurd. What is really read is counted as it is read, by the data loaders. Selections are those
    of the whole document with every fragment spread. Overlaps are pairs that graphql-core compares
    to see whether they can be merged: fields of one response name, and fragments side by side.
    """

    tokens: int = 2_000
    depth: int = 18
    aliases: int = 30
    directives: int = 50
    cost: int = 10_000_000
    selections: int = 4_000
    overlaps: int = 1_000


DEFAULT_LIMITS = Limits()
PUBLIC_LIMITS = Limits(
    tokens=800, depth=15, aliases=5, directives=10, cost=20_000, selections=400, overlaps=200
)


def limits_of(role: Role) -> Limits:
    """Tell how large a document of a kind of caller may be."""
    return PUBLIC_LIMITS if role is Role.PUBLIC else DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Measure:
    """Size of a selection: its depth, and sums over every field that it reaches."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    selections: int = 0

    def beside(self, other: "Measure") -> "Measure":
        """Join the measures of two neighbours; sums stop growing at a ceiling."""
        return Measure(
            max(self.depth, other.depth),
            min(_CEILING, self.aliases + other.aliases),
            min(_CEILING, self.directives + other.directives),
            min(_CEILING, self.cost + other.cost),
            min(_CEILING, self.selections + other.selections),
        )


class Meter:
    """Measure the selections of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.measured: dict[str, Measure] = {}
        self.open: set[str] = set()
        self.nesting = 0

    def measure_definition(self, definition: ExecutableDefinitionNode) -> Measure:
        """Add up an operation, or a fragment whether or not it is spread."""
        root: GraphQLCompositeType | None = None
        if isinstance(definition, OperationDefinitionNode):
            root = self.schema.get_root_type(definition.operation)
        elif isinstance(definition, FragmentDefinitionNode):
            root = self._find_type(definition.type_condition.name.value)
        return self.measure(definition.selection_set, root)

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
            own = Measure(directives=len(selection.directives or ()), selections=1)
            total = total.beside(own)
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
        if name in self.open:
            raise GraphQLError(f"fragment {name!r} spreads itself", self.fragments[name])
        # Unknown names are reported by graphql-core's own rules.
        if name not in self.fragments:
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
        own = _COSTS.get(kind, int(is_composite_type(named)))
        return Measure(
            min(_CEILING, inner.depth + 1),
            inner.aliases + (1 if node.alias else 0),
            inner.directives,
            min(_CEILING, own + times * inner.cost),
            inner.selections,
        )

    def count_overlaps(self, merged: Iterable[SelectionSetNode]) -> int:
        """Count the pairs that answer under one name in selection sets that become one object.

        Every spread is followed, so count only what has few selections in all.
        """
        names: Counter[str] = Counter()
        inside: defaultdict[str, list[SelectionSetNode]] = defaultdict(list)
        waiting, n_spreads = list(merged), 0
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, FieldNode):
                    name = (selection.alias or selection.name).value
                    names[name] += 1
                    if selection.selection_set:
                        inside[name].append(selection.selection_set)
                elif isinstance(selection, InlineFragmentNode):
                    waiting.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode):
                    n_spreads += 1
                    found = self.fragments.get(selection.name.value)
                    waiting += [found.selection_set] if found else []
        own = sum(comb(times, 2) for times in (n_spreads, *names.values()))
        return own + sum(map(self.count_overlaps, inside.values()))

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


class LongNumberError(CommunityError):
    """A whole number has more digits than any use.

    Attributes
    ----------
    n_digits, most : int
        How many it has, and how many it may have.
    """

    code = ErrorCode.TOO_LARGE

    def __init__(self, n_digits: int) -> None:
        super().__init__(f"a number of {n_digits} digits is longer than {_LONGEST_NUMBER}")
        self.n_digits = n_digits
        self.most = _LONGEST_NUMBER


class DocumentSizeError(CommunityError):
    """A document asks for more than one may.

    Attributes
    ----------
    measure : str
        What was measured, such as ``depth``.
    value, most : int
        How much it is, and how much it may be.
    """

    code = ErrorCode.TOO_LARGE

    def __init__(self, measure: str, value: int, most: int) -> None:
        super().__init__(f"the {measure} of the document is {value}, above the limit of {most}")
        self.measure = measure
        self.value = value
        self.most = most


class _LongNumbers(Visitor):
    """Refuse whole numbers that Python would take too long to read, or would not read."""

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        if len(node.value) > _LONGEST_NUMBER:
            error = LongNumberError(len(node.value))
            raise GraphQLError(str(error), node, original_error=error)


def refuse_excess(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> int:
    """Raise an error that names the first limit which a document breaks, or tell its cost.

    That is the cost of the dearest of its operations.
    """
    visit(document, _LongNumbers())
    meter = Meter(schema, document)
    executable = [one for one in document.definitions if isinstance(one, ExecutableDefinitionNode)]
    n_selections = cost = 0
    for definition in executable:
        size = meter.measure_definition(definition)
        n_selections += size.selections
        cost = max(cost, size.cost)
        for what in ("depth", "aliases", "directives", "cost"):
            _refuse_above(what, getattr(size, what), limits, definition)
        _refuse_above("selections", n_selections, limits, definition)
    n_overlaps = 0
    for definition in executable:
        n_overlaps += meter.count_overlaps([definition.selection_set])
        _refuse_above("overlaps", n_overlaps, limits, definition)
    return cost


def _refuse_above(
    what: str, value: int, limits: Limits, definition: ExecutableDefinitionNode
) -> None:
    most = getattr(limits, what)
    if value > most:
        error = DocumentSizeError(what, value, most)
        raise GraphQLError(str(error), definition, original_error=error)
