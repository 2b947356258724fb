"""Keyset pages: how every list that grows is read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, tuple_
from sqlalchemy.orm import defer
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlmodel import Session, SQLModel, select

Row = TypeVar("Row", bound=SQLModel)

SortKey = tuple[str | int | datetime, UUID]
"""Place of a row in its list: the value that orders it and, among equals, its id."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: how many rows, and after which key (from the start when None)."""

    first: int
    after: SortKey | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, the key of each, and whether more follow."""

    items: tuple[Row, ...]
    keys: tuple[SortKey, ...]
    has_next: bool


def leave_unread(table: type[SQLModel], columns: Sequence[str]) -> list[_AbstractLoad]:
    """Leave columns out of a question; whoever reads one all the same is refused."""
    return [defer(getattr(table, name), raiseload=True) for name in columns]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A kind of list: whose rows it holds, the column that orders them, and then their id.

    What is large stays unread.
    """

    table: type[Row]
    parent: str
    order: str
    newest_first: bool = False
    unread: tuple[str, ...] = ()

    def read_pages(
        self,
        session: Session,
        *conditions: ColumnElement[bool],
        parent_ids: Collection[UUID],
        request: PageRequest,
    ) -> dict[UUID, Page[Row]]:
        """Read the same page of many parents' lists in one query, an empty one for no rows."""
        table: Any = self.table
        by = (getattr(table, self.order), table.id)
        sequence = [column.desc() if self.newest_first else column.asc() for column in by]
        parent = getattr(self.table, self.parent)
        place = func.row_number().over(partition_by=parent, order_by=sequence).label("place")
        listed = select(by[1], place).where(parent.in_(parent_ids), *conditions)
        if request.after is not None:
            values = zip(request.after, by, strict=True)
            key = tuple_(*(literal(value, column.type) for value, column in values))
            listed = listed.where(tuple_(*by) < key if self.newest_first else tuple_(*by) > key)
        places = listed.subquery()
        rows = (
            select(self.table)
            .join(places, places.c.id == table.id)
            .where(places.c.place <= request.first + 1)
            .order_by(*sequence)
            .options(*leave_unread(self.table, self.unread))
        )
        lists: dict[UUID, list[Row]] = {parent_id: [] for parent_id in parent_ids}
        for row in session.exec(rows):
            lists[getattr(row, self.parent)].append(row)
        return {parent_id: self._cut(found, request.first) for parent_id, found in lists.items()}

    def count_rows(
        self, session: Session, *conditions: ColumnElement[bool], parent_ids: Collection[UUID]
    ) -> dict[UUID, int]:
        """Count many parents' rows in one query, zero for none."""
        parent = getattr(self.table, self.parent)
        counts = select(parent, func.count()).where(parent.in_(parent_ids), *conditions)
        return dict.fromkeys(parent_ids, 0) | dict(session.exec(counts.group_by(parent)).all())

    def _cut(self, rows: Sequence[Row], first: int) -> Page[Row]:
        items = tuple(rows[:first])
        return Page(
            items,
            keys=tuple(map(attrgetter(self.order, "id"), items)),
            has_next=len(rows) > first,
        )
