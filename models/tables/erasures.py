"""People of whom nothing is kept any more but what the law wants: who, when, and how much went."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime


class Erasure(OfPromoter, SQLModel, table=True):
    """The erasure of a member, by ids alone.

    Until ``erased_at`` is set, in the transaction that begins it, the seals let rows of that
    member go.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("cleared_at IS NULL OR erased_at IS NOT NULL", name="rows_before_files"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", unique=True)
    account_id: UUID | None = None
    """Who asked for it, if somebody was signed in."""
    begun_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When no row told of the person any more."""
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When no file did, nor any page of the database."""
    counts: dict[str, Any] = Field(sa_type=JSON)
    """How many rows went, were blanked and stayed, by table."""
    files: dict[str, Any] = Field(sa_type=JSON)
    """Ids of the files beside the database that are to go, by folder."""
