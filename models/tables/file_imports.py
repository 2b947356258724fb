"""Files that were taken in, and what became of each."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.tables.ordered_ids import make_ordered_id


class ImportSubject(StrEnum):
    """What a file brought."""

    READINGS = "readings"
    PRICES = "prices"
    MEMBERS = "members"
    COEFFICIENTS = "coefficients"


class FileImport(OfPromoter, SQLModel, table=True):
    """A file that was stored for a community, known again by its content and options."""

    __tablename__ = "file_import"
    __table_args__ = (
        UniqueConstraint("community_id", "sha256", "options_sha256"),
        CheckConstraint("length(sha256) = 64 AND length(options_sha256) = 64", name="whole_digest"),
        CheckConstraint("accepted_count >= 0 AND rejected_count >= 0", name="counted_rows"),
        text_length("file_name", 200),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    subject: ImportSubject = Field(sa_type=choice(ImportSubject))
    format: str = Field(max_length=64)
    """Name of its format, as detection gives it."""
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    options: dict[str, object] = Field(sa_type=JSON)
    """How it was read: a mapping of columns, what consumption means, what was left out."""
    options_sha256: str = Field(max_length=64)
    accepted_count: int
    rejected_count: int
    report: dict[str, object] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
