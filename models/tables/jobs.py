"""Work that runs outside a request, and the files that it starts from."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import UtcDateTime, choice


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class JobRun(SQLModel, table=True):
    """One piece of work: what it is, how far it is, and how it ended."""

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("promoter_id", "deduplication_key"),
        CheckConstraint("progress_share BETWEEN 0 AND 1", name="progress_is_a_share"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    kind: str = Field(max_length=64)
    arguments: dict[str, object] = Field(sa_type=JSON)
    deduplication_key: str | None = Field(default=None, max_length=200)
    state: JobState = Field(default=JobState.QUEUED, sa_type=choice(JobState), index=True)
    progress_share: float = 0.0
    stage: str | None = Field(default=None, max_length=200)
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    worker: str | None = Field(default=None, max_length=100)
    error_code: str | None = Field(default=None, max_length=64)
    error_message: str | None = None
    result_id: UUID | None = None
    """The community or the proposal that it made."""
    report: dict[str, object] | None = Field(default=None, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Upload(SQLModel, table=True):
    """An archive that a caller sent, kept beside the database until it is imported."""

    __tablename__ = "upload"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size_bytes: int
    created_at: datetime = Field(sa_type=UtcDateTime)
