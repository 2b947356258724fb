"""What runs by the clock, and what was asked of others when."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime


class ScheduledSlot(SQLModel, table=True):
    """A periodic piece of work whose turn came; whoever stores it first asks for the jobs."""

    __tablename__ = "scheduled_slot"

    name: str = Field(max_length=64, primary_key=True)
    due_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)


class RemoteQuery(OfPromoter, SQLModel, table=True):
    """A question to a service that refuses the same one too soon."""

    __tablename__ = "remote_query"

    promoter_id: UUID = Field(foreign_key="promoter.id", primary_key=True)
    key_sha256: str = Field(max_length=64, primary_key=True)
    """Digest of the service and the question: it may name people."""
    asked_at: datetime = Field(sa_type=UtcDateTime)
