"""Lists as Relay connections with keyset cursors: a page costs the same wherever it lies."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from models.values.errors import InvalidArgumentError

DEFAULT_PAGE = 25
LARGEST_PAGE = 100

First = Annotated[
    int | None, strawberry.argument(description="How many items at most, from 0 to 100.")
]
After = Annotated[
    str | None, strawberry.argument(description="Cursor of the item after which the page begins.")
]

NodeT = TypeVar("NodeT")
Place = tuple[str | int | datetime, UUID]
"""The value that orders an item in its list, and its id."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_INT = 2**53


class PageSizeError(InvalidArgumentError):
    """More items were asked for than a page may hold, or fewer than none."""

    def __init__(self, first: int) -> None:
        super().__init__(f"first: {first} is not between 0 and {LARGEST_PAGE}")
        self.first = first
        self.most = LARGEST_PAGE


class TooManyIdsError(InvalidArgumentError):
    """More things were asked for by their ids than at once may be."""

    def __init__(self, count: int) -> None:
        super().__init__(f"ids: {count} are more than {LARGEST_PAGE}: ask for fewer at once")
        self.count = count
        self.most = LARGEST_PAGE


class InvalidCursorError(InvalidArgumentError):
    """A cursor was not given out by this list."""

    def __init__(self, cursor: str) -> None:
        super().__init__("after: not a cursor of this list; pass the endCursor of its pageInfo")
        self.cursor = cursor


@strawberry.type(description="One item of a list and its place in it.")
class Edge(Generic[NodeT]):
    """An item with its cursor, which is written when somebody asks for it."""

    node: NodeT = strawberry.field(description="The item.")
    write_cursor: strawberry.Private[Callable[[], str]]

    @strawberry.field(description="Opaque place of the item in the list.")
    def cursor(self) -> str:
        """Write it."""
        return self.write_cursor()


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """What a client needs to ask for the next page."""

    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether the page began after a cursor.")
    edges: strawberry.Private[Sequence[Edge[Any]]]

    @strawberry.field(description="Cursor of the page's first item.")
    def start_cursor(self) -> str | None:
        """Write it."""
        return self.edges[0].write_cursor() if self.edges else None

    @strawberry.field(description="Cursor of the page's last item; pass it as `after` to read on.")
    def end_cursor(self) -> str | None:
        """Write it."""
        return self.edges[-1].write_cursor() if self.edges else None


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeT]):
    """A page, and the size of the whole list when somebody asks for it."""

    edges: list[Edge[NodeT]] = strawberry.field(description="The items of the page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="Number of items in the whole list.")
    async def total_count(self) -> int:
        """Count the whole list."""
        return await self.count()


def read_page_size(first: int | None) -> int:
    """Tell how many items are wanted, and refuse a page that is too large."""
    size = DEFAULT_PAGE if first is None else first
    if not 0 <= size <= LARGEST_PAGE:
        raise PageSizeError(size)
    return size


def connect(
    edges: list[Edge[NodeT]],
    *,
    has_next: bool,
    after: str | None,
    count: Callable[[], Awaitable[int]],
) -> Connection[NodeT]:
    """Put a page together."""
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=after is not None,
            edges=edges,
        ),
        count=count,
    )


def paginate(items: Sequence[NodeT], first: int | None, after: str | None) -> Connection[NodeT]:
    """Cut a page out of a list that is at hand as a whole."""
    size = read_page_size(first)
    start = _read_index(after, len(items)) if after is not None else 0
    shown = [
        Edge(node=item, write_cursor=partial(_seal, [start + place]))
        for place, item in enumerate(items[start : start + size])
    ]

    async def count() -> int:
        return len(items)

    return connect(shown, has_next=start + size < len(items), after=after, count=count)


def write_cursor(listing: str, place: Place) -> str:
    """Seal a place in a list into an opaque text."""
    value, item_id = place
    plain = (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value
    return _seal([listing, type(value).__name__, plain, str(item_id)])


def read_cursor(listing: str, kind: type, cursor: str) -> Place:
    """Open a cursor that this very list gave out, before the database sees what is inside."""
    match _open(cursor):
        case [str(name), str(named_kind), value, str(item_id)] if (
            name == listing and named_kind == kind.__name__
        ):
            return _restore(kind, value, cursor), _restore_id(item_id, cursor)
        case _:
            raise InvalidCursorError(cursor)


def _restore(kind: type, value: object, cursor: str) -> str | int | datetime:
    if kind is str and isinstance(value, str):
        return value
    if kind is not str and type(value) is int and 0 <= value <= _LARGEST_INT:
        return value if kind is int else _EPOCH + value * _MICROSECOND
    raise InvalidCursorError(cursor)


def _restore_id(text: str, cursor: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidCursorError(cursor) from error


def _read_index(cursor: str, size: int) -> int:
    match _open(cursor):
        case [int(index)] if type(index) is int and 0 <= index < size:
            return index + 1
        case _:
            raise InvalidCursorError(cursor)


def _seal(content: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode()


def _open(cursor: str) -> object:
    try:
        return orjson.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeEncodeError, orjson.JSONDecodeError) as error:
        raise InvalidCursorError(cursor) from error
