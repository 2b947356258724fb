"""What was sent to the tax agency, or would be, and what it answered to each record."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.tables.ordered_ids import make_ordered_id


class SubmissionState(StrEnum):
    """What became of a message to the tax agency."""

    STORED = "stored"
    """Nothing is sent: this is what would be."""
    SENDING = "sending"
    """It is on its way, or whoever sent it stopped before the answer."""
    ANSWERED = "answered"
    """The agency answered for its records."""
    REFUSED = "refused"
    """The agency took none of it."""
    UNCERTAIN = "uncertain"
    """No answer came that can be read: the agency may have it."""


class AgencySubmission(OfPromoter, SQLModel, table=True):
    """A message with records of one chain; what it holds never changes."""

    __tablename__ = "agency_submission"
    __table_args__ = (
        CheckConstraint(
            "first_position >= 1 AND last_position >= first_position", name="counted_positions"
        ),
        CheckConstraint(
            "(state = 'stored') = (sent_at IS NULL) AND (state = 'stored') = (attempts = 0)",
            name="sent_has_instant",
        ),
        CheckConstraint(
            "(state = 'answered') = (wait_seconds IS NOT NULL)"
            " AND (state = 'answered') = (answer IS NOT NULL)",
            name="answered_says_when_next",
        ),
        CheckConstraint(
            "(state IN ('refused', 'uncertain')) = (reason IS NOT NULL)", name="failure_says_why"
        ),
        text_length("receipt", 100),
        text_length("reason", 500),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    tax_number: str = Field(max_length=9)
    """NIF of the issuer, whose chain it is of."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    first_position: int
    last_position: int
    """Places in the chain of its first and last record."""
    has_incident: bool
    """Whether it says that its records are late."""
    content: bytes
    """The message, as it is sent."""
    state: SubmissionState = Field(sa_type=choice(SubmissionState))
    attempts: int = 0
    """How often it was sent since the agency last answered."""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was last sent."""
    answer: bytes | None = None
    """What the agency said, as it came."""
    receipt: str | None = Field(default=None, max_length=100)
    """The agency's verification code (CSV)."""
    wait_seconds: int | None = None
    """How long the agency asks to wait before the next message."""
    reason: str | None = Field(default=None, max_length=500)
    """Why it failed."""


class AgencyStatus(StrEnum):
    """What the tax agency made of a record."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REFUSED = "refused"


class AgencyAnswer(OfPromoter, SQLModel, table=True):
    """The tax agency's answer to one record; a record without one is waiting."""

    __tablename__ = "agency_answer"
    __table_args__ = (text_length("error_text", 1500),)

    record_id: UUID = Field(foreign_key="fiscal_record.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    submission_id: UUID = Field(foreign_key="agency_submission.id", index=True)
    status: AgencyStatus = Field(sa_type=choice(AgencyStatus))
    error_code: int | None = None
    error_text: str | None = Field(default=None, max_length=1500)
    is_duplicate: bool
    """Whether the agency said that it had the record already."""
    answered_at: datetime = Field(sa_type=UtcDateTime)
