"""Records by a key of theirs: the question that most requests ask, put together once a table."""

from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel, select

from models.tables.reach import KEPT

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
    found = session.scalars(_select_by_key(table, key, is_one=is_one), given)
    return {getattr(row, key): row for row in found}


@cache
def _select_by_key(table: Any, key: str, *, is_one: bool) -> Any:
    """Select by parameters alone: SQLAlchemy takes longer over a question than the database.

    A list of keys is written into the question each time, a single one is not.
    """
    column = getattr(table, key)
    given: Any = bindparam("keys", expanding=not is_one)
    is_wanted = column == given if is_one else column.in_(given)
    asked = select(table).where(table.promoter_id == bindparam("promoter_id"), is_wanted)
    return asked.execution_options(**{KEPT: True})
