"""Where in a document a refused value stands: graphql-core tells only its line and column."""

from collections.abc import Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    Node,
    ObjectFieldNode,
    ValueNode,
    Visitor,
    visit,
)


class _PathFinder(Visitor):
    """Note the names around each of some nodes, from the outside in."""

    def __init__(self, wanted: set[Node]) -> None:
        super().__init__()
        self.wanted = wanted
        self.paths: dict[Node, str] = {}

    def enter(self, node: Node, _key: Any, _parent: Any, _path: Any, around: list[Any]) -> None:
        """Look at one node."""
        if node in self.wanted:
            self.paths[node] = ".".join(filter(None, map(_name, (*around, node))))


def _name(node: Any) -> str | None:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
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
    finder = _PathFinder(set(at_fault.values()))
    visit(document, finder)
    return [
        _name_input(error, finder.paths.get(at_fault[place])) if place in at_fault else error
        for place, error in enumerate(errors)
    ]


def _name_input(error: GraphQLError, path: str | None) -> GraphQLError:
    """Copy an error; the one that was given stays in the cache."""
    if not path:
        return error
    message = f"at {path}: {error.message}"
    return GraphQLError(message, error.nodes, original_error=error.original_error)
