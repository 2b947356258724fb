"""Where in a document a refused value stands: graphql-core tells only its line and column."""

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    ListValueNode,
    Location,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    ValueNode,
    VariableDefinitionNode,
    Visitor,
    print_ast,
    visit,
)

_Place = tuple[str, Location | str]


class _PathFinder(Visitor):
    """Note the names around each of some nodes, from the outside in."""

    def __init__(self, wanted: Iterable[Node]) -> None:
        super().__init__()
        self.wanted = {_place(node) for node in wanted}
        self.has_copies = any(isinstance(place, str) for _, place in self.wanted)
        self.found: dict[_Place, tuple[Node, str]] = {}

    def enter(self, node: Node, _key: Any, parent: Any, _path: Any, above: list[Any]) -> None:
        """Look at one node; those above it do not include its parent."""
        places = [_place(node)]
        if self.has_copies and isinstance(node, ListValueNode | ObjectValueNode):
            places.append((node.kind, print_ast(node)))
        for place in self.wanted.intersection(places):
            names = (_name(one) for one in (*above, parent, node))
            self.found.setdefault(place, (node, ".".join(name for name in names if name)))


def _place(node: Node) -> _Place:
    """Tell nodes apart by where they stand in the text.

    Of lists and objects where something else is expected graphql-core tells copies that stand
    nowhere: these are told by what they say.
    """
    return node.kind, node.loc or print_ast(node)


def _name(node: Any) -> str | None:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    if isinstance(node, VariableDefinitionNode):
        return f"${node.variable.name.value}"
    return node.name.value if isinstance(node, ArgumentNode | ObjectFieldNode) else None


def name_inputs(document: DocumentNode, errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Begin the message of every error about an input with the path of the input."""
    at_fault = {
        place: error.nodes[0]
        for place, error in enumerate(errors)
        if error.nodes and isinstance(error.nodes[0], ValueNode | ObjectFieldNode)
    }
    if not at_fault:
        return list(errors)
    finder = _PathFinder(at_fault.values())
    visit(document, finder)
    found = {place: finder.found.get(_place(node)) for place, node in at_fault.items()}
    return [_name_input(error, found.get(place)) for place, error in enumerate(errors)]


def _name_input(error: GraphQLError, found: tuple[Node, str] | None) -> GraphQLError:
    """Copy an error, for the one that was given stays in the cache; others are told as they are."""
    if found is None:
        return error
    node, path = found
    return GraphQLError(f"at {path}: {error.message}", node, original_error=error.original_error)
