"""What a query selects, worked out once for all objects of a kind: steps, and shapes of values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from graphql import (
    Executor,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList

from api.graphql.lean_fields import Read
from models.session import Shown


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value has to become: one of a leaf, a list, an object or an abstract type.

    Attributes
    ----------
    is_required : bool
        Whether null will not do.
    write : callable, optional
        How a leaf is written.
    items : Shape, optional
        What the items of a list become.
    kind : GraphQLObjectType, optional
        Whose fields an object shows.
    abstract : GraphQLAbstractType, optional
        Of which the value's own type is one.
    """

    is_required: bool
    write: Callable[[Any], Any] | None = None
    items: "Shape | None" = None
    kind: GraphQLObjectType | None = None
    abstract: GraphQLInterfaceType | GraphQLUnionType | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One field of a selection, the same for every object that shows it.

    Attributes
    ----------
    name : str
        Under which it is answered.
    parent : GraphQLObjectType
        Whose field it is.
    details : list of FieldDetails
        Where the document asks for it.
    shape : Shape
        What its value becomes.
    field : GraphQLField
        Which field of the type it is.
    read : callable, optional
        How to read it at once.
    resolve : callable
        How to find it out.
    shown : Shown, optional
        Which columns it shows of the records that it leads to.
    """

    name: str
    parent: GraphQLObjectType
    details: FieldDetailsList
    shape: Shape
    field: GraphQLField
    read: Read | None
    resolve: Callable[..., Any]
    shown: Shown | None


Selections = dict[tuple[GraphQLObjectType, int], list[Step]]
"""The steps of an operation, by the type and the place in the document; found when needed."""


@cache
def find_shape(kind: GraphQLOutputType) -> Shape:
    """Work out what values of a type become."""
    is_required = isinstance(kind, GraphQLNonNull)
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(inner, GraphQLList):
        return Shape(is_required, items=find_shape(inner.of_type))
    if is_leaf_type(inner):
        return Shape(is_required, write=partial(Executor.complete_leaf_value, inner))
    if isinstance(inner, GraphQLObjectType):
        return Shape(is_required, kind=inner)
    assert isinstance(inner, GraphQLInterfaceType | GraphQLUnionType), "no other type is answered"
    return Shape(is_required, abstract=inner)
