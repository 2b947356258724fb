"""Who did what, when: entries that are only added, each chained to the one before it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, growing_choice, text_length
from models.values.access import Role
from models.values.audit import AuditChannel, AuditOutcome
from models.values.errors import ErrorCode


class AuditEntry(OfPromoter, SQLModel, table=True):
    """One thing that was done or refused; it holds ids, never a name or a value.

    Accounts and tokens are named without a foreign key: an entry outlives both, and must not keep
    the account of a person from being erased.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("promoter_id", "position"),
        Index(
            "ix_audit_entry_position_of_installation",
            "position",
            unique=True,
            sqlite_where=text("promoter_id IS NULL"),
            postgresql_where=text("promoter_id IS NULL"),
        ),
        CheckConstraint("position >= 1", name="counted_position"),
        CheckConstraint("(position = 1) = (previous_hash IS NULL)", name="first_has_no_previous"),
        CheckConstraint("length(hash) = 64", name="whole_hash"),
        CheckConstraint("account_id IS NULL OR token_id IS NULL", name="one_actor"),
        CheckConstraint("(outcome = 'refused') = (error_code IS NOT NULL)", name="refusal_said"),
        CheckConstraint(
            "subject_count >= 0 AND (subject_count = 0) = (subjects IS NULL)",
            name="counted_subjects",
        ),
        text_length("action", 100),
        text_length("error_code", 32),
        text_length("subjects", 4000),
        text_length("correlation_id", 64),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id")
    """Whose chain; the installation's own when None."""
    position: int = Field(sa_type=BigInteger)
    """Its place in that chain, from 1 on."""
    at: datetime = Field(sa_type=UtcDateTime)
    channel: AuditChannel = Field(sa_type=choice(AuditChannel))
    actor_role: Role | None = Field(default=None, sa_type=choice(Role))
    """What kind of caller it was; None at the command line and of jobs."""
    account_id: UUID | None = None
    """Who it was, if somebody had signed in."""
    token_id: UUID | None = None
    """By which token it came."""
    action: str = Field(max_length=100)
    """Root field, command, kind of job, method and route of a file, or event."""
    outcome: AuditOutcome = Field(sa_type=choice(AuditOutcome))
    error_code: ErrorCode | None = Field(default=None, sa_type=growing_choice(ErrorCode))
    subjects: str | None = Field(default=None, max_length=4000)
    """The first rows that were changed or handed out, ``table:id`` with blanks between."""
    subject_count: int = 0
    """How many there were."""
    correlation_id: str = Field(max_length=64)
    """What all that one request, command or job did has in common."""
    previous_hash: str | None = Field(default=None, max_length=64)
    hash: str = Field(max_length=64)
    """Digest of all the others; ``api/services/audit/entry_hash.py`` tells how."""
