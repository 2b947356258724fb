"""Records by a key of theirs: the question that most requests ask, put together once a table."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel

from models.repositories.shown_rows import View, find_view
from models.tables.reach import KEPT

_KEPT_QUESTIONS = 1_000
"""Callers choose the columns that they are shown, and so how many questions there are."""

Row = TypeVar("Row", bound=SQLModel)


def map_by_key(
    session: Session,
    table: type[Row],
    keys: Collection[Any],
    *,
    promoter_id: UUID,
    key: str = "id",
) -> dict[Any, Row]:
    """Read the promoter's records whose column holds one of the keys; without asking for none."""
    if not keys:
        return {}
    wanted = list(keys)
    is_one = len(wanted) == 1
    given = {"promoter_id": promoter_id, "keys": wanted[0] if is_one else wanted}
    view = find_view(session, table, key)
    found = view.read(session, _select_by_key(table, key, view, is_one=is_one), given)
    return {getattr(row, key): row for row in found}


def group_by_key(
    session: Session,
    table: type[Row],
    keys: Collection[Any],
    *,
    promoter_id: UUID,
    key: str,
    order: tuple[str, ...],
) -> dict[Any, list[Row]]:
    """Read the promoter's records that hang on each of the keys, in the order of some columns.

    A column that begins with a minus falls. A key on which nothing hangs has an empty list.
    """
    groups: dict[Any, list[Row]] = {each: [] for each in keys}
    if groups:
        given = {"promoter_id": promoter_id, "keys": list(groups)}
        view = find_view(session, table, key)
        asked = _select_by_key(table, key, view, order=order)
        for row in view.read(session, asked, given):
            groups[getattr(row, key)].append(row)
    return groups


@lru_cache(maxsize=_KEPT_QUESTIONS)
def _select_by_key(
    table: Any,
    key: str,
    view: View,
    *,
    is_one: bool = False,
    order: tuple[str, ...] = (),
) -> Any:
    """Select by parameters alone: SQLAlchemy takes longer over a question than the database.

    A list of keys is written into the question each time, a single one is not.
    """
    column = getattr(table, key)
    given: Any = bindparam("keys", expanding=not is_one)
    is_wanted = column == given if is_one else column.in_(given)
    asked = view.select().where(table.promoter_id == bindparam("promoter_id"), is_wanted)
    asked = asked.order_by(*(_order(table, name) for name in order))
    return asked.execution_options(**{KEPT: True})


def _order(table: Any, name: str) -> Any:
    column = getattr(table, name.removeprefix("-"))
    return column.desc() if name.startswith("-") else column
