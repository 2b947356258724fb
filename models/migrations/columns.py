"""Columns that migrations write alike: the tenant, references to rows, instants."""

from typing import Any

import sqlalchemy as sa


def tenant() -> sa.Column[Any]:
    """Give the column of the promoter who owns a row."""
    return reference("promoter_id", "promoter", index=True)


def reference(
    column: str,
    table: str,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    unique: bool | None = None,
    index: bool | None = None,
) -> sa.Column[Any]:
    """Give a column that holds the id of a row of another table."""
    return sa.Column(
        column,
        sa.Uuid(),
        sa.ForeignKey(f"{table}.id"),
        nullable=nullable,
        primary_key=primary_key,
        unique=unique,
        index=index,
    )


def instant(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Give a column of points in time."""
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)
