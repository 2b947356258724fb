"""Everything with an id of its own: global ids, and which GraphQL type shows which record.

Resolvers hand records on as they are stored. A GraphQL type declares the columns that the schema
shows, privately those that its resolvers need, and adds what hangs on the record.
"""

import base64
import binascii
from collections.abc import Callable
from typing import TypeVar, cast
from uuid import UUID

import strawberry
from sqlmodel import SQLModel

from models.values.errors import CommunityError

TypeT = TypeVar("TypeT", bound=type)

NOTHING = UUID(int=0)
"""Key of no record."""

_TABLES: dict[str, type[SQLModel]] = {}
_NAMES: dict[type[SQLModel], str] = {}


@strawberry.interface(description="Something with an id of its own, to be had by `node(id:)`.")
class Node:
    """A record that can be asked for again."""

    id: strawberry.Private[UUID]

    @strawberry.field(name="id", description="Global id: opaque, and unique among all types.")
    def global_id(self) -> strawberry.ID:
        """Seal the type and the key of the record, for it is a record that resolvers see."""
        return strawberry.ID(write_global_id(cast("type[SQLModel]", type(self)), self.id))


def shows(table: type[SQLModel]) -> Callable[[TypeT], TypeT]:
    """Say which kind of record a node type shows; stands below ``strawberry.type``."""

    def register(shown: TypeT) -> TypeT:
        def is_type_of(record: object, _info: object) -> bool:
            return isinstance(record, table)

        shown.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]
        _TABLES[shown.__name__] = table
        _NAMES[table] = shown.__name__
        return shown

    return register


def find_table(name: str) -> type[SQLModel] | None:
    """Find the kind of record of a table; None where no type shows it."""
    return next((table for table in _NAMES if table.__tablename__ == name), None)


def find_shown_table(name: str) -> type[SQLModel] | None:
    """Find the kind of record that a type shows; None for a type that shows none."""
    return _TABLES.get(name)


def name_type(table: type[SQLModel]) -> str:
    """Name the type that shows a kind of record."""
    return _NAMES[table]


def write_global_id(table: type[SQLModel], key: UUID) -> str:
    """Seal the name of a record's type and its key; a row stands for a record of its table."""
    name = _NAMES.get(table) or _NAMES[table.shown_table]  # type: ignore[attr-defined]
    return base64.urlsafe_b64encode(f"{name}:{key}".encode()).decode()


def read_global_id(text: str) -> tuple[type[SQLModel], UUID] | None:
    """Open a global id; None for any text that is not one."""
    try:
        opened = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()
        type_name, _, key = opened.partition(":")
        return _TABLES[type_name], UUID(key)
    except (binascii.Error, ValueError, KeyError):
        return None


def read_key(table: type[SQLModel], text: str) -> UUID | None:
    """Open a global id of one type; None for any other text."""
    opened = read_global_id(text)
    return opened[1] if opened is not None and opened[0] is table else None


def open_key(table: type[SQLModel], text: str | None) -> UUID | None:
    """Open the id by which a list is narrowed; what is none of the type names nothing."""
    return None if text is None else read_key(table, text) or NOTHING


def require_key(
    table: type[SQLModel], text: str, unknown: Callable[[UUID | None], CommunityError]
) -> UUID:
    """Open an id of one type, or say that there is no such record."""
    key = read_key(table, text)
    if key is None:
        raise unknown(None)
    return key
