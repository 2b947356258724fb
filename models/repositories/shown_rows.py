"""Rows in place of records where only some columns are shown: a record takes longer to make."""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.orm import defer
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlmodel import Session, select

from models.session import find_shown
from models.tables.reach import read_rows

_KEPT_VIEWS = 1_000
"""Callers choose the columns that they are shown, and so how many views there are."""


class View(NamedTuple):
    """What of a table is read, and what is made of each row; records themselves without columns."""

    selected: tuple[Any, ...]
    make: Callable[[Any], Any] | None = None
    unread: tuple[_AbstractLoad, ...] = ()

    def select(self) -> Any:
        """Begin a question for what it holds."""
        return select(*self.selected).options(*self.unread)

    def read(self, session: Session, asked: Any, given: Any = None) -> Iterable[Any]:
        """Ask for what is selected, and give records or rows."""
        if self.make is None:
            return session.scalars(asked, given)
        return map(self.make, read_rows(session, asked, given))


def leave_unread(table: type, columns: Iterable[str]) -> list[_AbstractLoad]:
    """Leave columns out of a question; whoever reads one all the same is refused."""
    return [defer(getattr(table, name), raiseload=True) for name in columns]


def find_view(session: Session, table: type, *needed: str, unread: Iterable[str] = ()) -> View:
    """Choose what is read of a table: what the session shows, and what the question needs."""
    shown = find_shown(session, table)
    if shown is None:
        return View((table,), unread=tuple(leave_unread(table, unread)))
    return _make_view(table, shown.difference(unread).union(needed))


@lru_cache(maxsize=_KEPT_VIEWS)
def _make_view(table: type, columns: frozenset[str]) -> View:
    names = sorted(columns)
    make_kind: Any = namedtuple
    row = make_kind(f"{table.__name__}Row", names)
    row.shown_table = table
    return View(tuple(getattr(table, name) for name in names), row._make)
