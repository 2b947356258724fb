"""Records by a key of theirs: the question that most requests ask, put together once a table."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.orm import load_only
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlmodel import Session, SQLModel, select

from models.session import find_shown
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
    shown = find_shown(session, table)
    found = session.scalars(_select_by_key(table, key, shown, is_one=is_one), given)
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
        asked = _select_by_key(table, key, find_shown(session, table), order=order)
        for row in session.scalars(asked, given):
            groups[getattr(row, key)].append(row)
    return groups


def leave_unshown(table: Any, shown: frozenset[str] | None, *needed: str) -> list[_AbstractLoad]:
    """Read the columns that are shown, and those that the question itself needs.

    Whoever reads another all the same is refused.
    """
    if shown is None:
        return []
    columns = [getattr(table, name) for name in sorted(shown.union(needed))]
    return [load_only(*columns, raiseload=True)]


@lru_cache(maxsize=_KEPT_QUESTIONS)
def _select_by_key(
    table: Any,
    key: str,
    shown: frozenset[str] | None,
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
    asked = select(table).where(table.promoter_id == bindparam("promoter_id"), is_wanted)
    asked = asked.order_by(*(_order(table, name) for name in order))
    asked = asked.options(*leave_unshown(table, shown, key))
    return asked.execution_options(**{KEPT: True})


def _order(table: Any, name: str) -> Any:
    column = getattr(table, name.removeprefix("-"))
    return column.desc() if name.startswith("-") else column
