"""What happened that somebody may want to know at once, in the order in which it was stored."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice


class NotificationKind(StrEnum):
    """What happened."""

    JOB_SUCCEEDED = "job_succeeded"
    JOB_FAILED = "job_failed"
    MESSAGE_FAILED = "message_failed"
    MESSAGE_UNCERTAIN = "message_uncertain"
    SUBMISSION_FAILED = "submission_failed"
    RECORD_REFUSED = "record_refused"
    RECORD_FAULTY = "record_faulty"


class Notification(OfPromoter, SQLModel, table=True):
    """One thing that happened to one record; it never changes."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("promoter_id", "position"),
        CheckConstraint("position >= 1", name="counted_position"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    position: int = Field(sa_type=BigInteger)
    """Its place among the promoter's: whoever has read one has read all of lower places."""
    kind: NotificationKind = Field(sa_type=choice(NotificationKind))
    subject_id: UUID
    """The job, e-mail, message to the tax agency or invoice; it may be gone."""
    noted_at: datetime = Field(sa_type=UtcDateTime)
