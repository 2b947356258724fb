"""Work that runs outside a request, and the files that it starts from."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class JobRun(OfPromoter, SQLModel, table=True):
    """One piece of work: what it is, how far it is, and how it ended."""

    __tablename__ = "job_run"
    __table_args__ = (
        Index(
            "ix_job_run_deduplication",
            "promoter_id",
            "deduplication_key",
            unique=True,
            sqlite_where=text("state <> 'failed'"),
            postgresql_where=text("state <> 'failed'"),
        ),
        Index("ix_job_run_waiting", "state", "created_at", "id"),
        Index(
            "ix_job_run_upload",
            "upload_id",
            sqlite_where=text("upload_id IS NOT NULL"),
            postgresql_where=text("upload_id IS NOT NULL"),
        ),
        CheckConstraint("progress_share BETWEEN 0 AND 1", name="progress_is_a_share"),
        CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"
        ),
        CheckConstraint(
            "(state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)",
            name="ended_has_instant",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    kind: str = Field(max_length=64)
    arguments: dict[str, object] = Field(sa_type=JSON)
    upload_id: UUID | None = None
    """The upload that it reads; it may be gone once the job has ended."""
    community_id: UUID | None = Field(default=None, index=True)
    """The one community that it is about; None of those about several, or about none."""
    asked_by: UUID | None = None
    """The account that asked for it; None for programs, and for what runs by the clock."""
    correlation_id: str | None = Field(default=None, max_length=64)
    """Of the request or command that asked for it, as the log and the audit trail have it."""
    traceparent: str | None = Field(default=None, max_length=55)
    """Of the span within which it was asked for (W3C Trace Context), where those are collected."""
    deduplication_key: str | None = Field(default=None, max_length=200)
    state: JobState = Field(default=JobState.QUEUED, sa_type=choice(JobState), index=True)
    progress_share: float = 0.0
    stage: str | None = Field(default=None, max_length=200)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Instant before which nobody takes it: when it is tried again, or its turn comes."""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    worker: str | None = Field(default=None, max_length=100)
    error_code: str | None = Field(default=None, max_length=64)
    error_message: str | None = None
    result_id: UUID | None = None
    """The community, the proposal or the study that it made."""
    report: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Upload(OfPromoter, SQLModel, table=True):
    """An archive that a caller sent, kept beside the database until its import has ended."""

    __tablename__ = "upload"
    __table_args__ = (text_length("file_name", 200),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size_bytes: int = Field(sa_type=BigInteger)
    sent_by: UUID | None = None
    """The account that sent it; None for programs."""
    created_at: datetime = Field(sa_type=UtcDateTime)
