"""Keyset pages: how every list that grows is read."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, tuple_
from sqlmodel import Session, SQLModel, select

from models.repositories.shown_rows import find_view
from models.values.listing import EVERYTHING, Direction, ListWish

Row = TypeVar("Row", bound=SQLModel)

SortKey = tuple[str | int | datetime, UUID]
"""Place of a row in its list: the value that orders it and, among equals, its id."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: how many rows, after which key (from the start when None), of what."""

    first: int
    after: SortKey | None = None
    wish: ListWish = EVERYTHING


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, the key of each, and whether more follow."""

    items: tuple[Row, ...]
    keys: tuple[SortKey, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A kind of list: whose rows it holds, the column that orders them, and then their id.

    What is large stays unread; a search looks into the searched columns.
    """

    table: type[Row]
    parent: str
    order: str
    newest_first: bool = False
    unread: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()

    def read_pages(
        self,
        session: Session,
        *conditions: ColumnElement[bool],
        parent_ids: Collection[UUID],
        request: PageRequest,
    ) -> dict[UUID, Page[Row]]:
        """Read the same page of many parents' lists in one query, an empty one for no rows."""
        table: Any = self.table
        order, is_falling = self._choose_order(request.wish)
        by = (getattr(table, order), table.id)
        sequence = [column.desc() if is_falling else column.asc() for column in by]
        parent = getattr(table, self.parent)
        wanted = [parent.in_(parent_ids), *conditions, *self._filter(request.wish)]
        if request.after is not None:
            values = zip(request.after, by, strict=True)
            key = tuple_(*(literal(value, column.type) for value, column in values))
            wanted.append(tuple_(*by) < key if is_falling else tuple_(*by) > key)
        view = find_view(session, self.table, "id", self.parent, order, unread=self.unread)
        rows = view.select().order_by(*sequence)
        if len(parent_ids) == 1:
            # One list is read from its index, as far as the page goes.
            rows = rows.where(*wanted).limit(request.first + 1)
        else:
            place = func.row_number().over(partition_by=parent, order_by=sequence)
            places = select(table.id, place.label("place")).where(*wanted).subquery()
            rows = rows.join(places, places.c.id == table.id)
            rows = rows.where(places.c.place <= request.first + 1)
        lists: dict[UUID, list[Row]] = {parent_id: [] for parent_id in parent_ids}
        for row in view.read(session, rows):
            lists[getattr(row, self.parent)].append(row)
        return {key: self._cut(found, request.first, order) for key, found in lists.items()}

    def count_rows(
        self,
        session: Session,
        *conditions: ColumnElement[bool],
        parent_ids: Collection[UUID],
        wish: ListWish = EVERYTHING,
    ) -> dict[UUID, int]:
        """Count many parents' rows in one query, zero for none."""
        parent = getattr(self.table, self.parent)
        wanted = (parent.in_(parent_ids), *conditions, *self._filter(wish))
        counts = select(parent, func.count()).where(*wanted)
        return dict.fromkeys(parent_ids, 0) | dict(session.exec(counts.group_by(parent)).all())

    def _choose_order(self, wish: ListWish) -> tuple[str, bool]:
        """Tell the column that orders the list, and whether its greatest comes first."""
        if wish.order is None:
            return self.order, self.newest_first
        return wish.order, wish.direction is Direction.DESCENDING

    def _filter(self, wish: ListWish) -> Iterator[ColumnElement[bool]]:
        """Yield what a row must fulfil."""
        for name, value in wish.equal:
            yield getattr(self.table, name) == value
        for name, is_empty in wish.empty:
            column = getattr(self.table, name)
            yield column.is_(None) if is_empty else column.is_not(None)
        for name, since, until in wish.within:
            column = getattr(self.table, name)
            yield column >= since
            if until is not None:
                yield column < until
        if wish.search is not None:
            columns = (getattr(self.table, name) for name in self.searched)
            yield or_(*(column.icontains(wish.search, autoescape=True) for column in columns))

    def _cut(self, rows: Sequence[Row], first: int, order: str) -> Page[Row]:
        items = tuple(rows[:first])
        return Page(
            items,
            keys=tuple(map(attrgetter(order, "id"), items)),
            has_next=len(rows) > first,
        )
