"""Fields that cost less than strawberry's own ceremony: most of a list's time went there.

A field that shows an attribute of a plain kind, or what a method makes of its object alone, is read
at once. What cannot be answered so for sure goes the usual way, errors and all. Resolvers whose
arguments need no conversion are called directly.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from graphql import (
    Executor,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNullableType,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_leaf_type,
)
from strawberry.schema.name_converter import NameConverter
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from api.graphql.context import Info
from api.graphql.node import Node, write_global_id

_STRAWBERRY = "strawberry-definition"
_LEAN = "reparto-lean"

USUAL = object()
"""Stands for a value that has to go the usual way."""

_PLAIN_KINDS: dict[str, type] = {"String": str, "Boolean": bool, "Cups": str, "Cau": str}
"""Scalars whose values of one kind are written as they are."""

Read = Callable[[Any], Any]


def find_lean_way(field: GraphQLField) -> Read | None:
    """Tell how a field is read at once, if it can be."""
    read: Read | None = field.extensions.get(_LEAN)
    return read


def make_lean(schema: GraphQLSchema, names: NameConverter) -> None:
    """Give every field of a finished schema its cheapest way to a value."""
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind is schema.subscription_type:
            # What a subscription yields is not asked of a source: it is the source.
            continue
        for field in kind.fields.values():
            known = field.extensions.get(_STRAWBERRY)
            if isinstance(known, StrawberryField) and not known.extensions:
                field.resolve = _resolve_directly(known, field, names) or field.resolve
                read = _read_plainly(known, field)
                if read is not None:
                    field.extensions[_LEAN] = read


def _resolve_directly(
    known: StrawberryField, field: GraphQLField, names: NameConverter
) -> Callable[..., Any] | None:
    """Call a resolver that takes its arguments as they come; None where it does not."""
    resolver = known.base_resolver
    if resolver is None:
        name = known.python_name
        return lambda source, _info: getattr(source, name)
    is_plain = all(is_leaf_type(get_nullable_type(each.type)) for each in field.args.values())
    if not is_plain or not resolver.self_parameter or resolver.parent_parameter:
        return None
    python_names = {names.from_argument(each): each.python_name for each in known.arguments}
    call = cast("Callable[..., Any]", resolver.wrapped_func)
    info_parameter = resolver.info_parameter
    if info_parameter is None:
        return lambda source, _info, **given: call(
            source, **{python_names[name]: value for name, value in given.items()}
        )
    info_name = info_parameter.name

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        arguments = {python_names[name]: value for name, value in given.items()}
        arguments[info_name] = Info(_raw_info=info, _field=known)
        return call(source, **arguments)

    return resolve


def _read_plainly(known: StrawberryField, field: GraphQLField) -> Read | None:
    """Read an attribute of a plain kind, or ask a method for a leaf; None for other fields."""
    if known.base_resolver is not None:
        return _read_method(known.base_resolver, get_nullable_type(field.type))
    name, kind = known.python_name, get_nullable_type(field.type)
    if isinstance(kind, GraphQLEnumType):
        return _read_enum(name, kind)
    plain = _PLAIN_KINDS.get(getattr(kind, "name", ""))
    if plain is None:
        return None

    def read(source: Any) -> Any:
        value = getattr(source, name)
        return value if type(value) is plain else USUAL

    return read


def _read_method(resolver: StrawberryResolver[Any], kind: GraphQLNullableType) -> Read | None:
    """Ask a method that needs nothing but its object, and has its answer at once."""
    method = cast("Callable[..., Any]", resolver.wrapped_func)
    if method is Node.global_id:
        return lambda record: write_global_id(type(record), record.id)
    needs_more = resolver.arguments or resolver.info_parameter or resolver.parent_parameter
    if needs_more or resolver.is_async or not resolver.self_parameter or not is_leaf_type(kind):
        return None
    write = partial(Executor.complete_leaf_value, kind)

    def read(source: Any) -> Any:
        value = method(source)
        return USUAL if value is None else write(value)

    return read


def _read_enum(name: str, kind: GraphQLEnumType) -> Read:
    members = kind.extensions[_STRAWBERRY].wrapped_cls
    shown = {member: kind.coerce_output_value(member) for member in members}

    def read(source: Any) -> Any:
        value = getattr(source, name)
        return shown[value] if type(value) is members else USUAL

    return read
