"""Column types that every table shares: identifiers, choices and instants."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from models.naming import NAMING_CONVENTION

SQLModel.metadata.naming_convention = NAMING_CONVENTION


class OfPromoter:
    """Rows that belong to one promoter, by their column ``promoter_id``."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times, which would be read back as something else."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} names no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite forgets the offset, which was UTC; PostgreSQL gives that of the connection."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[StrEnum], name: str | None = None) -> Any:
    """Store a member of an enumeration as its text, checked by the database.

    Where two columns of a table hold the same kind, their checks need names of their own.
    """
    return _texts_of(kind, create_constraint=True, name=name or kind.__name__.lower())


def growing_choice(kind: type[StrEnum]) -> Any:
    """Store a member of an enumeration that grows with the program: no check holds its texts."""
    return _texts_of(kind, create_constraint=False)


def _texts_of(kind: type[StrEnum], **terms: Any) -> Any:
    return Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        **terms,
    )


def text_length(column: str, longest: int) -> CheckConstraint:
    """Bound a text, which SQLite would take at any length; an empty one says nothing."""
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length")


def sealed_account(sealed: str, index: str, masked: str) -> tuple[CheckConstraint, ...]:
    """Bound what is kept of an account: the number sealed, its index, and what may be shown."""
    return (
        CheckConstraint(f"length({sealed}) BETWEEN 45 AND 64", name="whole_seal"),
        CheckConstraint(f"length({index}) = 32", name="whole_index"),
        text_length(masked, 8),
    )


def place_on_earth() -> CheckConstraint:
    """Bound a place in degrees, where it is known."""
    return CheckConstraint(
        "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place_on_earth"
    )
