"""E-mails that wait to be sent, each once, and what the mail server said to every attempt."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.tables.ordered_ids import make_ordered_id
from models.values.language import Language


class MessageState(StrEnum):
    """Where an e-mail stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class OutboxMessage(OfPromoter, SQLModel, table=True):
    """An e-mail to one recipient; what it says never changes."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("promoter_id", "idempotency_key"),
        Index("ix_outbox_message_due", "state", "due_at", "id"),
        text_length("kind", 32),
        text_length("idempotency_key", 200),
        text_length("recipient", 254),
        text_length("subject", 200),
        text_length("body", 10_000),
        text_length("message_id", 250),
        text_length("failed_because", 500),
        CheckConstraint("attempts >= 0", name="counted_attempts"),
        CheckConstraint("(lease_until IS NULL) = (worker IS NULL)", name="lease_has_worker"),
        CheckConstraint(
            "state IN ('waiting', 'sending') OR lease_until IS NULL", name="ended_has_no_lease"
        ),
        CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name="sending_has_lease"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_instant"),
        CheckConstraint(
            "(state = 'failed') = (failed_because IS NOT NULL)", name="failed_has_reason"
        ),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    kind: str = Field(max_length=32)
    idempotency_key: str = Field(max_length=200)
    recipient: str = Field(max_length=254)
    language: Language = Field(sa_type=choice(Language))
    subject: str = Field(max_length=200)
    body: str = Field(max_length=10_000)
    account_id: UUID | None = Field(default=None, foreign_key="creditor_account.id")
    """Account that the text shows masked and tells whole when it leaves."""
    message_id: str = Field(max_length=250, unique=True)
    """Its Message-ID, the same however often it is sent."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    """When somebody last asked for it to be sent."""
    due_at: datetime = Field(sa_type=UtcDateTime)
    """Instant before which nobody tries it."""
    state: MessageState = Field(default=MessageState.WAITING, sa_type=choice(MessageState))
    attempts: int = 0
    """How many workers have begun to send it."""
    worker: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_because: str | None = Field(default=None, max_length=500)


class OutboxAttachment(OfPromoter, SQLModel, table=True):
    """An invoice whose PDF goes with an e-mail; it never changes."""

    __tablename__ = "outbox_attachment"
    __table_args__ = (
        UniqueConstraint("message_id", "invoice_id"),
        CheckConstraint("position >= 0", name="counted_position"),
    )

    message_id: UUID = Field(foreign_key="outbox_message.id", primary_key=True)
    position: int = Field(primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", index=True)


class AttemptOutcome(StrEnum):
    """What became of an attempt to send an e-mail."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class OutboxAttempt(OfPromoter, SQLModel, table=True):
    """What the mail server answered, without addresses; only ever appended."""

    __tablename__ = "outbox_attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number", "outcome"),
        CheckConstraint("number >= 1", name="counted_number"),
        CheckConstraint("reply_code BETWEEN 100 AND 599", name="three_digits"),
        CheckConstraint("length(content_sha256) = 64", name="whole_digest"),
        text_length("answer", 500),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    message_id: UUID = Field(foreign_key="outbox_message.id", index=True)
    number: int
    """Which attempt of the e-mail it was, from 1."""
    outcome: AttemptOutcome = Field(sa_type=choice(AttemptOutcome))
    reply_code: int | None = None
    """Of SMTP; None when the server did not answer."""
    answer: str = Field(max_length=500)
    content_sha256: str | None = Field(default=None, max_length=64)
    """Digest of what was sent, attachments and all; None when it did not come to that."""
    ended_at: datetime = Field(sa_type=UtcDateTime)
