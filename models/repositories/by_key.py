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
    given = {"promoter_id": promoter_id, "keys": list(keys)}
    found = session.scalars(_select_by_key(table, key), given)
    return {getattr(row, key): row for row in found}


@cache
def _select_by_key(table: Any, key: str) -> Any:
    """Select by parameters alone: SQLAlchemy takes longer over a question than the database."""
    asked = select(table).where(
        table.promoter_id == bindparam("promoter_id"),
        getattr(table, key).in_(bindparam("keys", expanding=True)),
    )
    return asked.execution_options(**{KEPT: True})
