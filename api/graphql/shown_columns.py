"""Which columns of a record a query asks for: a brief reading reads no others.

A type declares the columns that its fields show and its resolvers need. A query that asks for
nothing but columns needs those alone; one that asks for more needs all that the type declares.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import inspect
from strawberry.types.field import StrawberryField

from api.graphql.node import Node, find_shown_table
from models.session import Shown

SHOWN: ContextVar[Shown | None] = ContextVar("shown", default=None)
"""What is shown of the records that a resolver finds; None for all of them."""

_STRAWBERRY = "strawberry-definition"


def choose_columns(kind: GraphQLObjectType, fields: list[FieldNode]) -> Shown | None:
    """Tell what of a record is needed for some fields of its type; None where it shows none."""
    table = find_shown_table(kind.name)
    if table is None:
        return None
    declared, plain = _list_columns(kind)
    names = {each.name.value for each in fields} - {"__typename"}
    needed = frozenset(plain[name] for name in names) if names <= plain.keys() else declared
    return Shown(table, needed)


def join_shown(found: Sequence[Shown | None]) -> Shown | None:
    """Put together what several parts of a selection need; None where one needs all."""
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found) or len({each.table for each in known}) > 1:
        return None
    return Shown(known[0].table, frozenset().union(*(each.columns for each in known)))


@cache
def _list_columns(kind: GraphQLObjectType) -> tuple[frozenset[str], Mapping[str, str]]:
    """List the columns that a type declares, and which fields show just one."""
    table: Any = find_shown_table(kind.name)
    columns = set(inspect(table).column_attrs.keys())
    origin = kind.extensions[_STRAWBERRY].origin
    declared = {name for base in origin.__mro__ for name in vars(base).get("__annotations__", ())}
    fields = {name: field.extensions.get(_STRAWBERRY) for name, field in kind.fields.items()}
    plain = {name: _find_column(field) for name, field in fields.items() if field is not None}
    plain = {name: column for name, column in plain.items() if column in columns}
    return frozenset(declared & columns), plain


def _find_column(field: StrawberryField) -> str:
    """Name the column that a field may show; nothing for what a resolver finds out."""
    resolver = field.base_resolver
    if resolver is None:
        return field.python_name
    return "id" if resolver.wrapped_func is Node.global_id else ""
