"""What of the schema is open to a role, as a schema of its own: what it can say is not refused."""

from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)

from api.graphql.permissions import list_openers
from api.policies import CAPABILITIES
from models.values.access import Role

SCHEMA = Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql"


@cache
def _parse_schema() -> DocumentNode:
    """Parse the whole schema once for all roles."""
    return parse(SCHEMA.read_text(encoding="utf-8"), no_location=True)


def open_schema(role: Role) -> GraphQLSchema:
    """Give the schema without the fields that are closed to a role, and what they alone lead to."""
    document = _parse_schema()
    gone: set[str] = set()
    while True:
        document = visit(document, _Closing(role, gone))
        empty = {
            node.name.value
            for node in document.definitions
            if isinstance(node, ObjectTypeDefinitionNode) and not node.fields
        }
        if not empty:
            return build_ast_schema(document)
        gone |= empty


class _Closing(Visitor):
    """Leave out what is closed to a role, and every mention of the types that are gone."""

    def __init__(self, role: Role, gone: set[str]) -> None:
        super().__init__()
        self.held = CAPABILITIES[role]
        self.gone = gone
        self.kind = ""

    def enter_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: object) -> Any:
        """Judge the fields that follow as those of this type."""
        self.kind = node.name.value
        return REMOVE if self.kind in self.gone else None

    def enter_interface_type_definition(self, *_: object) -> None:
        """Leave the fields of interfaces alone."""
        self.kind = ""

    def enter_field_definition(self, node: FieldDefinitionNode, *_: object) -> Any:
        """Leave out a field that is closed, or leads to nothing."""
        openers = list_openers(self.kind, node.name.value) if self.kind else None
        is_closed = openers is not None and not openers & self.held
        return REMOVE if is_closed or _name_of(node.type) in self.gone else None

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> Any:
        """Leave out a place in a union."""
        return REMOVE if node.name.value in self.gone else None


def _name_of(kind: TypeNode) -> str:
    """Name the type inside lists and non-nulls."""
    while not isinstance(kind, NamedTypeNode):
        kind = kind.type
    return kind.name.value
