"""Where in a document a refused value stands: graphql-core tells only its line and column."""

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    Location,
    Node,
    ObjectFieldNode,
    ValueNode,
    VariableDefinitionNode,
    Visitor,
    visit,
)

_Place = tuple[str, Location | None]


class _PathFinder(Visitor):
    """Note the names around each of some nodes, from the outside in."""

    def __init__(self, wanted: Iterable[Node]) -> None:
        super().__init__()
        self.wanted = {_place(node) for node in wanted}
        self.paths: dict[_Place, str] = {}

    def enter(self, node: Node, _key: Any, parent: Any, _path: Any, above: list[Any]) -> None:
        """Look at one node; those above it do not include its parent."""
        if _place(node) in self.wanted:
            names = (_name(one) for one in (*above, parent, node))
            self.paths[_place(node)] = ".".join(name for name in names if name)


def _place(node: Node) -> _Place:
    """Tell nodes apart by where they stand in the text."""
    return node.kind, node.loc


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
    return [
        _name_input(error, finder.paths[_place(at_fault[place])]) if place in at_fault else error
        for place, error in enumerate(errors)
    ]


def _name_input(error: GraphQLError, path: str) -> GraphQLError:
    """Copy an error; the one that was given stays in the cache."""
    message = f"at {path}: {error.message}"
    return GraphQLError(message, error.nodes, original_error=error.original_error)
